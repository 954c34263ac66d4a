// One request that waits for its answer, as handlers see it: no sockets, no threads.

#pragma once

#include "net/http.hpp"
#include "net/sse.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace reverie {

class IoBridge;
class WebSocketHandler;
struct WebSocketHandshake;

// Answered once, by respond() or open_stream(), from any thread. When the last reference goes
// without an answer, the client gets a 500; after the time limit of a request it has got a 504,
// and a late answer is dropped.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual void respond(HttpResponse response) = 0;

  // Sends the head at once. Only from the io thread (a handler, or an answer to the bridge).
  // Never null; when the client is gone or was answered, the stream is closed from the start.
  virtual std::shared_ptr<EventStream> open_stream(int status, std::string_view content_type,
                                                   const Headers& headers = {}) = 0;

  // Answers with 101: from then on the connection carries texts for `handler` instead of requests
  // (net/websocket.hpp). Only on the io thread. When the client is gone or was answered, the
  // handler hears nothing.
  virtual void open_websocket(const WebSocketHandshake& handshake,
                              std::shared_ptr<WebSocketHandler> handler) = 0;

  // The actor of this io thread, whose response handlers run here too.
  virtual IoBridge& bridge() = 0;

  // From any thread: runs `task` on the io thread, at once when called from there. Drops it when
  // the server is gone.
  virtual void run(std::function<void()> task) = 0;

  // Headers that go with whatever is answered (CORS). Before the answer, on the io thread.
  virtual void add_header(std::string_view name, std::string value) = 0;

  // What this request is, for logs and metrics. The text must outlive the server.
  virtual void set_operation(std::string_view operation_id) = 0;
};

// Called on an io thread for each request. Must not block.
using Handler = std::function<void(HttpRequest, std::shared_ptr<Exchange>)>;

}  // namespace reverie
