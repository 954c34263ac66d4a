// One client's socket: requests in, bytes out, and waiting that ends when the client leaves.

#pragma once

#include "tests/scripted_model/http_request.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

namespace reverie::scripted {

// Used by one coroutine, on the thread of the socket's executor. Always in a shared_ptr.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Socket = boost::asio::ip::tcp::socket;

  explicit Connection(Socket socket);

  // None when the client closed the connection, or speaks no HTTP.
  boost::asio::awaitable<std::optional<HttpRequest>> read();

  // These two are false when the client has left.
  boost::asio::awaitable<bool> write(const std::string& bytes);
  boost::asio::awaitable<bool> sleep_until(Time time);

  void close();

 private:
  void watch();
  void on_readable();

  Socket socket_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  bool is_watched_ = false;
  bool is_gone_ = false;
};

}  // namespace reverie::scripted
