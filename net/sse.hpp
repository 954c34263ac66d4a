// Server-sent events: the text of one event, and the open stream of a client.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace reverie {

// "data: <json>\n\n". `json` is one line.
std::string sse_event(std::string_view json);
// "event: <name>\ndata: <json>\n\n"
std::string sse_event(std::string_view name, std::string_view json);

// What `frame`, one event made by these, says: its JSON, or "[DONE]".
std::string_view sse_data(std::string_view frame);

constexpr std::string_view sse_done = "data: [DONE]\n\n";
constexpr std::string_view sse_content_type = "text/event-stream; charset=utf-8";

// The answer of one request that is written piece by piece. All functions may be called from
// any thread and never block; the callbacks run on the connection's io thread.
// The stream lives until close(), until the client is gone, or until nobody holds it.
class EventStream {
 public:
  virtual ~EventStream() = default;

  // Queues `bytes`, which may be shared with other streams. Nothing happens after the end. A
  // reader that lets more than its bound pile up is cut off: on_closed tells.
  virtual void send(std::shared_ptr<const std::string> bytes) = 0;
  void send(std::string bytes) { send(std::make_shared<const std::string>(std::move(bytes))); }

  // Accepted and not yet handed to the kernel.
  virtual std::size_t queued_bytes() const = 0;

  // Called after a write with the number of sends that it completed: credit for the producer.
  virtual void on_written(std::function<void(std::size_t sends)> callback) = 0;

  // Ends the answer after what is queued. The connection may serve another request.
  virtual void close() = 0;

  // Called once, when the client went away or was cut off before close(). Called at once when
  // that has happened already.
  virtual void on_closed(std::function<void()> callback) = 0;

  virtual bool is_open() const = 0;

  // The run that the stream tells of, once it is known and before its events. For transports that
  // carry the streams of several.
  virtual void name_run(const std::string& /*run_id*/) {}
};

}  // namespace reverie
