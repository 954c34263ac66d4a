// A WebSocket as the protocol above it sees it: texts in both directions, no framing, no socket.
// All on the io thread of its connection.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace reverie {

// Of RFC 6455 §7.4, those that this server sends.
enum class CloseCode : std::uint16_t {
  going_away = 1001,        // the server stops
  unsupported_data = 1003,  // a binary message
  too_long = 1009,
  // 1002 (protocol) and 1007 (no UTF-8) are sent by Beast.
};

// Who wants to know that its text is on the way: credit for a producer.
class SentListener {
 public:
  virtual ~SentListener() = default;
  // After the text was handed to the kernel.
  virtual void on_text_sent() = 0;
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;

  // Queues one message. Nothing happens after the end.
  virtual void send(std::string text, std::shared_ptr<SentListener> listener = nullptr) = 0;

  // Sends what is queued, says goodbye and ends. What still comes is not read.
  virtual void close(CloseCode code, std::string_view reason) = 0;

  // Cuts the client off.
  virtual void drop() = 0;
};

// What is at the other end of the socket for its client.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;

  virtual void on_open(std::shared_ptr<WebSocket> socket) = 0;
  // One message, valid UTF-8. Valid during the call only.
  virtual void on_text(std::string_view text) = 0;
  // The server wants to stop: the socket is to be closed when nothing is under way on it.
  virtual void on_server_stopping() = 0;
  // Once, and the last. It may come from within a call of the socket's functions.
  virtual void on_closed() = 0;
};

// What the answer to the client's handshake needs of it.
struct WebSocketHandshake {
  std::string key;       // Sec-WebSocket-Key
  std::string protocol;  // the one that was chosen; "" when none was offered
};

}  // namespace reverie
