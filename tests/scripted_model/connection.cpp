#include "tests/scripted_model/connection.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>

#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

namespace reverie::scripted {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using Parser = http::request_parser<http::string_body>;

constexpr std::uint64_t body_bytes_max = 256U << 20U;  // more than any model takes
constexpr std::uint32_t header_bytes_max = 64U << 10U;
constexpr std::size_t read_bytes = 64U << 10U;  // Beast reads 512 bytes at a time by default
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";

HttpRequest taken_from(Parser& parser) {
  auto message = parser.release();
  HttpRequest request;
  request.method = message.method_string();
  const std::string_view target = message.target();
  const std::size_t end = std::min(target.find('?'), target.size());
  request.path = target.substr(0, end);
  request.query = target.substr(std::min(end + 1, target.size()));
  request.keeps_alive = message.keep_alive();
  for (const auto& field : message) {
    auto& [name, value] =
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  }
  request.body = std::move(message.body());
  return request;
}

}  // namespace

Connection::Connection(Socket socket) : socket_(std::move(socket)), timer_(socket_.get_executor()) {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

asio::awaitable<std::optional<HttpRequest>> Connection::read() {
  if (is_watched_) socket_.cancel();
  buffer_.reserve(read_bytes);
  Parser parser;
  parser.body_limit(body_bytes_max);
  parser.header_limit(header_bytes_max);
  auto [head_error, head_bytes] =
    co_await http::async_read_header(socket_, buffer_, parser, no_throw);
  if (head_error) co_return std::nullopt;
  if (parser.get()[http::field::expect] == "100-continue" && !co_await write(go_on))
    co_return std::nullopt;
  auto [body_error, body_bytes] = co_await http::async_read(socket_, buffer_, parser, no_throw);
  if (body_error) co_return std::nullopt;
  co_return taken_from(parser);
}

asio::awaitable<bool> Connection::write(const std::string& bytes) {
  if (is_gone_) co_return false;
  auto [error, count] = co_await asio::async_write(socket_, asio::buffer(bytes), no_throw);
  if (error) is_gone_ = true;
  co_return !is_gone_;
}

asio::awaitable<bool> Connection::sleep_until(Time time) {
  watch();
  if (is_gone_) co_return false;
  timer_.expires_at(time);
  co_await timer_.async_wait(no_throw);
  co_return !is_gone_;
}

// While a request is being answered the client sends nothing: what makes the socket readable is
// the end of the connection, or a pipelined request, behind which the end cannot be seen.
void Connection::watch() {
  if (is_watched_) return;
  is_watched_ = true;
  buffer_.shrink_to_fit();  // this may be one of thousands that wait for a long time
  socket_.async_wait(Socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->is_watched_ = false;
                       if (!error) self->on_readable();
                     });
}

void Connection::on_readable() {
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count > 0) {
    is_watched_ = true;
    return;
  }
  is_gone_ = count == 0 || errno != EAGAIN;
  if (is_gone_) timer_.cancel();
}

void Connection::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace reverie::scripted
