#include "runtime/tools/builtin_tool.hpp"

#include "config/json_text.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace reverie {

namespace {

void append_property(std::string& out, const Parameter& member) {
  append_json_string(out, member.name);
  out += ":{\"type\":";
  append_json_string(out, member.type);
  if (member.type == "array") {
    out += ",\"items\":";
    if (!member.items.empty())
      out += member.items;
    else
      out.append("{\"type\":\"string\"")
        .append(member.choices.empty() ? "" : ",\"enum\":")
        .append(member.choices)
        .append("}");
  } else if (!member.choices.empty()) {
    out.append(",\"enum\":").append(member.choices);
  }
  out += ",\"description\":";
  append_json_string(out, member.description);
  out += '}';
}

}  // namespace

RawJson parameters(std::initializer_list<Parameter> members) {
  std::string properties;
  std::string required;
  for (const Parameter& member : members) {
    if (!properties.empty()) properties += ',';
    append_property(properties, member);
    if (!member.is_required) continue;
    if (!required.empty()) required += ',';
    append_json_string(required, member.name);
  }
  return RawJson("{\"type\":\"object\",\"properties\":{" + properties + "},\"required\":["
                 + required + "]}");
}

BuiltinTool builtin_tool(std::string_view name, std::string_view tool_type,
                         std::string_view description, RawJson parameters_schema,
                         NativeFunction run) {
  Tool tool;
  tool.id = builtin_tool_id(name);
  tool.name = std::string(name);
  tool.tool_type = std::string(tool_type);
  tool.description = std::string(description);
  tool.parameters = std::move(parameters_schema);
  Json schema = Json::parse(tool.parameters.text);
  return {std::move(tool), std::move(schema), run, true};
}

std::optional<std::string> text_argument(const Json& arguments, std::string_view name) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

std::int64_t integer_argument(const Json& arguments, std::string_view name, std::int64_t fallback) {
  const auto found = arguments.find(name);
  if (found == arguments.end() || !found->is_number()) return fallback;
  if (found->is_number_float() && !(std::abs(found->get<double>()) < 1e15)) return fallback;
  return found->get<std::int64_t>();
}

}  // namespace reverie
