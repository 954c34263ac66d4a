// What the two transports over HTTP share: one exchange, whose body is JSON or a stream of events.

#pragma once

#include "runtime/mcp/mcp_transport.hpp"
#include "runtime/sse_reader.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace reverie {

// Its callbacks run on the loop's thread, in order, and not after cancel().
class McpExchange : public std::enable_shared_from_this<McpExchange> {
 public:
  struct Events {
    std::function<void(const HttpResult& head)> on_head;  // of 2xx, before the first event or text
    std::function<void(std::string_view name, std::string_view data)> on_event;
    // Of JSON, the whole text; of everything else empty.
    std::function<void(Result<HttpResult> result, std::string text)> on_done;
  };

  static std::shared_ptr<McpExchange> start(const McpContext& context, HttpCall call,
                                            Events events);

  void cancel();

 private:
  explicit McpExchange(const McpContext& context);

  // On the client's thread.
  bool on_head(const HttpResult& head);
  void on_data(std::string_view chunk);
  void on_done(Result<HttpResult> result);

  // On the loop's, where the events are.
  template <class Do>
  void tell(Do what);

  const std::shared_ptr<McpLoop> loop_;
  const std::size_t message_bytes_max_;
  std::shared_ptr<HttpTransfer> transfer_;

  // The client's thread alone.
  bool is_stream_ = false;
  SseReader reader_;
  std::string text_;
  Status failure_;

  // The loop's thread alone.
  Events events_;
  bool is_over_ = false;
};

// A call to this endpoint: its headers and bounds. `time_ms`: of the whole exchange.
HttpCall mcp_call(const McpContext& context, const McpEndpoint& endpoint, std::string method,
                  std::string url, std::int64_t time_ms);

// Why an exchange has failed, in the words of a session. `result`: not 2xx, or an error.
Error mcp_failure(const Result<HttpResult>& result);

}  // namespace reverie
