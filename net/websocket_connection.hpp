// The WebSocket that a connection became: framing, keep-alive and the closing handshake, by
// Boost.Beast. Everything here runs on the connection's io thread.
//
// Texts are not compressed: a compressor is some 300 KiB for each socket, and one that sees what an
// attacker says next to what nobody else may read tells about it by its lengths.

#pragma once

#include "net/http.hpp"
#include "net/websocket.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/ip/tcp.hpp>

namespace reverie {

struct WebSocketLimits {
  std::size_t text_bytes = 0;             // of one message of the client; 1009 beyond
  std::size_t queue_bytes = 0;            // unsent, beyond which no more is read from the client
  std::chrono::milliseconds ping_time{};  // see ServerLimits
};

class WebSocketConnection : public WebSocket {
 public:
  // `was_dropped`: without the closing handshake.
  using OnEnd = std::function<void(std::size_t bytes_sent, bool was_dropped)>;

  // `on_end` is called once, after the handler has heard it; not after end().
  static std::shared_ptr<WebSocketConnection> make(boost::asio::ip::tcp::socket socket,
                                                   WebSocketLimits limits,
                                                   std::shared_ptr<WebSocketHandler> handler,
                                                   OnEnd on_end);

  // Answers the client's handshake, once. `headers` go with the answer.
  virtual void start(const WebSocketHandshake& handshake, const Headers& headers) = 0;

  virtual void on_server_stopping() = 0;

  // For the server it is over: the handler hears it now, the client is told and soon cut off.
  virtual void end() = 0;
};

}  // namespace reverie
