// MCP servers that are not there: what is asked of them is written down, and answered as the test
// says.

#pragma once

#include "runtime/mcp/mcp_client.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace reverie::testing {

// For one thread. Lists are answered within the call.
class ScriptedMcp final : public McpClient {
 public:
  void list_tools(McpEndpoint endpoint, OnTools on_tools) override {
    listed.push_back(std::move(endpoint));
    on_tools(list);
  }
  void call_tool(McpEndpoint endpoint, McpCall call, OnResult on_result) override {
    waiting_.emplace(call.id, std::move(on_result));
    endpoints.push_back(std::move(endpoint));
    calls.push_back(std::move(call));
  }
  void cancel(const std::string& call_id) override {
    if (waiting_.contains(call_id)) end(call_id, Error{Errc::llm_cancelled, "given up", ""});
  }
  void forget(const std::string& server_id) override { forgotten.push_back(server_id); }
  void set_on_changed(OnChanged) override {}

  void end(const std::string& call_id, Result<Json> result) {
    auto waiting = waiting_.extract(call_id);
    waiting.mapped()(std::move(result));
  }

  Result<McpToolList> list = McpToolList{};
  std::vector<McpEndpoint> listed;
  std::vector<McpEndpoint> endpoints;  // of the calls
  std::vector<McpCall> calls;
  std::vector<std::string> forgotten;

 private:
  std::map<std::string, OnResult> waiting_;
};

}  // namespace reverie::testing
