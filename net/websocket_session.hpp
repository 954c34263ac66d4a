// One client's WebSocket: each frame that asks for something is a request of its own, answered by
// the operation that it stands for. The streams of several runs share the socket.

#pragma once

#include "net/exchange.hpp"
#include "net/open_stream.hpp"
#include "net/websocket.hpp"
#include "net/websocket_frames.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace reverie {

class FrameStream;

struct WebSocketSessionLimits {
  std::size_t runs = 0;                // followed at once; and as many other requests
  std::size_t stream_queue_bytes = 0;  // unsent, of one run: more, and the client is cut off
};

// On the io thread of its connection.
class WebSocketSession final : public WebSocketHandler,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  // Calls the operation that the frame stands for, which answers the exchange.
  using Serve = std::function<void(ClientFrame frame, std::shared_ptr<Exchange> exchange)>;

  // `handshake` is the exchange that became the socket: its thread is where all of this runs.
  WebSocketSession(std::shared_ptr<Exchange> handshake, WebSocketSessionLimits limits, Serve serve);

  void on_open(std::shared_ptr<WebSocket> socket) override { socket_ = std::move(socket); }
  void on_text(std::string_view text) override;
  void on_server_stopping() override;
  void on_closed() override;

  // From the exchanges and streams of frames. `call` tells two of the same id apart; nothing
  // happens when it is over.
  void answer(const std::string& id, std::uint64_t call, const HttpResponse& response);
  std::shared_ptr<EventStream> open_stream(const std::string& id, std::uint64_t call);
  void write(std::string text, std::shared_ptr<SentListener> listener);
  void end(const std::string& id, std::uint64_t call);
  void cut_off(const std::string& id);

  std::size_t stream_queue_bytes() const { return limits_.stream_queue_bytes; }
  IoBridge& bridge() { return handshake_->bridge(); }
  void run(std::function<void()> task) { handshake_->run(std::move(task)); }

 private:
  struct Call {
    std::uint64_t number = 0;
    bool is_run = false;  // or will be one
    std::weak_ptr<FrameStream> stream;
  };

  void handle(ClientFrame frame);
  void start(ClientFrame frame);
  void leave(const std::string& id);
  void refuse(const std::string& id, const Error& error);
  bool is_current(const std::string& id, std::uint64_t call) const;

  std::shared_ptr<Exchange> handshake_;
  WebSocketSessionLimits limits_;
  Serve serve_;
  std::shared_ptr<WebSocket> socket_;  // null: it is closed
  std::unordered_map<std::string, Call> calls_;
  std::uint64_t last_call_ = 0;
  bool is_stopping_ = false;
};

// The stream of one run, as frames of its socket.
class FrameStream final : public OpenStream, public SentListener {
 public:
  FrameStream(std::shared_ptr<WebSocketSession> session, std::string id, std::uint64_t call)
    : session_(std::move(session)), id_(std::move(id)), call_(call) {}
  ~FrameStream() override { close(); }

  using EventStream::send;
  void send(std::shared_ptr<const std::string> bytes) override;
  void close() override;
  void name_run(const std::string& run_id) override;
  void on_text_sent() override;

 private:
  void run(std::function<void()> task) override { session_->run(std::move(task)); }
  std::shared_ptr<FrameStream> self();
  void write(const std::string& bytes);

  std::shared_ptr<WebSocketSession> session_;
  std::string id_;
  std::uint64_t call_;
  std::string run_id_;
  std::deque<std::size_t> unsent_;  // bytes of each event
};

}  // namespace reverie
