// Reading a vendor's JSON without trusting its shape, and writing members one by one.

#pragma once

#include "config/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace reverie {

using Json = nlohmann::json;

// The member when `json` is an object that has it and it is not null.
inline const Json* member(const Json& json, std::string_view name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? nullptr : &*found;
}

// The member's text; empty when it is absent or no string.
inline std::string_view text_member(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found && found->is_string() ? std::string_view(found->get_ref<const std::string&>())
                                     : std::string_view();
}

inline std::optional<std::int64_t> int_member(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  if (!found || !found->is_number()) return std::nullopt;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  constexpr double exact_max = 9'007'199'254'740'992;  // 2^53: up to here each integer is a double
  const auto value = found->get<double>();
  if (!(value >= -exact_max && value <= exact_max)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

// The library takes a zero byte for the end of the text, and what is behind it for nothing.
inline bool is_readable(std::string_view text) {
  return text.find('\0') == std::string_view::npos && !is_too_deep(text);
}

// Tokens as a host counts them; nothing when it is no number of them. 10^12: more than any answer
// has, and a million of them can still be added.
inline std::optional<std::int64_t> count_member(const Json& json, std::string_view name) {
  constexpr std::int64_t count_max = 1'000'000'000'000;
  const auto value = int_member(json, name);
  return value && *value >= 0 && *value <= count_max ? value : std::nullopt;
}

// Nothing when the text is no JSON, or too deep.
inline std::optional<Json> parsed(std::string_view text) {
  if (!is_readable(text)) return std::nullopt;
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

// True for text that is one JSON object, not too deep, which can stand in a request as it is.
inline bool is_json_object(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' && is_readable(text)
         && Json::accept(text);
}

// `"name":`, with a comma before it unless the object has just been opened.
inline void append_name(std::string& out, std::string_view name) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

inline void append_text(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  append_json_string(out, text);
}

// A comma unless the array has just been opened.
inline void next_element(std::string& out) {
  if (out.back() != '[') out += ',';
}

}  // namespace reverie
