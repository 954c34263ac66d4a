#include "net/openapi.hpp"

#include "config/version.hpp"
#include "net/route.hpp"
#include "net/route_tree.hpp"

#include <algorithm>
#include <cctype>

namespace reverie {

namespace {

// "list_agents" -> "List Agents"
std::string summary_of(std::string_view operation_id) {
  std::string out(operation_id);
  bool is_first = true;
  for (char& c : out) {
    if (c == '_') c = ' ';
    if (is_first) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    is_first = c == ' ';
  }
  return out;
}

// Path parameters that the request record does not list; handlers read those from the path.
void add_missing_parameters(std::string_view path, Json& parameters) {
  for (const std::string_view name : parameters_of(path)) {
    const bool is_there = std::any_of(parameters.begin(), parameters.end(), [&](const Json& each) {
      return each["in"] == "path" && each["name"] == name;
    });
    if (!is_there)
      parameters.push_back(
        {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
}

Json operation_of(const Route& route, Json& components) {
  Json operation = route.describe ? route.describe(components) : Json::object();
  add_missing_parameters(route.path, operation["parameters"]);
  operation["operationId"] = route.operation_id;
  operation["summary"] = summary_of(route.operation_id);
  operation["tags"] = {route.tag};
  Json& ok = operation["responses"][std::to_string(route.status)];
  ok["description"] = "Successful Response";
  if (route.response) {
    const Json schema = route.response(components);
    if (schema.is_null())
      ok["content"]["text/event-stream"] = Json::object();
    else
      ok["content"][std::string(route.media_type)]["schema"] = schema;
  }
  operation["responses"]["422"]["$ref"] = "#/components/responses/ValidationError";
  operation["responses"]["default"]["$ref"] = "#/components/responses/Error";
  return operation;
}

Json shared_responses() {
  const Json text{{"type", "string"}};
  const auto response = [](std::string_view description, Json schema) {
    return Json{{"description", description},
                {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
  };
  const Json validation{
    {"type", "object"},
    {"required", {"trace_id", "detail"}},
    {"properties",
     {{"trace_id", text}, {"detail", text}, {"examples", {{"type", "array"}, {"items", text}}}}}};
  const Json provider_failure{
    {"type", "object"}, {"properties", {{"type", text}, {"message", text}, {"detail", text}}}};
  const Json error{{"type", "object"},
                   {"properties", {{"detail", text}, {"error", provider_failure}}}};
  return {{"ValidationError", response("The request is malformed", validation)},
          {"Error", response("detail, or error when a model provider failed", error)}};
}

}  // namespace

Json openapi_document(const std::vector<Route>& routes, std::string_view server_url,
                      bool is_secure) {
  Json schemas = Json::object();
  Json paths = Json::object();
  for (const Route& route : routes)
    paths[std::string(route.path)][lower_case(to_string(route.method))] =
      operation_of(route, schemas);
  Json components{{"schemas", std::move(schemas)}, {"responses", shared_responses()}};
  Json document{{"openapi", "3.1.0"},
                {"info", {{"title", "Reverie API"}, {"version", api_release}}},
                {"servers", {{{"url", server_url}}}},
                {"paths", std::move(paths)}};
  if (is_secure) {
    components["securitySchemes"]["bearerAuth"] = {{"type", "http"}, {"scheme", "bearer"}};
    document["security"] = Json::array({{{"bearerAuth", Json::array()}}});
  }
  document["components"] = std::move(components);
  return document;
}

}  // namespace reverie
