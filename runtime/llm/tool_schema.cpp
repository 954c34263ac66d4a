#include "runtime/llm/tool_schema.hpp"

#include "runtime/llm/json_access.hpp"

#include <algorithm>

namespace reverie {

namespace {

constexpr std::string_view empty_object = R"({"type":"object","properties":{}})";

bool is_null_schema(const Json& schema) {
  return text_member(schema, "type") == "null";
}

bool names_type(const Json& schema, std::string_view type) {
  const auto found = schema.find("type");
  if (found == schema.end()) return false;
  return *found == type
         || (found->is_array() && std::find(found->begin(), found->end(), type) != found->end());
}

// Calls `visit` for every schema right below this one; stops at the first false.
template <class Visit>
bool each_child(Json& schema, Visit&& visit) {
  for (const char* name : {"properties", "$defs", "definitions"})
    if (const auto found = schema.find(name); found != schema.end() && found->is_object())
      for (auto& [key, child] : found->items())
        if (!visit(child)) return false;
  for (const char* name : {"anyOf", "oneOf", "allOf", "prefixItems"})
    if (const auto found = schema.find(name); found != schema.end() && found->is_array())
      for (Json& child : *found)
        if (!visit(child)) return false;
  for (const char* name : {"items", "additionalProperties"})
    if (const auto found = schema.find(name); found != schema.end() && found->is_object())
      if (!visit(*found)) return false;
  return true;
}

bool is_closed_object(const Json& schema) {
  const Json* properties = member(schema, "properties");
  const auto others = schema.find("additionalProperties");
  return properties && properties->is_object() && (others == schema.end() || *others == false);
}

void make_nullable(Json& schema) {
  if (names_type(schema, "null")) return;
  const auto type = schema.find("type");
  if (type != schema.end() && type->is_string() && !schema.contains("enum")) {
    *type = Json::array({*type, "null"});
    return;
  }
  if (type != schema.end() && type->is_array()) {
    type->push_back("null");
    return;
  }
  if (const auto any = schema.find("anyOf"); any != schema.end() && any->is_array()) {
    if (std::none_of(any->begin(), any->end(), is_null_schema)) any->push_back({{"type", "null"}});
    return;
  }
  schema = Json{{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}};
}

// False when the schema cannot be strict.
bool tighten(Json& schema) {
  if (!schema.is_object()) return false;
  schema.erase("default");
  if (!each_child(schema, tighten)) return false;
  if (!names_type(schema, "object") && !schema.contains("properties")) return true;
  if (!is_closed_object(schema)) return false;
  const Json was_required = schema.value("required", Json::array());
  Json required = Json::array();
  for (auto& [name, property] : schema["properties"].items()) {
    if (std::find(was_required.begin(), was_required.end(), name) == was_required.end())
      make_nullable(property);
    required.push_back(name);
  }
  schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return true;
}

// {"anyOf": [X, null]} -> X with what stood beside it; {"type": ["string", "null"]} -> string.
void drop_null(Json& schema) {
  if (const auto type = schema.find("type"); type != schema.end() && type->is_array()) {
    std::erase_if(type->get_ref<Json::array_t&>(), [](const Json& each) { return each == "null"; });
    if (type->size() == 1) *type = Json(type->front());
  }
  for (const char* name : {"anyOf", "oneOf"}) {
    const auto found = schema.find(name);
    if (found == schema.end() || !found->is_array()) continue;
    std::erase_if(found->get_ref<Json::array_t&>(), is_null_schema);
    if (found->size() != 1 || !found->front().is_object()) continue;
    Json only = std::move(found->front());
    schema.erase(name);
    schema.update(only);
  }
}

bool simplify(Json& schema) {
  if (!schema.is_object()) return true;
  schema.erase("default");
  drop_null(schema);
  return each_child(schema, simplify);
}

// False when the schema cannot be closed.
bool close(Json& schema) {
  if (!schema.is_object()) return false;
  for (const char* bound : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
                            "multipleOf", "minLength", "maxLength", "minItems", "maxItems"})
    schema.erase(bound);
  if (!each_child(schema, close)) return false;
  if (!names_type(schema, "object") && !schema.contains("properties")) return true;
  if (!is_closed_object(schema)) return false;
  schema["additionalProperties"] = false;
  return true;
}

bool holds(const std::string& text, std::string_view needle) {
  return text.find(needle) != std::string::npos;
}

}  // namespace

std::string object_schema_text(const RawJson& schema) {
  return schema.is_null() ? std::string(empty_object) : schema.text;
}

std::optional<std::string> strict_schema(const RawJson& schema) {
  auto json = parsed(object_schema_text(schema));
  if (!json || !tighten(*json)) return std::nullopt;
  return json->dump();
}

std::optional<std::string> closed_schema(const RawJson& schema) {
  auto json = parsed(plain_schema(schema));
  if (!json || !close(*json)) return std::nullopt;
  return json->dump();
}

RawJson with_answer_format(const RawJson& parameters, std::string_view name,
                           const RawJson& response_format) {
  const auto format = response_format.is_null() ? std::nullopt : parsed(response_format.text);
  auto json = parsed(object_schema_text(parameters));
  if (!format || !json || !json->is_object()) return parameters;
  Json shape;
  if (text_member(*format, "type") == "json_object") {
    shape = {{"type", "object"},
             {"description", "What to say, as a JSON object."},
             {"additionalProperties", true},
             {"properties", Json::object()}};
  } else if (text_member(*format, "type") == "json_schema") {
    const Json* described = member(*format, "json_schema");
    const Json* schema = described ? member(*described, "schema") : nullptr;
    if (schema && schema->is_object()) shape = *schema;
  }
  if (shape.is_null() || !(*json)["properties"].is_object()) return parameters;
  (*json)["properties"][std::string(name)] = std::move(shape);
  return RawJson(json->dump());
}

std::string plain_schema(const RawJson& schema) {
  std::string text = object_schema_text(schema);
  // Most schemas need nothing, and to look is cheaper than to parse.
  if (!holds(text, "\"default\"") && !holds(text, "\"null\"") && holds(text, "\"properties\"")
      && holds(text, "\"object\""))
    return text;
  auto json = parsed(text);
  if (!json || !json->is_object()) return std::string(empty_object);
  simplify(*json);
  (*json)["type"] = "object";
  if (!json->contains("properties")) (*json)["properties"] = Json::object();
  return json->dump();
}

}  // namespace reverie
