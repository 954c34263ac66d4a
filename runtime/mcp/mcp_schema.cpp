#include "runtime/mcp/mcp_schema.hpp"

#include "config/json.hpp"
#include "runtime/tools/custom_tool.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace reverie {

namespace {

constexpr std::size_t reasons_max = 10;

class Normaliser {
 public:
  explicit Normaliser(const Json& root) : root_(root) {}

  void visit(Json& schema, const std::string& path) {
    if (!schema.is_object()) return;
    add_referred_type(schema);
    if (schema.contains("properties") && schema["properties"].is_object())
      visit_object(schema, path);
    else if (schema.value("type", Json()) == "object" && !schema.contains("$ref"))
      note(path, "names no properties");
    for (const char* name : {"items", "additionalProperties"})
      if (schema.contains(name)) visit(schema[name], path + "." + name);
    for (const char* name : {"anyOf", "oneOf", "allOf"})
      if (schema.contains(name) && schema[name].is_array())
        for (Json& each : schema[name]) visit(each, path + "." + name);
    for (const char* name : {"$defs", "definitions"})
      if (schema.contains(name) && schema[name].is_object())
        for (auto& [key, each] : schema[name].items()) visit(each, key);
  }

  std::vector<std::string> reasons;
  bool is_strict = true;

 private:
  void visit_object(Json& schema, const std::string& path) {
    if (!schema.contains("additionalProperties"))
      schema["additionalProperties"] = false;
    else if (schema["additionalProperties"] != false)
      note(path, "takes other properties than those it names");
    const Json required = schema.value("required", Json::array());
    for (auto& [name, property] : schema["properties"].items()) {
      const bool is_required =
        required.is_array() && std::find(required.begin(), required.end(), name) != required.end();
      if (!is_required) note(path + "." + name, "is optional");
      visit(property, path + "." + name);
    }
  }

  // What only refers to a definition says nothing to those who do not follow it.
  void add_referred_type(Json& schema) const {
    const auto reference = schema.find("$ref");
    if (reference == schema.end() || !reference->is_string() || schema.contains("type")) return;
    const auto& text = reference->get_ref<const std::string&>();
    for (const std::string_view prefix : {"#/$defs/", "#/definitions/"}) {
      if (!text.starts_with(prefix)) continue;
      const auto defs = root_.find(std::string(prefix.substr(2, prefix.size() - 3)));
      if (defs == root_.end() || !defs->is_object()) return;
      const auto target = defs->find(text.substr(prefix.size()));
      if (target != defs->end() && target->is_object() && target->contains("type"))
        schema["type"] = target->at("type");
    }
  }

  void note(const std::string& path, const char* what) {
    is_strict = false;
    if (reasons.size() < reasons_max) reasons.push_back(path + " " + what);
  }

  const Json& root_;
};

}  // namespace

std::string_view to_string(McpSchemaHealth health) {
  switch (health) {
    case McpSchemaHealth::strict: return "STRICT_COMPLIANT";
    case McpSchemaHealth::non_strict: return "NON_STRICT_ONLY";
    default: return "INVALID";
  }
}

McpSchema normalised_schema(const RawJson& input_schema) {
  McpSchema out;
  Json schema =
    input_schema.is_null() ? Json::object() : Json::parse(input_schema.text, nullptr, false);
  if (!schema.is_object()) {
    out.reasons = {"the schema is no object"};
    return out;
  }
  const Json type = schema.value("type", Json("object"));
  const auto properties = schema.find("properties");
  if (type != "object" || (properties != schema.end() && !properties->is_object())) {
    out.reasons = {"the arguments are no object with named properties"};
    return out;
  }
  schema["type"] = "object";
  if (properties == schema.end()) schema["properties"] = Json::object();
  const Json original = schema;
  Normaliser normaliser(original);
  normaliser.visit(schema, "arguments");
  out.health = normaliser.is_strict ? McpSchemaHealth::strict : McpSchemaHealth::non_strict;
  out.reasons = std::move(normaliser.reasons);
  out.parameters = RawJson{schema.dump(-1, ' ', false, Json::error_handler_t::replace)};
  return out;
}

std::string mcp_tool_name(std::string_view name, std::string_view server_name, int attempt) {
  std::string wanted(name);
  std::string suffix;
  if (attempt > 0) suffix = "_" + std::string(server_name.substr(0, 16));
  if (attempt > 1) suffix += "_" + std::to_string(attempt);
  wanted = wanted.substr(0, tool_name_size_max - suffix.size()) + suffix;
  for (char& c : wanted)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-') c = '_';
  return wanted;
}

}  // namespace reverie
