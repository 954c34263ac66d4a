#include "runtime/tools/openapi_tools.hpp"

#include "config/json.hpp"
#include "runtime/text.hpp"
#include "runtime/tools/custom_tool.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace reverie {

namespace {

using Document = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> methods = {"get", "head", "post", "put", "patch",
                                                     "delete"};
constexpr std::size_t reference_depth_max = 16;  // of references within one schema
// Of one operation's schema: what a model can be told, and no document that doubles with each step.
constexpr std::size_t schema_values_max = 20'000;

Error unusable(std::string message, std::string where = "body.document") {
  return {Errc::bad_request, "INVALID_ARGUMENT: " + std::move(message), std::move(where)};
}

const Document* find(const Document& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(std::string(name));
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Document& object, std::string_view name) {
  const Document* found = find(object, name);
  return found && found->is_string() ? found->get<std::string>() : "";
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// As the name of an argument: a letter or _ and then letters, digits and _.
std::string argument_name(std::string_view name) {
  std::string out;
  for (const char c : name) out += is_name_character(c) ? c : '_';
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(0, 1, '_');
  return out;
}

// "bearerAuth" -> "BEARER_AUTH", "api-key" -> "API_KEY".
std::string variable_name(std::string_view scheme) {
  std::string out;
  char before = '_';
  for (const char c : argument_name(scheme)) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool follows_word = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
    if (is_upper && follows_word) out += '_';
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    before = c;
  }
  return out;
}

std::string tool_name(const Document& operation, std::string_view method, std::string_view path) {
  std::string name = text_of(operation, "operationId");
  if (name.empty()) name = std::string(method) + std::string(path);
  for (char& c : name)
    if (!is_name_character(c) && c != '-') c = '_';
  name.erase(std::unique(name.begin(), name.end(),
                         [](char a, char b) { return a == '_' && b == '_'; }),
             name.end());
  while (name.ends_with('_')) name.pop_back();
  return name.substr(0, tool_name_size_max);
}

// Follows references within the document.
class References {
 public:
  explicit References(const Document& document) : document_(document) {}

  // What the value refers to, or itself. Null: nothing in the document.
  const Document* follow(const Document& value) const {
    const Document* at = &value;
    for (std::size_t i = 0; i < reference_depth_max; ++i) {
      const std::string reference = text_of(*at, "$ref");
      if (reference.empty()) return at;
      at = find_reference(reference);
      if (at == nullptr) return nullptr;
    }
    return nullptr;
  }

  // The schema with what it refers to in place. `left`: how many values it may have.
  Document resolved(const Document& schema, std::size_t& left, std::size_t depth = 0) const {
    if (left == 0 || depth > reference_depth_max) return Document::object();
    --left;
    if (schema.is_array()) {
      Document out = Document::array();
      for (const Document& item : schema) out.push_back(resolved(item, left, depth));
      return out;
    }
    if (!schema.is_object()) return schema;
    if (!text_of(schema, "$ref").empty()) {
      const Document* target = follow(schema);
      return target == nullptr ? Document::object() : resolved(*target, left, depth + 1);
    }
    Document out = Document::object();
    for (const auto& [name, value] : schema.items()) {
      // Of use to those who make documents, and refused by some vendors.
      constexpr std::array<std::string_view, 6> dropped = {"example",  "examples", "xml",
                                                           "readOnly", "externalDocs", "deprecated"};
      const bool is_dropped = std::find(dropped.begin(), dropped.end(), name) != dropped.end();
      if (is_dropped && !is_schema(value)) continue;
      out[name] = resolved(value, left, depth);
    }
    return out;
  }

 private:
  // As the property of an object that is called like one of those.
  static bool is_schema(const Document& value) {
    return find(value, "type") != nullptr || find(value, "$ref") != nullptr;
  }

  const Document* find_reference(const std::string& reference) const {
    if (!reference.starts_with("#/")) return nullptr;
    try {
      const Document::json_pointer pointer(reference.substr(1));
      return document_.contains(pointer) ? &document_.at(pointer) : nullptr;
    } catch (const Document::exception&) {  // no pointer
      return nullptr;
    }
  }

  const Document& document_;
};

// One operation on its way to be a tool.
class Operation {
 public:
  Operation(const Document& document, std::string method, std::string path, const Document& item,
            const Document& operation)
    : document_(document),
      references_(document),
      method_(std::move(method)),
      path_(std::move(path)),
      item_(item),
      operation_(operation) {}

  Result<CreateTool> tool(const CreateToolsFromOpenapi& request) {
    name_ = request.name_prefix.value_or("") + tool_name(operation_, method_, path_);
    REVERIE_TRY(const std::string server, server_url(request));
    REVERIE_CHECK(add_parameters());
    REVERIE_CHECK(add_body());
    add_security();
    for (const auto& [name, value] : request.headers) set_header(name, value);

    CreateTool out;
    out.source_type = "http";
    out.source_code = source(server);
    out.description = description();
    Document parameters{{"type", "object"}, {"properties", properties_}, {"required", required_}};
    out.json_schema = RawJson{Document{{"name", name_},
                                       {"description", *out.description},
                                       {"parameters", std::move(parameters)}}
                                .dump(-1, ' ', false, Document::error_handler_t::replace)};
    out.tags = request.tags;
    out.default_requires_approval = request.default_requires_approval;
    return out;
  }

 private:
  Error cannot(const std::string& why) const {
    return unusable(upper(method_) + " " + path_ + ": " + why);
  }

  static std::string upper(std::string text) {
    for (char& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
  }

  Result<std::string> server_url(const CreateToolsFromOpenapi& request) const {
    std::string url = request.server_url.value_or("");
    for (const Document* from : {&operation_, &item_, &document_}) {
      if (!url.empty()) break;
      const Document* servers = find(*from, "servers");
      if (servers == nullptr || !servers->is_array() || servers->empty()) continue;
      url = text_of((*servers)[0], "url");
      if (const Document* variables = find((*servers)[0], "variables"); variables != nullptr)
        for (const auto& [name, variable] : variables->items())
          replace_all(url, "{" + name + "}", text_of(variable, "default"));
    }
    if (!url.starts_with("https://") && !url.starts_with("http://"))
      return unusable("the document names no server with a whole address: say it with server_url",
                     "body.server_url");
    while (url.ends_with('/')) url.pop_back();
    return url;
  }

  static void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }

  // A name of its own for the argument.
  Result<std::string> add_argument(const std::string& wanted, const Document* schema,
                                   const std::string& described, bool is_required) {
    if (properties_.contains(wanted)) return cannot("two of its arguments are called " + wanted);
    Document property =
      schema == nullptr ? Document::object() : references_.resolved(*schema, values_left_);
    if (!property.is_object()) property = Document::object();  // true: any value
    if (values_left_ == 0) return cannot("its schema is too large to be told to a model");
    if (!described.empty()) property["description"] = described;
    properties_[wanted] = std::move(property);
    if (is_required) required_.push_back(wanted);
    return wanted;
  }

  // Those of the operation go before those of its path.
  Status add_parameters() {
    std::map<std::pair<std::string, std::string>, const Document*> seen;
    std::vector<const Document*> all;
    for (const Document* from : {&operation_, &item_}) {
      const Document* list = find(*from, "parameters");
      if (list == nullptr || !list->is_array()) continue;
      for (const Document& each : *list) {
        const Document* parameter = references_.follow(each);
        if (parameter == nullptr) return cannot("a reference leads nowhere");
        const std::pair key{text_of(*parameter, "in"), text_of(*parameter, "name")};
        if (seen.emplace(key, parameter).second) all.push_back(parameter);
      }
    }
    for (const Document* parameter : all) REVERIE_CHECK(add_parameter(*parameter));
    return {};
  }

  Status add_parameter(const Document& parameter) {
    const std::string in = text_of(parameter, "in");
    const std::string its_name = text_of(parameter, "name");
    const Document* required = find(parameter, "required");
    const bool is_required = in == "path" || (required && *required == true);
    if (in == "cookie") {
      if (is_required) return cannot("it needs a cookie");
      return {};
    }
    // A header like this one is said by the kind of the body, or by the authentication.
    if (in == "header")
      for (const char* known : {"accept", "content-type", "authorization"})
        if (lower_ascii(its_name) == known) return {};
    REVERIE_TRY(const std::string argument,
                add_argument(argument_name(its_name), schema_of(parameter),
                             text_of(parameter, "description"), is_required));
    const std::string gap = "{" + argument + "}";
    if (in == "path")
      path_gaps_.emplace_back("{" + its_name + "}", gap);
    else if (in == "query")
      query_ += (query_.empty() ? "?" : "&") + url_encoded(its_name) + "=" + gap;
    else if (in == "header")
      set_header(its_name, gap);
    else
      return cannot("a parameter is in '" + in + "'");
    return {};
  }

  static const Document* schema_of(const Document& parameter) {
    if (const Document* schema = find(parameter, "schema")) return schema;
    const Document* content = find(parameter, "content");
    if (content == nullptr || !content->is_object() || content->empty()) return nullptr;
    return find(content->begin().value(), "schema");
  }

  Status add_body() {
    const Document* body = find(operation_, "requestBody");
    if (body == nullptr || method_ == "get" || method_ == "head") return {};
    body = references_.follow(*body);
    const Document* content = body ? find(*body, "content") : nullptr;
    if (content == nullptr || !content->is_object() || content->empty()) return {};
    const Document* is_required = find(*body, "required");
    const bool must_be_there = is_required && *is_required == true;
    for (const auto& [type, media] : content->items()) {
      const bool is_json = type == "application/json" || type.ends_with("+json") || type == "*/*";
      const bool is_form = type == "application/x-www-form-urlencoded";
      if (!is_json && !is_form) continue;
      if (type != "*/*" && type != "application/json") set_header("Content-Type", type);
      return add_body(find(media, "schema"), text_of(*body, "description"), must_be_there, is_json);
    }
    if (must_be_there)
      return cannot("its body is " + content->begin().key() + ", which a tool cannot send");
    return {};
  }

  Status add_body(const Document* schema, const std::string& described, bool must_be_there,
                  bool is_json) {
    Document resolved =
      schema ? references_.resolved(*schema, values_left_) : Document::object();
    if (values_left_ == 0) return cannot("its schema is too large to be told to a model");
    const Document* members = find(resolved, "properties");
    bool is_flat = members != nullptr && members->is_object() && method_ != "delete";
    if (is_flat)
      for (const auto& [name, member] : members->items()) is_flat &= !properties_.contains(name);
    if (!is_flat) {
      if (!is_json) return cannot("its form has no fields, or one that is called like a parameter");
      REVERIE_TRY(const std::string argument, add_argument("body", &resolved, described,
                                                           must_be_there));
      body_ = "{" + argument + "}";
      return {};
    }
    for (const auto& [name, member] : members->items()) properties_[name] = member;
    if (const Document* required = find(resolved, "required"); required && must_be_there)
      for (const Document& name : *required)
        if (name.is_string() && members->contains(name.get<std::string>()))
          required_.push_back(name);
    return {};
  }

  // The first of the ways that the document offers.
  void add_security() {
    const Document* wanted = find(operation_, "security");
    if (wanted == nullptr) wanted = find(document_, "security");
    if (wanted == nullptr || !wanted->is_array() || wanted->empty() || !(*wanted)[0].is_object())
      return;
    const Document* components = find(document_, "components");
    const Document* schemes = components ? find(*components, "securitySchemes") : nullptr;
    if (schemes == nullptr) return;
    for (const auto& [scheme, scopes] : (*wanted)[0].items()) {
      const Document* found = find(*schemes, scheme);
      const Document* described = found ? references_.follow(*found) : nullptr;
      if (described == nullptr) continue;
      const std::string value = "${" + variable_name(scheme) + "}";
      const std::string type = text_of(*described, "type");
      if (type != "apiKey") {
        const bool is_basic = lower_ascii(text_of(*described, "scheme")) == "basic";
        set_header("Authorization", (is_basic ? "Basic " : "Bearer ") + value);
      } else if (text_of(*described, "in") == "header") {
        set_header(text_of(*described, "name"), value);
      } else if (text_of(*described, "in") == "query") {
        query_ +=
          (query_.empty() ? "?" : "&") + url_encoded(text_of(*described, "name")) + "=" + value;
      } else {
        set_header("Cookie", text_of(*described, "name") + "=" + value);
      }
    }
  }

  void set_header(const std::string& name, const std::string& value) {
    const auto same = std::find_if(headers_.begin(), headers_.end(), [&](const auto& each) {
      return lower_ascii(each.first) == lower_ascii(name);
    });
    if (same == headers_.end())
      headers_.emplace_back(name, value);
    else
      same->second = value;
  }

  std::string description() const {
    std::string out = text_of(operation_, "summary");
    const std::string more = text_of(operation_, "description");
    if (out.empty()) return more.empty() ? upper(method_) + " " + path_ : more;
    if (!more.empty() && more != out) out += "\n\n" + more;
    return out;
  }

  std::string source(const std::string& server) const {
    std::string path = path_;
    for (const auto& [from, to] : path_gaps_) replace_all(path, from, to);
    std::string out = upper(method_) + " " + server + path + query_ + "\n";
    for (const auto& [name, value] : headers_) out += name + ": " + value + "\n";
    if (!body_.empty()) out += "\n" + body_ + "\n";
    return out;
  }

  const Document& document_;
  const References references_;
  const std::string method_;
  const std::string path_;
  const Document& item_;
  const Document& operation_;

  std::string name_;
  Document properties_ = Document::object();
  Document required_ = Document::array();
  std::vector<std::pair<std::string, std::string>> path_gaps_;  // as it is there, and as it is here
  std::string query_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string body_;
  std::size_t values_left_ = schema_values_max;
};

}  // namespace

Result<std::vector<CreateTool>> tools_of_openapi(const CreateToolsFromOpenapi& request) {
  const Document document = Document::parse(request.document.text, nullptr, false);
  if (!text_of(document, "openapi").starts_with("3."))
    return unusable("expected an OpenAPI 3 document: its member `openapi` is not 3.x");
  const Document* paths = find(document, "paths");
  if (paths == nullptr || !paths->is_object()) return unusable("the document has no paths");
  const auto is_wanted = [&](const std::string& name) {
    return request.operations.empty()
           || std::find(request.operations.begin(), request.operations.end(), name)
                != request.operations.end();
  };
  std::vector<CreateTool> out;
  std::set<std::string> names;
  for (const auto& [path, item_or_reference] : paths->items()) {
    const Document* item = References(document).follow(item_or_reference);
    if (item == nullptr || !item->is_object()) continue;
    for (const auto& [method, operation] : item->items()) {
      if (std::find(methods.begin(), methods.end(), method) == methods.end()) continue;
      const std::string id = text_of(operation, "operationId");
      const std::string name = tool_name(operation, method, path);
      if (!is_wanted(id) && !is_wanted(name)) continue;
      REVERIE_TRY(CreateTool tool,
                  Operation(document, method, path, *item, operation).tool(request));
      if (!names.insert(name).second)
        return unusable("two operations would be the tool '" + name + "'");
      names.insert(id);
      out.push_back(std::move(tool));
    }
  }
  for (std::size_t i = 0; i < request.operations.size(); ++i)
    if (!names.contains(request.operations[i]))
      return unusable("the document has no operation '" + request.operations[i] + "'",
                     "body.operations." + std::to_string(i));
  if (out.empty()) return unusable("the document has no operation that can be a tool");
  return out;
}

}  // namespace reverie
