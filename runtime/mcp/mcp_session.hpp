// One session with an MCP server: it introduces itself, then requests go out and answers come in,
// in any order. Over one transport, and over with it. On the loop's thread alone.

#pragma once

#include "runtime/mcp/json_rpc.hpp"
#include "runtime/mcp/mcp_messages.hpp"
#include "runtime/mcp/mcp_transport.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

class McpSession : public std::enable_shared_from_this<McpSession> {
 public:
  struct Events {
    std::function<void()> on_tools_changed;
    // No more requests are taken; those under way may still be answered. Once.
    std::function<void()> on_end;
  };
  // Errors: mcp_timeout; mcp_connection; upstream: the server answers with an error; gone: nothing
  // was done, and another session may do it; unavailable: no process can be started here.
  using OnAnswer = std::function<void(Result<Json>)>;

  // `context` outlives it.
  McpSession(const McpContext& context, const McpEndpoint& endpoint);

  void start(Events events);

  // Is sent when the server has introduced itself. `on_answer` is called once, not from within,
  // unless the session is over or is closed. `time_ms`: from now on.
  std::int64_t request(const std::string& method, const Json& params, std::int64_t time_ms,
                       std::vector<HttpHeader> headers, OnAnswer on_answer);
  // Nobody waits any more: the server is told, and on_answer is not called.
  void cancel(std::int64_t request, const std::string& why);

  bool is_open() const { return phase_ != Phase::over; }
  bool has_requests() const { return !pending_.empty(); }
  // Once it has introduced itself.
  const std::optional<McpServerInfo>& server() const { return server_; }

  // All that is pending is answered with this.
  void close(Error why);

 private:
  enum class Phase : std::uint8_t { opening, ready, over };
  struct Pending {
    std::optional<McpOutgoing> waiting;  // for the session
    std::int64_t timer = 0;
    std::int64_t time_ms = 0;
    bool is_initialize = false;
    OnAnswer on_answer;
  };

  void send_initialize();
  void on_initialized(const Result<Json>& result);
  void on_text(std::string_view text);
  void on_message(RpcMessage& message);
  void on_request(const RpcMessage& message);
  void answer(std::int64_t request, Result<Json> result);
  void on_timeout(std::int64_t request);
  void on_failed(std::int64_t request, Error error);
  void notify(std::string_view method, const Json& params);
  void end(const Error& why);
  void let_transport_go();

  const McpContext context_;
  const McpEndpoint endpoint_;
  std::unique_ptr<McpTransport> transport_;
  Events events_;
  Phase phase_ = Phase::opening;
  std::optional<McpServerInfo> server_;
  std::int64_t connect_timer_ = 0;
  std::int64_t last_request_ = 0;
  std::int64_t foreign_requests_ = 0;
  std::map<std::int64_t, Pending> pending_;
  std::string problem_;  // with what the server has sent last
};

}  // namespace reverie
