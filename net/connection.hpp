// One client's connection: reads a request, waits for its answer, writes it, reads the next.
//
//            ┌──────────── keep-alive ─────────────┐
//            ▼                                     │
//   reading ─► handling ─┬─► answering ────────────┼─► draining ─► closed
//                        ├─► streaming ─► ending ──┘
//                        └─► upgraded ──────────────────────────► closed
//
// Callbacks instead of coroutines: an idle stream holds no frame, no parser and no read buffer,
// a few KiB in all. Everything here runs on the connection's io thread.

#pragma once

#include "net/exchange.hpp"
#include "net/io_thread.hpp"
#include "net/request_parser.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

namespace reverie {

class ConnectionStream;
class WebSocketConnection;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<IoThread> thread,
             std::string client);

  void start();
  void close();
  void close_if_idle();

  // Runs `task` on the io thread: now, when called from there. Drops it when the server is gone.
  template <class Task>
  void run(Task task) {
    if (!thread_->has_ended()) boost::asio::dispatch(socket_.get_executor(), std::move(task));
  }

  // For the exchange of this number; nothing happens when it is not the current one.
  bool waits_for(std::uint64_t exchange) const;
  void answer(std::uint64_t exchange, HttpResponse response);
  void add_header(std::uint64_t exchange, std::string_view name, std::string value);
  void set_operation(std::uint64_t exchange, std::string_view operation_id);
  void open_stream(std::uint64_t exchange, int status, std::string_view content_type,
                   const Headers& headers, const std::shared_ptr<ConnectionStream>& stream);
  void send(std::uint64_t exchange, std::shared_ptr<const std::string> bytes);
  void end_stream(std::uint64_t exchange);
  void open_websocket(std::uint64_t exchange, const WebSocketHandshake& handshake,
                      std::shared_ptr<WebSocketHandler> handler);

  IoBridge& bridge() const { return thread_->bridge(); }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State : std::uint8_t {
    reading,
    handling,
    answering,
    streaming,
    ending,
    upgraded,  // the socket is the WebSocket's
    draining,
    closed
  };

  // What is said of the exchange when it is over.
  struct Current {
    std::uint64_t number = 0;
    Method method = Method::get;
    std::string path;
    std::string request_id;
    std::string_view operation_id;
    Headers headers;
    Clock::time_point started;
    int status = 0;
    std::size_t response_bytes = 0;
    bool is_open = false;
    ExchangeKind kind = ExchangeKind::request;
    bool was_dropped = false;
  };

  void read();
  void on_read(std::size_t bytes);
  void parse();
  void handle();
  void refuse(int status, std::string_view text);
  void begin_exchange(const HttpRequest& request);
  void finish_exchange();
  void report_exchange();
  void become(ExchangeKind kind);

  void write_head(int status, std::string_view content_type, const Headers& headers,
                  std::optional<std::size_t> length);
  void write();
  void on_written();
  void flush_stream();
  void complete_sends();
  void watch_for_end();
  void on_readable();
  void next_request();
  void drain();
  void on_websocket_end(std::size_t bytes, bool was_dropped);

  void set_deadline(std::chrono::milliseconds after);
  void clear_deadline() { deadline_ = Clock::time_point::max(); }
  void arm_timer();
  void on_deadline();

  ServerContext& context() const { return thread_->context(); }
  const ServerLimits& limits() const { return context().options.limits; }

  std::shared_ptr<IoThread> thread_;  // before the socket, which needs its event loop
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::string client_;

  State state_ = State::reading;
  bool keeps_alive_ = true;
  bool is_http_1_0_ = false;
  bool has_continued_ = false;  // 100 Continue was sent for this request
  bool is_writing_ = false;
  bool is_watching_ = false;
  bool has_ended_ = false;  // the stream, by its owner
  bool timer_is_armed_ = false;

  // Moved far more often than the timer fires: the timer is set again only when it fires too
  // early, or when the deadline comes nearer.
  Clock::time_point deadline_ = Clock::time_point::max();

  boost::beast::flat_buffer input_;
  std::unique_ptr<RequestParser> parser_;
  Current current_;

  // What is being written: a head or a chunk's size line, then one body or some sends.
  std::string head_;
  std::string body_;
  std::vector<std::shared_ptr<const std::string>> in_flight_;
  std::vector<boost::asio::const_buffer> buffers_;
  std::size_t buffers_done_ = 0;

  std::vector<std::shared_ptr<const std::string>> queue_;  // sends that wait
  std::weak_ptr<ConnectionStream> stream_;
  std::shared_ptr<WebSocketConnection> websocket_;  // from upgraded on
};

}  // namespace reverie
