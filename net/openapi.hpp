// The OpenAPI 3.1 document, from the records and the route table.

#pragma once

#include "config/fields.hpp"
#include "config/json.hpp"
#include "net/http.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace reverie {

struct Route;

// The schema of a 200 answer; adds the schemas that it refers to. A null result: event stream.
using ResponseSchema = Json (*)(Json& components);

template <Record T>
void add_schema(Json& components);

// A text as a template argument.
template <std::size_t N>
struct SchemaName {
  char text[N];
  constexpr SchemaName(const char (&name)[N]) { std::copy_n(name, N, text); }
};

// An answer whose members no record lists, because a view writes them: an object, under the name
// that the contract gives it.
template <SchemaName name>
struct ApiObject {};

template <SchemaName name>
struct JsonOf<ApiObject<name>> {
  static Json schema() { return {{"$ref", std::string("#/components/schemas/") + name.text}}; }
};

namespace detail {

// Finds the records inside of a field's type.
template <class T>
struct SchemasIn {
  static void add(Json& components) {
    if constexpr (Record<T>) add_schema<T>(components);
  }
};
template <SchemaName name>
struct SchemasIn<ApiObject<name>> {
  static void add(Json& components) {
    components[name.text] = {{"type", "object"}, {"title", name.text}};
  }
};
template <class T>
struct SchemasIn<std::optional<T>> : SchemasIn<T> {};
template <class T>
struct SchemasIn<std::vector<T>> : SchemasIn<T> {};
template <class T>
struct SchemasIn<std::map<std::string, T>> : SchemasIn<T> {};
template <class T>
struct SchemasIn<Patch<T>> : SchemasIn<T> {};
template <class... Ts>
struct SchemasIn<std::variant<Ts...>> {
  static void add(Json& components) { (SchemasIn<Ts>::add(components), ...); }
};

// A parameter is there or not, and never null.
template <class T>
struct ParameterSchema {
  static Json get() { return schema_of<T>(); }
};
template <class T>
struct ParameterSchema<std::optional<T>> : ParameterSchema<T> {};

}  // namespace detail

// The schema of T and of all records that it is made of, each once.
template <Record T>
void add_schema(Json& components) {
  Json& place = components[std::string(T::type_name)];
  if (!place.is_null()) return;
  place = object_schema<T>();  // before its parts: a record may hold itself
  for_each_field<T>([&](const auto& f) {
    using Value = typename std::remove_cvref_t<decltype(f)>::value_type;
    if (f.in == In::body) detail::SchemasIn<Value>::add(components);
  });
}

// What a route returns: `returns<Health>`, `returns<std::vector<ApiObject<"Tool">>>`,
// `returns<std::int64_t>`.
template <class T>
Json returns(Json& components) {
  detail::SchemasIn<T>::add(components);
  return schema_of<T>();
}

inline Json returns_null(Json&) {
  return {{"type", "null"}};
}
inline Json returns_stream(Json&) {
  return nullptr;
}

// Parameters and requestBody of an operation that takes this record.
template <Record Request>
Json describe_request(Json& components) {
  Json operation{{"parameters", Json::array()}};
  bool has_body = false;
  bool body_is_required = false;
  for_each_field<Request>([&](const auto& f) {
    has_body |= f.in == In::body;
    body_is_required |= f.in == In::body && f.is_required;
    if (f.in != In::path && f.in != In::query) return;
    using Value = typename std::remove_cvref_t<decltype(f)>::value_type;
    Json parameter{{"name", f.name},
                   {"in", f.in == In::path ? "path" : "query"},
                   {"required", f.is_required},
                   {"schema", detail::ParameterSchema<Value>::get()}};
    if (!f.doc.empty()) parameter["description"] = f.doc;
    operation["parameters"].push_back(std::move(parameter));
  });
  if (has_body) {
    add_schema<Request>(components);
    operation["requestBody"] = {
      {"required", body_is_required},
      {"content", {{"application/json", {{"schema", schema_of<Request>()}}}}}};
  }
  return operation;
}

// `server_url` is the path prefix, or "/".
Json openapi_document(const std::vector<Route>& routes, std::string_view server_url,
                      bool is_secure);

}  // namespace reverie
