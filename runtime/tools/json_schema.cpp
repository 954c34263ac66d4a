#include "runtime/tools/json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace reverie {

namespace {

bool has_type(const Json& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_number_integer()
           || (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
  return true;  // a type of a newer draft is not ours to refuse
}

Status check_type(const Json& value, const Json& type) {
  if (type.is_string()) {
    const auto& name = type.get_ref<const std::string&>();
    if (has_type(value, name)) return {};
    return expected(name, value);
  }
  if (!type.is_array()) return {};
  std::string names;
  for (const Json& each : type) {
    if (!each.is_string() || has_type(value, each.get_ref<const std::string&>())) return {};
    names += (names.empty() ? "" : " or ") + each.get<std::string>();
  }
  return expected(names, value);
}

Status check_choice(const Json& value, const Json& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  return Error{Errc::invalid_argument,
               "expected one of " + choices.dump() + ", got " + value.dump(), ""};
}

Status check_alternatives(const Json& value, const Json& alternatives) {
  Status last;
  for (const Json& schema : alternatives) {
    last = check_value(value, schema);
    if (last) return {};
  }
  return last;
}

Status check_items(const Json& value, const Json& schema) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto fits = check_type(value[i], schema.value("type", Json()));
    if (fits && schema.contains("enum") && schema["enum"].is_array())
      fits = check_choice(value[i], schema["enum"]);
    if (!fits) return std::move(fits).error().in(std::to_string(i));
  }
  return {};
}

}  // namespace

Status check_value(const Json& value, const Json& schema) {
  if (!schema.is_object()) return {};
  if (schema.contains("type")) REVERIE_CHECK(check_type(value, schema["type"]));
  if (schema.contains("enum") && schema["enum"].is_array())
    REVERIE_CHECK(check_choice(value, schema["enum"]));
  if (schema.contains("const")) REVERIE_CHECK(check_choice(value, Json::array({schema["const"]})));
  for (const char* name : {"anyOf", "oneOf"})
    if (schema.contains(name) && schema[name].is_array())
      REVERIE_CHECK(check_alternatives(value, schema[name]));
  if (value.is_array() && schema.contains("items") && schema["items"].is_object())
    REVERIE_CHECK(check_items(value, schema["items"]));
  return {};
}

const Json& property_of(const Json& object_schema, std::string_view name) {
  static const Json none;
  if (!object_schema.is_object()) return none;
  const auto properties = object_schema.find("properties");
  if (properties == object_schema.end() || !properties->is_object()) return none;
  const auto property = properties->find(name);
  return property == properties->end() ? none : *property;
}

}  // namespace reverie
