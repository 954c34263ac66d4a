// What an MCP server lists, as tools of the organisation.

#pragma once

#include "runtime/mcp/mcp_messages.hpp"
#include "runtime/mcp/mcp_schema.hpp"
#include "runtime/tools/custom_tool.hpp"
#include "storage/records/mcp_server.hpp"
#include "storage/records/tool.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

// The tool under this name, without an id, as new. `schema`: not invalid.
CustomTool mcp_tool(const McpServer& server, const McpToolInfo& info, const McpSchema& schema,
                    const std::string& name, const ToolAuthor& author);

// The stored tool as the server lists it now; nothing: it is what it was. What people have set
// stays. Where what a model is told has changed, each call asks a person from here on: nobody has
// read the new text.
std::optional<CustomTool> relisted_mcp_tool(const CustomTool& before, const McpServer& server,
                                            const McpToolInfo& info, const McpSchema& schema,
                                            const ToolAuthor& author);

// What came of a comparison; names.
struct McpSync {
  std::vector<std::string> added;
  std::vector<std::string> updated;
  std::vector<std::string> deleted;
  std::vector<std::string> left_out;  // over a limit, or without a schema that can be used
};
std::string mcp_sync_json(const McpSync& sync);

// The API's MCPTool of each that is listed.
std::string mcp_tools_json(const McpToolList& list);

}  // namespace reverie
