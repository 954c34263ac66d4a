#include "runtime/mcp/mcp_messages.hpp"

#include "config/version.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reverie {

namespace {

// Those that the client speaks alike, as far as tools go.
constexpr std::array<std::string_view, 4> versions{"2025-11-25", mcp_version, "2025-03-26",
                                                   "2024-11-05"};

constexpr std::int64_t version_shown_max = 64;  // characters
constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t left_out_max = 100;     // names that are told
constexpr std::size_t cursor_max = 4 * 1024;  // bytes

Error no_answer(std::string message) {
  return {Errc::mcp_connection, std::move(message), "mcp"};
}

const Json* object_at(const Json& json, const char* name) {
  const Json* found = member(json, name);
  return found != nullptr && found->is_object() ? found : nullptr;
}

std::string text_at(const Json& json, const char* name) {
  return std::string(text_member(json, name));
}

RawJson text_of_object(const Json& object, const char* name) {
  const Json* found = object_at(object, name);
  return found ? RawJson{found->dump()} : RawJson{};
}

bool is_set(const Json* hints, const char* name) {
  const Json* hint = hints == nullptr ? nullptr : member(*hints, name);
  return hint != nullptr && *hint == true;
}

void leave_out(McpToolList& list, const std::string& name) {
  if (list.left_out.size() < left_out_max)
    list.left_out.push_back(name);
  else
    list.is_cut = true;
}

std::optional<McpToolInfo> read_tool(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  McpToolInfo tool;
  tool.name = text_at(json, "name");
  if (tool.name.empty() || tool.name.size() > name_bytes_max) return std::nullopt;
  if (const Json* title = member(json, "title"); title != nullptr && title->is_string())
    tool.title = title->get<std::string>();
  tool.description = text_at(json, "description");
  tool.input_schema = text_of_object(json, "inputSchema");
  tool.output_schema = text_of_object(json, "outputSchema");
  tool.annotations = text_of_object(json, "annotations");
  const Json* hints = object_at(json, "annotations");
  tool.is_repeatable = is_set(hints, "readOnlyHint") || is_set(hints, "idempotentHint");
  return tool;
}

std::size_t bytes_of_tool(const McpToolInfo& tool) {
  return tool.description.size() + tool.input_schema.text.size() + tool.output_schema.text.size()
         + tool.annotations.text.size() + tool.title.value_or("").size();
}

// Of one part of a result; empty: nothing that could be said.
std::string text_of_part(const Json& part) {
  const std::string type = text_at(part, "type");
  if (type == "text") return text_at(part, "text");
  if (type == "resource_link") return text_at(part, "uri");
  if (type == "resource") {
    const Json* resource = object_at(part, "resource");
    if (resource == nullptr) return {};
    if (member(*resource, "text") != nullptr) return text_at(*resource, "text");
    return "[resource " + text_at(*resource, "uri") + "]";
  }
  if (type == "image" || type == "audio") return "[" + type + " " + text_at(part, "mimeType") + "]";
  return {};
}

}  // namespace

Json initialize_params() {
  return {{"protocolVersion", mcp_version},
          {"capabilities", Json::object()},
          {"clientInfo", {{"name", "reverie"}, {"version", release}}}};
}

Result<McpServerInfo> read_initialize(const Json& result) {
  if (!result.is_object()) return no_answer("the MCP server has not introduced itself");
  McpServerInfo info;
  info.version = text_at(result, "protocolVersion");
  if (std::find(versions.begin(), versions.end(), info.version) == versions.end())
    return no_answer("the MCP server speaks the version '"
                     + std::string(first_characters(info.version, version_shown_max))
                     + "' of the protocol, which is not spoken here");
  const Json* capabilities = object_at(result, "capabilities");
  info.has_tools = capabilities != nullptr && object_at(*capabilities, "tools") != nullptr;
  return info;
}

Result<std::optional<std::string>> add_tools(McpToolList& list, const Json& result,
                                             const McpListLimits& limits) {
  const Json* tools = member(result, "tools");
  if (tools == nullptr || !tools->is_array())
    return no_answer("the MCP server has not listed its tools");
  for (const Json& json : *tools) {
    auto tool = read_tool(json);
    if (!tool) continue;
    const auto has_name = [&](const McpToolInfo& each) { return each.name == tool->name; };
    if (std::any_of(list.tools.begin(), list.tools.end(), has_name)) continue;
    if (list.tools.size() >= limits.tools_max || bytes_of_tool(*tool) > limits.tool_bytes_max)
      leave_out(list, tool->name);
    else
      list.tools.push_back(*std::move(tool));
  }
  std::string cursor = text_at(result, "nextCursor");
  if (cursor.empty()) return std::optional<std::string>();
  if (list.tools.size() >= limits.tools_max || cursor.size() > cursor_max) {
    list.is_cut = true;
    return std::optional<std::string>();
  }
  return std::optional(std::move(cursor));
}

Json call_params(std::string_view tool_name, const Json& arguments, std::string_view call_id) {
  return {{"name", tool_name},
          {"arguments", arguments},
          {"_meta", {{"reverie/idempotencyKey", call_id}}}};
}

ToolOutcome outcome_of_mcp(std::string_view tool_name, const Json& result) {
  if (!result.is_object())
    return tool_error(tool_name, "ConnectionError", "The MCP server has returned no result.");
  std::string text;
  if (const Json* content = member(result, "content"); content != nullptr && content->is_array())
    for (const Json& part : *content) {
      const std::string said = text_of_part(part);
      if (said.empty()) continue;
      if (!text.empty()) text += ' ';
      text += said;
    }
  if (text.empty())
    if (const Json* structured = member(result, "structuredContent"))
      text = structured->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.empty()) text = "Empty response from tool";
  if (is_set(&result, "isError")) return tool_error(tool_name, "ToolError", std::move(text));
  return tool_success(std::move(text));
}

}  // namespace reverie
