#include "runtime/mcp/mcp_sync.hpp"

#include "config/json_writer.hpp"

#include <utility>

namespace reverie {

namespace {

std::string metadata_of(const McpServer& server, const McpToolInfo& info, const McpSchema& schema) {
  std::string mcp;
  {
    JsonObjectWriter json{mcp};
    json.add("server_name", server.name)
      .add("server_id", server.id)
      .add("tool_name", info.name)
      .add("schema_status", to_string(schema.health));
    if (!info.annotations.is_null()) json.add("annotations", info.annotations);
  }
  std::string out;
  JsonObjectWriter{out}.add_json("mcp", mcp);
  return out;
}

std::string schema_text(const std::string& name, const std::string& description,
                        const McpSchema& schema) {
  std::string out;
  JsonObjectWriter{out}
    .add("name", name)
    .add("description", description)
    .add("parameters", schema.parameters);
  return out;
}

}  // namespace

CustomTool mcp_tool(const McpServer& server, const McpToolInfo& info, const McpSchema& schema,
                    const std::string& name, const ToolAuthor& author) {
  CustomTool tool;
  tool.org_id = author.org_id;
  tool.name = name;
  tool.tool_type = "external_mcp";
  tool.description = info.description;
  tool.source_type = "json";
  tool.json_schema = RawJson{schema_text(name, info.description, schema)};
  tool.tags = {"mcp:" + server.name};
  tool.metadata = RawJson{metadata_of(server, info, schema)};
  tool.created_by_id = author.user_id;
  tool.last_updated_by_id = author.user_id;
  tool.created_at = author.now;
  tool.updated_at = author.now;
  tool.mcp = McpToolOrigin{server.id, info.name, info.is_repeatable, false};
  return tool;
}

std::optional<CustomTool> relisted_mcp_tool(const CustomTool& before, const McpServer& server,
                                            const McpToolInfo& info, const McpSchema& schema,
                                            const ToolAuthor& author) {
  CustomTool now = before;
  now.description = info.description;
  now.json_schema = RawJson{schema_text(before.name, info.description, schema)};
  now.metadata = RawJson{metadata_of(server, info, schema)};
  for (std::string& tag : now.tags)
    if (tag.starts_with("mcp:")) tag = "mcp:" + server.name;
  now.mcp = before.mcp.value_or(McpToolOrigin{server.id, info.name, false, false});
  now.mcp->is_repeatable = info.is_repeatable;
  if (now == before) return std::nullopt;
  now.mcp->needs_review |= now.json_schema != before.json_schema
                           || (before.mcp && before.mcp->is_repeatable != info.is_repeatable);
  now.last_updated_by_id = author.user_id;
  now.updated_at = author.now;
  return now;
}

std::string mcp_sync_json(const McpSync& sync) {
  std::string out;
  JsonObjectWriter{out}
    .add("deleted", sync.deleted)
    .add("updated", sync.updated)
    .add("added", sync.added)
    .add("left_out", sync.left_out);
  return out;
}

std::string mcp_tools_json(const McpToolList& list) {
  std::string out = "[";
  for (const McpToolInfo& tool : list.tools) {
    if (out.size() > 1) out += ',';
    const McpSchema schema = normalised_schema(tool.input_schema);
    std::string health;
    JsonObjectWriter{health}.add("status", to_string(schema.health)).add("reasons", schema.reasons);
    JsonObjectWriter{out}
      .add("name", tool.name)
      .add("title", tool.title)
      .add("description", tool.description)
      .add_json("inputSchema", tool.input_schema.is_null() ? "{}" : tool.input_schema.text)
      .add("outputSchema", tool.output_schema)
      .add("annotations", tool.annotations)
      .add_json("health", health);
  }
  return out += ']';
}

}  // namespace reverie
