// MCP servers and their tools.

#include "runtime/mcp/mcp_servers.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "runtime/views/view_parts.hpp"

namespace reverie {

namespace {

Result<std::string> mcp_server_json(const ViewContext& context, const McpServer& server) {
  REVERIE_TRY(const McpSecrets secrets, open_mcp_secrets(server, context.secrets));
  std::string out;
  append_mcp_server(out, server, secrets);
  return out;
}

std::string tool_text(const ViewContext& context, const Tool& tool) {
  std::string out;
  append_tool_json(out, tool, context.user_id);
  return out;
}

}  // namespace

Result<std::string> view(const ViewContext& context, const ListMcpServers& request) {
  if (request.is_older)
    return mcp_configs_json(context.store, context.secrets, context.org_id, true);
  REVERIE_TRY(const auto servers, all_mcp_servers(context.store, context.org_id));
  std::vector<std::string> items;
  for (const McpServer& server : servers) {
    REVERIE_TRY(std::string item, mcp_server_json(context, server));
    items.push_back(std::move(item));
  }
  return json_array(items);
}

Result<std::string> view(const ViewContext& context, const RetrieveMcpServer& request) {
  REVERIE_TRY(const auto server, find_mcp_server(context.store, context.org_id, request.server));
  return mcp_server_json(context, server.value);
}

Result<std::string> view(const ViewContext& context, const ListMcpServerTools& request) {
  REVERIE_TRY(const auto server, find_mcp_server(context.store, context.org_id, request.server));
  REVERIE_TRY(const auto ids, mcp_tool_ids(context.store, server.value.id));
  std::vector<std::string> tool_ids;
  for (const auto& [name, id] : ids) tool_ids.push_back(id);
  REVERIE_TRY(const auto tools, tools_of(context, tool_ids));
  std::vector<std::string> items;
  for (const ToolPointer& tool : tools) items.push_back(tool_text(context, *tool));
  return json_array(items);
}

Result<std::string> view(const ViewContext& context, const RetrieveMcpTool& request) {
  REVERIE_TRY(const auto server, find_mcp_server(context.store, context.org_id, request.server));
  REVERIE_TRY(const ToolPointer tool, read_tool(context.store, context.org_id, request.tool_id));
  if (!tool->custom || !tool->custom->mcp || tool->custom->mcp->server_id != server.value.id)
    return Error{Errc::not_found,
                 "the MCP server has no tool with the id '" + request.tool_id + "'", ""};
  return tool_text(context, *tool);
}

}  // namespace reverie
