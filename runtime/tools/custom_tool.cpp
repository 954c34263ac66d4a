#include "runtime/tools/custom_tool.hpp"

#include "runtime/tools/tool_source.hpp"
#include "runtime/tools/tools.hpp"
#include "runtime/web/http_template.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

using OrderedJson = nlohmann::ordered_json;  // a schema keeps the order that it was written in

Error refused(std::string message, const char* where) {
  return {Errc::bad_request, "INVALID_ARGUMENT: " + std::move(message), where};
}

Status check_tool_name(const std::string& name) {
  const bool is_fine =
    !name.empty() && name.size() <= tool_name_size_max
    && std::all_of(name.begin(), name.end(), [](char c) {
         return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
       });
  if (!is_fine)
    return refused("the name of a tool is 1 to 48 letters, digits, _ and -, not '" + name + "'",
                   "body.json_schema.name");
  if (find_builtin_tool(name))
    return refused("'" + name + "' is the name of a built-in tool", "body.json_schema.name");
  return {};
}

// That the source is a request which the tool's arguments fill.
Status check_request(const CustomTool& tool, const OrderedJson& parameters) {
  auto request = HttpTemplate::parse(tool.source_code);
  auto checked = request ? check_gaps(*request, parameters) : Status(request.error());
  if (checked) return {};
  return refused(std::move(checked).error().message, "body.source_code");
}

Status check_defined(const CustomTool& tool) {
  if (defines_function(tool.source_code, tool.source_type, tool.name)) return {};
  return refused(
    "the source code does not define '" + tool.name + "', the name that the tool's schema has",
    "body.source_code");
}

// A schema of the arguments as the parameters of a tool.
OrderedJson parameters_of(const RawJson& args_json_schema) {
  OrderedJson given = OrderedJson::parse(args_json_schema.text, nullptr, false);
  OrderedJson out{{"type", "object"}, {"properties", OrderedJson::object()}};
  for (const char* name : {"properties", "$defs"})
    if (given.contains(name) && given[name].is_object()) out[name] = given[name];
  out["required"] = given.contains("required") && given["required"].is_array()
                      ? given["required"]
                      : OrderedJson::array();
  return out;
}

// Gives the tool its schema, and with it its name and description.
Status set_schema(CustomTool& tool, OrderedJson schema,
                  const std::optional<std::string>& description) {
  const auto name = schema.find("name");
  if (name == schema.end() || !name->is_string())
    return refused("a schema needs a name", "body.json_schema.name");
  const auto parameters = schema.find("parameters");
  if (parameters != schema.end() && !parameters->is_object())
    return refused("parameters are a JSON Schema of type object", "body.json_schema.parameters");
  if (parameters == schema.end())
    schema["parameters"] = {{"type", "object"}, {"properties", OrderedJson::object()}};
  tool.name = schema["name"].get<std::string>();  // iterators end with an insertion
  REVERIE_CHECK(check_tool_name(tool.name));
  const auto described = schema.find("description");
  tool.description = description ? *description
                     : described != schema.end() && described->is_string()
                       ? described->get<std::string>()
                       : python_summary(tool.source_code, tool.name);
  schema["description"] = *tool.description;
  tool.json_schema = RawJson{schema.dump(-1, ' ', false, OrderedJson::error_handler_t::replace)};
  return tool.source_type == "http" ? check_request(tool, schema["parameters"])
                                    : check_defined(tool);
}

OrderedJson named_schema(const std::string& name, const RawJson& args_json_schema) {
  return {{"name", name}, {"parameters", parameters_of(args_json_schema)}};
}

Error no_function() {
  return refused("the source code has no function at its top level", "body.source_code");
}

}  // namespace

std::string source_type_of(const std::optional<std::string>& requested) {
  return !requested || *requested == "json" ? "python" : *requested;
}

Result<bool> needs_schema(const CreateTool& request) {
  if (!request.json_schema.is_null()) return false;
  if (source_type_of(request.source_type) != "python")
    return refused("a tool whose source is not Python needs a json_schema", "body.json_schema");
  return request.args_json_schema.is_null();
}

Result<CustomTool> new_tool(const CreateTool& request, std::string_view derived,
                            const ToolAuthor& author) {
  CustomTool tool;
  tool.org_id = author.org_id;
  tool.source_type = source_type_of(request.source_type);
  tool.source_code = request.source_code;
  tool.args_json_schema = request.args_json_schema;
  OrderedJson schema;
  if (!request.json_schema.is_null()) {
    schema = OrderedJson::parse(request.json_schema.text, nullptr, false);
    if (!request.args_json_schema.is_null())
      schema["parameters"] = parameters_of(request.args_json_schema);
  } else if (!request.args_json_schema.is_null()) {
    const auto name = last_python_function(request.source_code);
    if (!name) return no_function();
    schema = named_schema(*name, request.args_json_schema);
  } else {
    schema = OrderedJson::parse(derived, nullptr, false);
  }
  if (!schema.is_object()) return refused("a schema is an object", "body.json_schema");
  REVERIE_CHECK(set_schema(tool, std::move(schema), request.description));
  tool.tags = request.tags.value_or(std::vector<std::string>{});
  if (request.return_char_limit) tool.return_char_limit = *request.return_char_limit;
  tool.pip_requirements = request.pip_requirements;
  tool.npm_requirements = request.npm_requirements;
  tool.default_requires_approval = request.default_requires_approval;
  tool.enable_parallel_execution = request.enable_parallel_execution;
  tool.created_by_id = author.user_id;
  tool.last_updated_by_id = author.user_id;
  tool.created_at = author.now;
  tool.updated_at = author.now;
  return tool;
}

CustomTool replaced_tool(const CustomTool& before, CustomTool made, const CreateTool& request) {
  const auto keep = [](auto& member, const auto& old, bool is_said) {
    if (!is_said) member = old;
  };
  made.id = before.id;
  made.tool_type = before.tool_type;
  made.metadata = before.metadata;
  made.project_id = before.project_id;
  made.created_by_id = before.created_by_id;
  made.created_at = before.created_at;
  keep(made.tags, before.tags, request.tags.has_value());
  keep(made.return_char_limit, before.return_char_limit, request.return_char_limit.has_value());
  keep(made.pip_requirements, before.pip_requirements, request.pip_requirements.has_value());
  keep(made.npm_requirements, before.npm_requirements, request.npm_requirements.has_value());
  keep(made.default_requires_approval, before.default_requires_approval,
       request.default_requires_approval.has_value());
  keep(made.enable_parallel_execution, before.enable_parallel_execution,
       request.enable_parallel_execution.has_value());
  return made;
}

namespace {

// Its code, and with it its schema, name and description.
Status set_source(CustomTool& tool, const ModifyTool& request) {
  if (request.source_type) {
    const std::string source_type = source_type_of(request.source_type);
    if (source_type != "python" && source_type != tool.source_type && request.json_schema.is_null())
      return refused("a tool whose source is not Python needs a json_schema", "body.json_schema");
    tool.source_type = source_type;
  }
  if (request.source_code) tool.source_code = *request.source_code;
  if (!request.args_json_schema.is_null()) tool.args_json_schema = request.args_json_schema;

  const bool has_schema = !request.json_schema.is_null();
  OrderedJson schema = OrderedJson::parse(
    has_schema ? request.json_schema.text : tool.json_schema.text, nullptr, false);
  if (!request.args_json_schema.is_null())
    schema["parameters"] = parameters_of(request.args_json_schema);
  return set_schema(tool, std::move(schema), request.description);
}

// What its server says of a tool is the server's; how it is used here is the organisation's.
Status check_mcp_change(const ModifyTool& request) {
  const bool is_servers = request.source_code || request.source_type || request.description
                          || !request.json_schema.is_null() || !request.args_json_schema.is_null()
                          || request.pip_requirements || request.npm_requirements
                          || !request.metadata.is_null();
  if (!is_servers) return {};
  return refused("the code, schema and description of an MCP server's tool are the server's",
                 "body");
}

}  // namespace

Result<CustomTool> modified_tool(CustomTool tool, const ModifyTool& request,
                                 const ToolAuthor& author) {
  const auto set = [](auto& member, const auto& given) {
    if (given) member = *given;
  };
  if (tool.mcp) {
    REVERIE_CHECK(check_mcp_change(request));
    // Who says whether it needs an approval has looked at it.
    if (request.default_requires_approval) tool.mcp->needs_review = false;
  } else {
    REVERIE_CHECK(set_source(tool, request));
  }
  set(tool.tags, request.tags);
  set(tool.return_char_limit, request.return_char_limit);
  if (request.pip_requirements) tool.pip_requirements = request.pip_requirements;
  if (request.npm_requirements) tool.npm_requirements = request.npm_requirements;
  if (!request.metadata.is_null()) tool.metadata = request.metadata;
  if (request.default_requires_approval)
    tool.default_requires_approval = request.default_requires_approval;
  if (request.enable_parallel_execution)
    tool.enable_parallel_execution = request.enable_parallel_execution;
  tool.last_updated_by_id = author.user_id;
  tool.updated_at = author.now;
  return tool;
}

Result<std::string> function_to_run(const RunToolSource& request) {
  if (request.name) return *request.name;
  const Json schema = Json::parse(request.json_schema.text, nullptr, false);
  if (schema.is_object() && schema.contains("name") && schema["name"].is_string())
    return schema["name"].get<std::string>();
  const bool is_python = source_type_of(request.source_type) == "python";
  const auto last =
    is_python ? last_python_function(request.source_code) : std::optional<std::string>();
  if (!last) return is_python ? no_function() : refused("name the function to run", "body.name");
  return *last;
}

}  // namespace reverie
