#include "runtime/tools/arguments.hpp"

#include "runtime/text.hpp"
#include "runtime/tools/json_schema.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace reverie {

namespace {

// Deeper than any tool's arguments. What is deeper is not parsed: a tree is written recursively.
constexpr int depth_max = 100;

// The first complete object of the text; empty when there is none.
std::string_view first_object(std::string_view text) {
  const std::size_t begin = text.find('{');
  if (begin == std::string_view::npos) return {};
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string) {
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > depth_max) return {};
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return text.substr(begin, i + 1 - begin);
    }
  }
  return {};
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
    out += "'" + names[i] + "'";
  }
  return out;
}

Status refuse_unknown(std::string_view tool_name, const Json& arguments, const Json& parameters) {
  std::vector<std::string> known;
  if (parameters.contains("properties"))
    for (const auto& [name, schema] : parameters["properties"].items()) known.push_back(name);
  for (const auto& [name, value] : arguments.items()) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return Error{Errc::invalid_argument,
                 std::string(tool_name) + "() got an unexpected argument '" + name + "', it takes "
                   + (known.empty() ? "none" : quoted_list(known)),
                 ""};
  }
  return {};
}

}  // namespace

CallArguments repair_arguments(std::string_view text) {
  text = stripped(text);
  if (text.starts_with('"')) {
    const Json inner = Json::parse(text, nullptr, false);
    if (!inner.is_string()) return {};
    const std::string unpacked = inner.get<std::string>();
    return unpacked.starts_with('"') ? CallArguments{} : repair_arguments(unpacked);
  }
  if (!text.starts_with('{')) return {};
  const std::string_view object = first_object(text);
  CallArguments out;
  out.values = Json::parse(object, nullptr, false);
  if (!out.values.is_object()) return {};
  const bool was_cut = out.values.erase("request_heartbeat") > 0;
  out.text = was_cut ? dump(out.values) : std::string(object);
  return out;
}

CallArguments merge_prefilled(CallArguments arguments, const Json& prefilled) {
  if (!prefilled.is_object() || prefilled.empty()) return arguments;
  arguments.values.update(prefilled);
  arguments.text = dump(arguments.values);
  return arguments;
}

Status check_arguments(std::string_view tool_name, const Json& arguments, const Json& parameters) {
  std::vector<std::string> required;
  if (parameters.contains("required"))
    for (const Json& name : parameters["required"])
      if (name.is_string()) required.push_back(name);
  std::vector<std::string> missing;
  for (const std::string& name : required)
    if (!arguments.contains(name)) missing.push_back(name);
  if (!missing.empty())
    return Error{Errc::invalid_argument,
                 std::string(tool_name) + "() missing " + std::to_string(missing.size())
                   + " required argument" + (missing.size() == 1 ? ": " : "s: ")
                   + quoted_list(missing),
                 ""};
  REVERIE_CHECK(refuse_unknown(tool_name, arguments, parameters));
  for (const auto& [name, value] : arguments.items()) {
    const bool is_required = std::find(required.begin(), required.end(), name) != required.end();
    if (value.is_null() && !is_required) continue;
    const Status fits = check_value(value, property_of(parameters, name));
    if (!fits)
      return Error{Errc::invalid_argument,
                   std::string(tool_name) + "() argument '" + name + "': " + fits.error().message,
                   ""};
  }
  return {};
}

}  // namespace reverie
