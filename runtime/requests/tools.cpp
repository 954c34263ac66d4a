#include "runtime/requests/tools.hpp"

#include <array>

namespace reverie {

namespace {

// 1'000'000: the API contract's.
constexpr std::int64_t return_char_limit_max = 1'000'000;
constexpr std::int64_t search_limit_max = 100;

Status check_range(std::int64_t value, std::int64_t max, const char* name) {
  if (value >= 1 && value <= max) return {};
  return Error{Errc::invalid_argument,
               "expected 1 to " + std::to_string(max) + ", got " + std::to_string(value), name};
}

Status check_object(const RawJson& json, const char* name) {
  if (json.is_null() || json.text.starts_with('{')) return {};
  return expected("object", Json::parse(json.text, nullptr, false)).in(name);
}

Status check_source_type(const std::optional<std::string>& source_type) {
  constexpr std::array<std::string_view, 5> known{"python", "typescript", "javascript", "http",
                                                   "json"};
  if (!source_type) return {};
  for (const std::string_view each : known)
    if (*source_type == each) return {};
  return Error{Errc::invalid_argument,
               "expected python, typescript, javascript or http, got '" + *source_type + "'",
               "source_type"};
}

Status check_packages(const std::optional<std::vector<PackageRequirement>>& packages,
                      const char* name) {
  if (packages)
    for (const PackageRequirement& each : *packages)
      if (each.name.empty()) return Error{Errc::invalid_argument, "a package has no name", name};
  return {};
}

template <class Request>
Status check_tool(const Request& request) {
  REVERIE_CHECK(check_source_type(request.source_type));
  REVERIE_CHECK(check_object(request.json_schema, "json_schema"));
  REVERIE_CHECK(check_object(request.args_json_schema, "args_json_schema"));
  REVERIE_CHECK(check_packages(request.pip_requirements, "pip_requirements"));
  return check_packages(request.npm_requirements, "npm_requirements");
}

template <class Request>
Status check_limit(const Request& request) {
  if (!request.return_char_limit) return {};
  return check_range(*request.return_char_limit, return_char_limit_max, "return_char_limit");
}

}  // namespace

Status CreateTool::validate(const CreateTool& request) {
  REVERIE_CHECK(check_limit(request));
  return check_tool(request);
}

Status ModifyTool::validate(const ModifyTool& request) {
  REVERIE_CHECK(check_limit(request));
  REVERIE_CHECK(check_object(request.metadata, "metadata_"));
  return check_tool(request);
}

Status CreateToolsFromOpenapi::validate(const CreateToolsFromOpenapi& request) {
  if (request.document.is_null())
    return Error{Errc::invalid_argument, "expected an OpenAPI document", "document"};
  return check_object(request.document, "document");
}

Status RunToolSource::validate(const RunToolSource& request) {
  REVERIE_CHECK(check_object(request.args, "args"));
  return check_tool(request);
}

Status RunAgentTool::validate(const RunAgentTool& request) {
  return check_object(request.args, "args");
}

Status SearchTools::validate(const SearchTools& request) {
  const auto& mode = request.search_mode;
  if (mode != "vector" && mode != "fts" && mode != "hybrid")
    return Error{Errc::invalid_argument, "expected vector, fts or hybrid, got '" + mode + "'",
                 "search_mode"};
  return check_range(request.limit, search_limit_max, "limit");
}

}  // namespace reverie
