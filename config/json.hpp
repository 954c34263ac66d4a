// JSON <-> records, and the JSON Schema of a record, all from its field list.
// A type that is not a record gets a `JsonOf<T>` specialisation: three functions.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/fields.hpp"
#include "config/raw_json.hpp"

#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

namespace reverie {

using Json = nlohmann::json;

inline Error expected(std::string_view what, const Json& got) {
  return {Errc::invalid_argument, "expected " + std::string(what) + ", got " + got.type_name(), ""};
}

template <class T>
struct JsonOf;  // write(const T&) -> Json, read(const Json&) -> Result<T>, schema() -> Json

template <class T>
Json to_json(const T& value) {
  return JsonOf<T>::write(value);
}

template <class T>
Result<T> from_json(const Json& json) {
  return JsonOf<T>::read(json);
}

template <class T>
Json schema_of() {
  return JsonOf<T>::schema();
}

template <>
struct JsonOf<Json> {
  static Json write(const Json& value) { return value; }
  static Result<Json> read(const Json& json) { return json; }
  static Json schema() { return Json::object(); }
};

template <>
struct JsonOf<RawJson> {
  static Json write(const RawJson& value) {
    return value.text.empty() ? Json(nullptr) : Json::parse(value.text, nullptr, false);
  }
  static Result<RawJson> read(const Json& json) {
    if (json.is_null()) return RawJson{};
    return RawJson{json.dump(-1, ' ', false, Json::error_handler_t::replace)};
  }
  static Json schema() { return Json::object(); }
};

template <>
struct JsonOf<double> {
  static Json write(double value) { return value; }
  static Result<double> read(const Json& json) {
    if (!json.is_number()) return expected("number", json);
    return json.get<double>();
  }
  static Json schema() { return {{"type", "number"}}; }
};

template <>
struct JsonOf<std::string> {
  static Json write(const std::string& value) { return value; }
  static Result<std::string> read(const Json& json) {
    if (!json.is_string()) return expected("string", json);
    return json.get<std::string>();
  }
  static Json schema() { return {{"type", "string"}}; }
};

template <>
struct JsonOf<bool> {
  static Json write(bool value) { return value; }
  static Result<bool> read(const Json& json) {
    if (json.is_boolean()) return json.get<bool>();
    if (json.is_string()) {  // query strings carry text
      const auto& text = json.get_ref<const std::string&>();
      for (const char* yes : {"true", "1", "yes", "on", "True"})
        if (text == yes) return true;
      for (const char* no : {"false", "0", "no", "off", "False"})
        if (text == no) return false;
    }
    return expected("boolean", json);
  }
  static Json schema() { return {{"type", "boolean"}}; }
};

template <>
struct JsonOf<std::int64_t> {
  static Json write(std::int64_t value) { return value; }
  static Result<std::int64_t> read(const Json& json) {
    if (json.is_number_integer()) return json.get<std::int64_t>();
    if (json.is_string()) {
      const auto& text = json.get_ref<const std::string&>();
      std::int64_t value = 0;
      const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (code == std::errc{} && end == text.data() + text.size()) return value;
    }
    return expected("integer", json);
  }
  static Json schema() { return {{"type", "integer"}}; }
};

template <>
struct JsonOf<Timestamp> {
  static Json write(Timestamp value) { return to_rfc3339(value); }
  static Result<Timestamp> read(const Json& json) {
    if (!json.is_string()) return expected("date-time", json);
    const auto time = from_rfc3339(json.get_ref<const std::string&>());
    if (!time) return Error{Errc::invalid_argument, "expected an RFC 3339 date-time", ""};
    return *time;
  }
  static Json schema() { return {{"type", "string"}, {"format", "date-time"}}; }
};

template <class T>
struct JsonOf<std::optional<T>> {
  static Json write(const std::optional<T>& value) {
    return value ? to_json(*value) : Json(nullptr);
  }
  static Result<std::optional<T>> read(const Json& json) {
    if (json.is_null()) return std::optional<T>{};
    REVERIE_TRY(T value, from_json<T>(json));
    return std::optional<T>{std::move(value)};
  }
  static Json schema() { return {{"anyOf", {schema_of<T>(), {{"type", "null"}}}}}; }
};

// Only requests hold patches, and requests are read, not written.
template <class T>
struct JsonOf<Patch<T>> {
  static Result<Patch<T>> read(const Json& json) {
    REVERIE_TRY(std::optional<T> value, from_json<std::optional<T>>(json));
    return Patch<T>{true, std::move(value)};
  }
  static Json schema() { return schema_of<std::optional<T>>(); }
};

template <class T>
struct JsonOf<std::vector<T>> {
  static Json write(const std::vector<T>& values) {
    Json out = Json::array();
    for (const T& value : values) out.push_back(to_json(value));
    return out;
  }
  static Result<std::vector<T>> read(const Json& json) {
    if (!json.is_array()) return expected("array", json);
    std::vector<T> values;
    values.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
      auto value = from_json<T>(json[i]);
      if (!value) return std::move(value).error().in(std::to_string(i));
      values.push_back(*std::move(value));
    }
    return values;
  }
  static Json schema() { return {{"type", "array"}, {"items", schema_of<T>()}}; }
};

template <class T>
struct JsonOf<std::map<std::string, T>> {
  static Json write(const std::map<std::string, T>& values) {
    Json out = Json::object();
    for (const auto& [name, value] : values) out[name] = to_json(value);
    return out;
  }
  static Result<std::map<std::string, T>> read(const Json& json) {
    if (!json.is_object()) return expected("object", json);
    std::map<std::string, T> values;
    for (const auto& [name, member] : json.items()) {
      auto value = from_json<T>(member);
      if (!value) return std::move(value).error().in(name);
      values.emplace(name, *std::move(value));
    }
    return values;
  }
  static Json schema() { return {{"type", "object"}, {"additionalProperties", schema_of<T>()}}; }
};

template <Record T>
struct JsonOf<T> {
  static Json write(const T& value) {
    Json out = Json::object();
    for_each_field<T>([&](const auto& f) { out[std::string(f.name)] = to_json(value.*f.member); });
    return out;
  }

  // Unknown members are ignored, as the reference server does.
  static Result<T> read(const Json& json) {
    if (!json.is_object()) return expected("object", json);
    T out;
    std::optional<Error> failure;
    for_each_field<T>([&](const auto& f) {
      if (failure) return;
      const auto found = json.find(f.name);
      if (found == json.end()) {
        if (f.is_required)
          failure = Error{Errc::invalid_argument, "field required", std::string(f.name)};
        return;
      }
      auto value = from_json<std::remove_cvref_t<decltype(out.*f.member)>>(*found);
      if (value)
        out.*f.member = *std::move(value);
      else
        failure = std::move(value).error().in(f.name);
    });
    if (failure) return *std::move(failure);
    return out;
  }

  static Json schema() { return {{"$ref", "#/components/schemas/" + std::string(T::type_name)}}; }
};

// The full object schema of a record: what $ref points to.
template <Record T>
Json object_schema() {
  Json properties = Json::object();
  Json required = Json::array();
  for_each_field<T>([&](const auto& f) {
    if (f.in != In::body) return;  // path and query fields are OpenAPI parameters
    Json schema = schema_of<typename std::remove_cvref_t<decltype(f)>::value_type>();
    if (!f.doc.empty()) schema["description"] = f.doc;
    if (f.is_required) required.push_back(f.name);
    properties[std::string(f.name)] = std::move(schema);
  });
  Json out{{"type", "object"}, {"title", T::type_name}, {"properties", std::move(properties)}};
  if (!required.empty()) out["required"] = std::move(required);
  return out;
}

}  // namespace reverie
