#include "net/route.hpp"

#include "config/ids.hpp"
#include "net/json_body.hpp"
#include "net/route_tree.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

// Path parameters that are ids, by name. Run ids are looked up as they are.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> id_parameters{{
  {"agent_id", "agent"},
  {"archive_id", "archive"},
  {"block_id", "block"},
  {"conversation_id", "conv"},
  {"file_id", "file"},
  {"folder_id", "source"},
  {"group_id", "group"},
  {"identity_id", "identity"},
  {"job_id", "job"},
  {"message_id", "message"},
  {"passage_id", "passage"},
  {"provider_id", "provider"},
  {"source_id", "source"},
  {"step_id", "step"},
  {"tool_id", "tool"},
}};

bool is_id(std::string_view prefix, std::string_view text) {
  return text.size() > prefix.size() && text.starts_with(prefix) && text[prefix.size()] == '-'
         && text.size() == prefix.size() + 37 && home_of(text);
}

// An agent's default conversation has no id of its own, and older clients send the agent's; a
// conversation itself is only read, changed and deleted by its id.
bool is_conversation(std::string_view path, std::string_view text) {
  if (is_id("conv", text)) return true;
  return path != "/v1/conversations/{conversation_id}"
         && (text == "default" || is_id("agent", text));
}

// The prefix that the parameter should have had; "" when it is fine.
std::string_view wrong_id(std::string_view path, std::string_view name, std::string_view value) {
  if (path.starts_with("/v1/mcp-servers/")) return {};  // a wrong one is not found there
  for (const auto& [parameter, prefix] : id_parameters) {
    if (parameter != name) continue;
    const bool is_fine = prefix == "conv" ? is_conversation(path, value) : is_id(prefix, value);
    return is_fine ? std::string_view() : prefix;
  }
  return {};
}

HttpResponse wrong_id_response(std::string_view name, std::string_view prefix) {
  const std::string kind(prefix);
  return validation_response(
    "path." + std::string(name) + ": String should match pattern '" + kind + "-{uuid4}'",
    kind + "-123e4567-e89b-42d3-8456-426614174000");
}

std::string_view to_string(In in) {
  switch (in) {
    case In::body: return "body";
    case In::path: return "path";
    case In::query: return "query";
    case In::server: return "server";
  }
  return "body";
}

// What the client has sent, where the route takes a body at all.
Result<Json> read_body(const Route& route, const HttpRequest& request) {
  const auto is_body = [](const InputField& field) { return field.in == In::body; };
  if (std::none_of(route.inputs.begin(), route.inputs.end(), is_body)) return Json::object();
  if (!request.body.empty() && !is_json_content(request.headers.get("content-type")))
    return Error{Errc::invalid_argument, "expected content-type: application/json", "body"};
  return read_json_body(request.body);
}

// The body's members that are the client's to set.
Result<Json> gather_body(const Route& route, Json input) {
  if (input.is_null()) return Json::object();
  if (!input.is_object()) return expected("object", input).in("body");
  for (const InputField& field : route.inputs)
    if (field.in != In::body) input.erase(std::string(field.name));
  return input;
}

void gather_query(const Route& route, const Query& query, Json& input) {
  for (const auto& [name, value] : query) {
    const auto field = std::find_if(
      route.inputs.begin(), route.inputs.end(),
      [&](const InputField& each) { return each.in == In::query && each.name == name; });
    if (field == route.inputs.end()) continue;
    if (field->is_list)
      input[name].push_back(value);
    else
      input[name] = value;
  }
}

// "limit" -> "body.limit", by where the member comes from.
Error located(const Route& route, Error error) {
  const std::string_view first = std::string_view(error.where).substr(0, error.where.find('.'));
  for (const InputField& field : route.inputs)
    if (field.name == first) return std::move(error).in(to_string(field.in));
  return std::move(error).in("body");
}

Result<Json> gather(const Route& route, const std::vector<std::string_view>& values, Json body,
                    const Query& query, const Identity& identity) {
  REVERIE_TRY(Json input, gather_body(route, std::move(body)));
  gather_query(route, query, input);
  const auto names = parameters_of(route.path);
  for (std::size_t i = 0; i < names.size() && i < values.size(); ++i)
    input[std::string(names[i])] = values[i];
  for (const InputField& field : route.inputs) {
    if (field.in != In::server) continue;
    if (field.name == "org_id") input["org_id"] = identity.org_id;
    if (field.name == "user_id") input["user_id"] = identity.user_id;
  }
  return input;
}

// Answers 422 when an id of the path is none.
bool refuse_wrong_id(const Route& route, const std::vector<std::string_view>& values,
                     const CallBase& call) {
  const auto names = parameters_of(route.path);
  for (std::size_t i = 0; i < names.size() && i < values.size(); ++i) {
    const auto prefix = wrong_id(route.path, names[i], values[i]);
    if (prefix.empty()) continue;
    call.reply(wrong_id_response(names[i], prefix));
    return true;
  }
  return false;
}

void run_with(const Route& route, const CallBase& call, const Result<Json>& input) {
  if (!input) return call.fail(input.error());
  if (Status status = route.handle(*input, call); !status) {
    Error error = std::move(status).error();
    call.fail(error.code == Errc::invalid_argument ? located(route, std::move(error)) : error);
  }
}

}  // namespace

CallBase::CallBase(HttpRequest http, Identity identity, std::shared_ptr<Exchange> exchange,
                   Services* services)
  : state_(std::make_shared<State>(
    State{std::move(http), std::move(identity), std::move(exchange), services})) {}

void CallBase::reply_json(std::string body, int status) const {
  reply(HttpResponse{status, std::move(body)});
}

std::shared_ptr<EventStream> CallBase::stream(std::string_view content_type, int status,
                                              const Headers& headers) const {
  return state_->exchange->open_stream(status, content_type, headers);
}

Result<Json> gather_input(const Route& route, const std::vector<std::string_view>& values,
                          const HttpRequest& request, const Identity& identity) {
  REVERIE_TRY(Json body, read_body(route, request));
  return gather(route, values, std::move(body), request.query, identity);
}

void run_route(const Route& route, const std::vector<std::string_view>& values, CallBase call) {
  if (refuse_wrong_id(route, values, call)) return;
  run_with(route, call, gather_input(route, values, call.http(), call.identity()));
}

void run_route(const Route& route, const std::vector<std::string_view>& values, CallBase call,
               Json body) {
  if (refuse_wrong_id(route, values, call)) return;
  run_with(route, call, gather(route, values, std::move(body), call.http().query, call.identity()));
}

}  // namespace reverie
