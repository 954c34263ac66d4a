#include "runtime/tools/tool.hpp"

#include "config/json.hpp"
#include "config/json_writer.hpp"

#include <utility>

#include <openssl/sha.h>

namespace reverie {

// "tool-" and the first 16 bytes of SHA-256("reverie tool " + name), with the version and variant
// bits of a uuid4.
std::string builtin_tool_id(std::string_view name) {
  const std::string seed = "reverie tool " + std::string(name);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(seed.data()), seed.size(), digest);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x40);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  constexpr char hex[] = "0123456789abcdef";
  std::string id = "tool-";
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += hex[digest[i] >> 4];
    id += hex[digest[i] & 15];
  }
  return id;
}

ToolSpec tool_spec(const Tool& tool) {
  return {tool.name, tool.description, tool.parameters};
}

ToolPointer make_tool(CustomTool stored) {
  constexpr std::string_view no_parameters = R"({"type":"object","properties":{}})";
  auto tool = std::make_shared<Tool>();
  tool->id = stored.id;
  tool->name = stored.name;
  tool->tool_type = stored.tool_type;
  // Parameters stay in the order in which they were written.
  const auto schema = nlohmann::ordered_json::parse(stored.json_schema.text, nullptr, false);
  const bool has_parameters =
    schema.is_object() && schema.contains("parameters") && schema["parameters"].is_object();
  tool->parameters =
    RawJson{has_parameters ? schema["parameters"].dump() : std::string(no_parameters)};
  tool->description = stored.description.value_or("");
  tool->return_char_limit = stored.return_char_limit;
  tool->enable_parallel_execution = stored.enable_parallel_execution.value_or(false);
  tool->custom = std::make_shared<const CustomTool>(std::move(stored));
  return tool;
}

namespace {

// With what has to be known about it before it is used.
std::string shown_metadata(const CustomTool& tool) {
  if (tool.metadata.is_null()) return "{}";
  if (!tool.mcp || !tool.mcp->needs_review) return tool.metadata.text;
  Json metadata = Json::parse(tool.metadata.text, nullptr, false);
  if (metadata.is_object()) metadata["mcp"]["needs_review"] = true;
  return metadata.dump();
}

}  // namespace

// In the order of the contract's Tool.
void append_tool_json(std::string& out, const Tool& tool, std::string_view user_id) {
  static const CustomTool none;
  const CustomTool& custom = tool.custom ? *tool.custom : none;
  const bool is_builtin = tool.custom == nullptr;
  JsonObjectWriter json{out};
  json.add("id", tool.id)
    .add("tool_type", tool.tool_type)
    .add("description", tool.description)
    .add("source_type", custom.source_type)
    .add("name", tool.name)
    .add("tags", is_builtin ? std::vector<std::string>{tool.tool_type} : custom.tags);
  if (is_builtin) {
    json.add_null("source_code").begin("json_schema");
    JsonObjectWriter{out}
      .add("name", tool.name)
      .add("description", tool.description)
      .add("parameters", tool.parameters);
  } else {
    json.add("source_code", custom.mcp ? std::nullopt : std::optional(custom.source_code))
      .add("json_schema", custom.json_schema);
  }
  json.add("args_json_schema", custom.args_json_schema)
    .add("return_char_limit", tool.return_char_limit)
    .add("pip_requirements", custom.pip_requirements)
    .add("npm_requirements", custom.npm_requirements)
    .add("default_requires_approval", custom.default_requires_approval)
    .add("enable_parallel_execution", tool.enable_parallel_execution)
    .add("created_by_id", is_builtin ? std::optional(std::string(user_id)) : custom.created_by_id)
    .add("last_updated_by_id",
         is_builtin ? std::optional(std::string(user_id)) : custom.last_updated_by_id)
    .add_json("metadata_", shown_metadata(custom))
    .add("project_id", custom.project_id);
}

}  // namespace reverie
