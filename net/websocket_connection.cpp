#include "net/websocket_connection.hpp"

#include <deque>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace reverie {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

// For the answer to the handshake, and for the client's half of the goodbye.
constexpr std::chrono::seconds handshake_time{5};
// For the goodbye of a server that ends.
constexpr std::chrono::seconds farewell_time{2};

// Of a message at once, and what stays reserved for the next one.
constexpr std::size_t read_bytes_max = 64U << 10;
constexpr std::size_t input_bytes_kept = read_bytes_max;

// As Beast's reader of handshakes wants it; what the client sent was checked before.
http::request<http::empty_body> handshake_request(const WebSocketHandshake& handshake) {
  http::request<http::empty_body> request{http::verb::get, "/", 11};
  request.set(http::field::host, "reverie");
  request.set(http::field::connection, "upgrade");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::sec_websocket_key, handshake.key);
  return request;
}

class BeastWebSocket final : public WebSocketConnection,
                             public std::enable_shared_from_this<BeastWebSocket> {
 public:
  BeastWebSocket(asio::ip::tcp::socket socket, WebSocketLimits limits,
                 std::shared_ptr<WebSocketHandler> handler, OnEnd on_end)
    : limits_(limits),
      stream_(std::move(socket)),
      farewell_(stream_.get_executor()),
      handler_(std::move(handler)),
      on_end_(std::move(on_end)) {}

  void start(const WebSocketHandshake& handshake, const Headers& headers) override {
    // A ping after half of the idle time, and the end after all of it.
    stream_.set_option(
      websocket::stream_base::timeout{handshake_time, 2 * limits_.ping_time, true});
    stream_.set_option(websocket::stream_base::decorator(
      [headers, protocol = handshake.protocol](websocket::response_type& response) {
        for (const Header& header : headers) response.insert(header.name, header.value);
        if (!protocol.empty()) response.set(http::field::sec_websocket_protocol, protocol);
        response.set(http::field::server, "reverie");
      }));
    stream_.read_message_max(0);  // ours is in on_piece()
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.async_accept(handshake_request(handshake),
                         [self = shared_from_this()](const error_code& error) {
                           if (error) return self->finish(true);
                           self->on_accepted();
                         });
  }

  void send(std::string text, std::shared_ptr<SentListener> listener) override {
    if (is_over_ || is_closing_) return;
    queue_bytes_ += text.size();
    queue_.push_back({std::move(text), std::move(listener)});
    write();
  }

  void close(CloseCode code, std::string_view reason) override {
    if (is_over_ || is_closing_) return;
    is_closing_ = true;
    reason_ = websocket::close_reason(static_cast<websocket::close_code>(code),
                                      boost::beast::string_view(reason.data(), reason.size()));
    if (is_accepted_ && !is_writing_ && queue_.empty()) say_goodbye();
  }

  void drop() override { finish(true); }

  void on_server_stopping() override {
    is_stopping_ = true;
    const auto handler = handler_;
    if (is_accepted_ && handler) handler->on_server_stopping();
  }

  void end() override {
    if (is_over_) return;
    on_end_ = nullptr;
    tell_end();
    if (!is_accepted_) return finish(true);
    farewell_.expires_after(farewell_time);
    farewell_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->finish(true);
    });
    if (!queue_.empty()) queue_.erase(queue_.begin() + (is_writing_ ? 1 : 0), queue_.end());
    close(CloseCode::going_away, "the server stops");
  }

 private:
  struct Outgoing {
    std::string text;
    std::shared_ptr<SentListener> listener;
  };

  void on_accepted() {
    if (is_over_) return;
    is_accepted_ = true;
    const auto handler = handler_;  // one of these may be the end
    handler->on_open(shared_from_this());
    if (is_stopping_) handler->on_server_stopping();
    write();
    read();
  }

  // A piece of one message at a time, and none while the client lets too much pile up that it has
  // asked for.
  void read() {
    if (is_over_ || is_closing_ || is_reading_ || queue_bytes_ > limits_.queue_bytes) return;
    is_reading_ = true;
    stream_.async_read_some(input_, read_bytes_max,
                            [self = shared_from_this()](const error_code& error, std::size_t) {
                              self->is_reading_ = false;
                              if (error) return self->on_read_error(error);
                              self->on_piece();
                              self->read();
                            });
  }

  // Beast's own limit would reset the connection of a client that still sends, and what is wrong
  // would not be read.
  void on_piece() {
    if (is_over_ || is_closing_) return;
    if (!stream_.got_text())
      return close(CloseCode::unsupported_data, "only text messages are understood");
    if (input_.size() > limits_.text_bytes)
      return close(CloseCode::too_long, "longer than server.body_bytes_max");
    if (stream_.is_message_done()) on_message();
  }

  void on_message() {
    const auto data = input_.data();
    const auto handler = handler_;
    handler->on_text({static_cast<const char*>(data.data()), data.size()});
    input_.consume(input_.size());
    if (input_.capacity() > input_bytes_kept) input_.shrink_to_fit();
  }

  // Whatever was wrong with a message, Beast has told the client and ended the connection. The end
  // of a goodbye is reported by itself.
  void on_read_error(const error_code& error) {
    if (!has_said_goodbye_) finish(error != websocket::error::closed);
  }

  void write() {
    if (is_over_ || !is_accepted_ || is_writing_ || queue_.empty()) return;
    is_writing_ = true;
    stream_.async_write(asio::buffer(queue_.front().text),
                        [self = shared_from_this()](const error_code& error, std::size_t) {
                          self->is_writing_ = false;
                          self->on_written(error);
                        });
  }

  void on_written(const error_code& error) {
    if (is_over_) return queue_.clear();
    if (error) return finish(true);
    const Outgoing sent = std::move(queue_.front());
    queue_.pop_front();
    queue_bytes_ -= sent.text.size();
    bytes_sent_ += sent.text.size();
    if (sent.listener) sent.listener->on_text_sent();
    if (is_over_) return;
    write();
    if (is_closing_ && queue_.empty()) return say_goodbye();
    read();
  }

  void say_goodbye() {
    if (std::exchange(has_said_goodbye_, true)) return;
    stream_.async_close(reason_, [self = shared_from_this()](const error_code& error) {
      self->finish(static_cast<bool>(error));
    });
  }

  void finish(bool was_dropped) {
    if (std::exchange(is_over_, true)) return;
    const auto self = shared_from_this();
    error_code ignored;
    stream_.next_layer().close(ignored);
    farewell_.cancel();
    if (!is_writing_) queue_.clear();
    tell_end();
    if (const auto on_end = std::exchange(on_end_, nullptr)) on_end(bytes_sent_, was_dropped);
  }

  void tell_end() {
    if (const auto handler = std::exchange(handler_, nullptr)) handler->on_closed();
  }

  WebSocketLimits limits_;
  websocket::stream<asio::ip::tcp::socket, false> stream_;
  asio::steady_timer farewell_;
  std::shared_ptr<WebSocketHandler> handler_;  // none when it has heard the end
  OnEnd on_end_;

  bool is_accepted_ = false;
  bool is_stopping_ = false;  // the server
  bool is_reading_ = false;
  bool is_writing_ = false;
  bool is_closing_ = false;  // what is queued goes out, then the goodbye
  bool has_said_goodbye_ = false;
  bool is_over_ = false;

  boost::beast::flat_buffer input_;
  std::deque<Outgoing> queue_;  // the first may be on its way
  std::size_t queue_bytes_ = 0;
  std::size_t bytes_sent_ = 0;
  websocket::close_reason reason_;
};

}  // namespace

std::shared_ptr<WebSocketConnection> WebSocketConnection::make(
  asio::ip::tcp::socket socket, WebSocketLimits limits, std::shared_ptr<WebSocketHandler> handler,
  OnEnd on_end) {
  return std::make_shared<BeastWebSocket>(std::move(socket), limits, std::move(handler),
                                          std::move(on_end));
}

}  // namespace reverie
