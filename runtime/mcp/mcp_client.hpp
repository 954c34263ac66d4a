// What the server asks MCP servers: their tools, and calls of them. Sessions are kept and shared.

#pragma once

#include "runtime/mcp/mcp_messages.hpp"
#include "runtime/mcp/mcp_transport.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace reverie {

struct McpCall {
  std::string id;  // not that of another call under way
  std::string tool_name;
  Json arguments = Json::object();
  std::int64_t time_ms = 60'000;
  std::vector<HttpHeader> headers = {};  // of this call alone; over stdio there are none
};

// Thread-safe. Callbacks are called once, on a thread of the client or within the call, and must
// not block.
class McpClient {
 public:
  // Errors: mcp_timeout, mcp_connection, unavailable.
  using OnTools = std::function<void(Result<McpToolList>)>;
  // The result of tools/call. Errors: those, upstream: the server answers with an error; and
  // llm_cancelled.
  using OnResult = std::function<void(Result<Json>)>;
  using OnChanged = std::function<void(const std::string& org_id, const std::string& server_id)>;

  virtual ~McpClient() = default;

  virtual void list_tools(McpEndpoint endpoint, OnTools on_tools) = 0;
  virtual void call_tool(McpEndpoint endpoint, McpCall call, OnResult on_result) = 0;
  // Ends with llm_cancelled within milliseconds, unless it has ended. Nothing happens when there is
  // no such call.
  virtual void cancel(const std::string& call_id) = 0;
  // Its sessions end: it was changed or deleted.
  virtual void forget(const std::string& server_id) = 0;
  // Who is told that a server's list has changed.
  virtual void set_on_changed(OnChanged on_changed) = 0;
};

}  // namespace reverie
