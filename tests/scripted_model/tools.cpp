#include "tests/scripted_model/tools.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array thought_names{"thinking", "inner_thoughts"};
constexpr auto heartbeat_name = "request_heartbeat";

struct Tool {
  std::string name;
  Json schema = Json::object();
};

struct ToolChoice {
  bool is_required = false;
  std::string forced;  // the tool that must be called
};

Json member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? Json() : *found;
}

std::string text_member(const Json& object, const char* name) {
  const Json value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string{};
}

Tool tool_of(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Json function = member(json, "function");
  if (function.is_object()) return {text_member(function, "name"), member(function, "parameters")};
  const Json schema = member(json, "input_schema");
  return {text_member(json, "name"), schema.is_null() ? member(json, "parameters") : schema};
}

std::vector<Tool> tools_of(const ModelRequest& request) {
  std::vector<Tool> out;
  for (const std::string_view text : request.tools) out.push_back(tool_of(text));
  return out;
}

const Tool* find(const std::vector<Tool>& tools, const std::string& name) {
  const auto found =
    std::find_if(tools.begin(), tools.end(), [&](const Tool& tool) { return tool.name == name; });
  return found == tools.end() ? nullptr : &*found;
}

// OpenAI: "required", {"type": "function", "function": {"name": ..}}.
// Anthropic: {"type": "any"}, {"type": "tool", "name": ..}.
ToolChoice choice_of(const ModelRequest& request) {
  if (request.tool_choice.empty() || request.tool_choice == "\"auto\"") return {};
  const Json json = Json::parse(request.tool_choice, nullptr, false);
  if (json.is_string()) return {json == "required" || json == "any", ""};
  const std::string type = text_member(json, "type");
  if (type == "any") return {true, ""};
  if (type != "tool" && type != "function") return {};
  const Json function = member(json, "function");
  return {false, text_member(function.is_object() ? function : json, "name")};
}

// The least value that a schema allows.
Json least_value(const Json& schema) {
  const Json values = member(schema, "enum");
  if (values.is_array() && !values.empty()) return values.front();
  for (const char* name : {"anyOf", "oneOf"}) {
    const Json choices = member(schema, name);
    if (choices.is_array() && !choices.empty()) return least_value(choices.front());
  }
  Json type = member(schema, "type");
  if (type.is_array() && !type.empty()) type = Json(type.front());
  if (type == "string") return "x";
  if (type == "integer") return 1;
  if (type == "number") return 1.0;
  if (type == "boolean") return false;
  if (type == "array") return Json::array();
  if (type != "object") return nullptr;
  Json out = Json::object();
  for (const Json& name : member(schema, "required"))
    out[name.get<std::string>()] =
      least_value(member(member(schema, "properties"), name.get_ref<const std::string&>().c_str()));
  return out;
}

std::string least_arguments(const Tool* tool) {
  const Json arguments = tool ? least_value(tool->schema) : Json();
  return arguments.is_object() ? arguments.dump() : "{}";
}

void force_call(const std::vector<Tool>& tools, const ToolChoice& choice, Reply& reply) {
  Call call;
  if (!choice.forced.empty() && choice.forced != "send_message")
    call = {choice.forced, least_arguments(find(tools, choice.forced))};
  else if (find(tools, "send_message"))
    call = {"send_message", Json{{"message", reply.content.value_or("")}}.dump()};
  else if (choice.is_required && !tools.empty())
    call = {tools.front().name, least_arguments(&tools.front())};
  else
    return;
  reply.calls.push_back(std::move(call));
  reply.content.reset();
}

bool requires_argument(const Tool& tool, const std::string& name) {
  const Json required = member(tool.schema, "required");
  return required.is_array() && std::find(required.begin(), required.end(), name) != required.end();
}

void complete_arguments(const Tool& tool, const std::string& reasoning, bool has_more_steps,
                        std::string& arguments) {
  const Json given = Json::parse(arguments, nullptr, false);
  if (!given.is_object()) return;
  Json out = Json::object();
  for (const char* name : thought_names)
    if (requires_argument(tool, name) && !given.contains(name))
      out[name] = reasoning.empty() ? "scripted" : reasoning;
  out.update(given);
  if (requires_argument(tool, heartbeat_name) && !given.contains(heartbeat_name))
    out[heartbeat_name] = has_more_steps;
  if (out.size() != given.size()) arguments = out.dump();
}

// Schemas are large and few of them require such an argument: look at the text first.
bool may_require_arguments(const ModelRequest& request) {
  return std::any_of(request.tools.begin(), request.tools.end(), [](std::string_view tool) {
    return tool.find(heartbeat_name) != tool.npos
           || std::any_of(thought_names.begin(), thought_names.end(),
                          [&](const char* name) { return tool.find(name) != tool.npos; });
  });
}

}  // namespace

void use_tools(const ModelRequest& request, bool has_more_steps, Reply& reply) {
  const ToolChoice choice = choice_of(request);
  const bool must_call = choice.is_required || !choice.forced.empty();
  const bool forces = must_call && reply.calls.empty();
  if (!forces && (reply.calls.empty() || !may_require_arguments(request))) return;
  const std::vector<Tool> tools = tools_of(request);
  if (forces) force_call(tools, choice, reply);
  for (Call& call : reply.calls)
    if (const Tool* tool = find(tools, call.name))
      complete_arguments(*tool, reply.reasoning, has_more_steps, call.arguments);
}

}  // namespace reverie::scripted
