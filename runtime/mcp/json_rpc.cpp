#include "runtime/mcp/json_rpc.hpp"

#include "runtime/llm/json_access.hpp"
#include "runtime/text.hpp"

#include <utility>

namespace reverie {

namespace {

constexpr std::size_t batch_max = 1'000;
constexpr std::int64_t error_text_max = 1'000;  // characters

Error no_message(std::string_view why) {
  return {Errc::mcp_connection, "the MCP server has sent what is no message: " + std::string(why),
          "mcp"};
}

bool is_id(const Json& id) {
  return id.is_number_integer() || id.is_string();
}

Result<RpcMessage> read_error(const Json& error, RpcMessage message) {
  if (!error.is_object()) return no_message("its error is no object");
  message.kind = RpcMessage::Kind::error;
  const auto code = error.find("code");
  if (code != error.end() && code->is_number_integer())
    message.error_code = code->get<std::int64_t>();
  message.error_message = first_characters(text_member(error, "message"), error_text_max);
  return message;
}

Result<RpcMessage> read_one(Json& json) {
  if (!json.is_object()) return no_message("it is no object");
  if (text_member(json, "jsonrpc") != "2.0") return no_message("it is not of JSON-RPC 2.0");
  RpcMessage message;
  const auto id = json.find("id");
  if (id != json.end()) {
    if (!is_id(*id) && !id->is_null()) return no_message("its id is no number and no text");
    message.id = *id;
  }
  const auto method = json.find("method");
  if (method != json.end()) {
    if (!method->is_string()) return no_message("its method is no text");
    message.method = method->get<std::string>();
    message.kind =
      message.id.is_null() ? RpcMessage::Kind::notification : RpcMessage::Kind::request;
    if (const auto params = json.find("params"); params != json.end() && params->is_object())
      message.params = std::move(*params);
    return message;
  }
  if (const auto error = json.find("error"); error != json.end() && !error->is_null())
    return read_error(*error, std::move(message));
  const auto result = json.find("result");
  if (result == json.end()) return no_message("it has no method, no result and no error");
  if (message.id.is_null()) return no_message("its result answers nothing");
  message.kind = RpcMessage::Kind::result;
  message.result = std::move(*result);
  return message;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json envelope() {
  return {{"jsonrpc", "2.0"}};
}

}  // namespace

Result<std::vector<RpcMessage>> read_rpc(std::string_view text) {
  auto json = parsed(text);
  if (!json) return no_message("it is no JSON");
  std::vector<RpcMessage> messages;
  if (!json->is_array()) {
    REVERIE_TRY(RpcMessage message, read_one(*json));
    messages.push_back(std::move(message));
    return messages;
  }
  if (json->empty() || json->size() > batch_max) return no_message("a batch of none or too many");
  for (Json& each : *json) {
    REVERIE_TRY(RpcMessage message, read_one(each));
    messages.push_back(std::move(message));
  }
  return messages;
}

std::string rpc_request(std::int64_t id, std::string_view method, const Json& params) {
  Json json = envelope();
  json["id"] = id;
  json["method"] = method;
  json["params"] = params;
  return dump(json);
}

std::string rpc_notification(std::string_view method, const Json& params) {
  Json json = envelope();
  json["method"] = method;
  if (!params.is_null()) json["params"] = params;
  return dump(json);
}

std::string rpc_result(const Json& id, const Json& result) {
  Json json = envelope();
  json["id"] = id;
  json["result"] = result;
  return dump(json);
}

std::string rpc_error(const Json& id, std::int64_t code, std::string_view message) {
  Json json = envelope();
  json["id"] = id;
  json["error"] = {{"code", code}, {"message", message}};
  return dump(json);
}

Status RpcLines::feed(std::string_view bytes, const OnLine& on_line) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (line_.size() + part.size() > line_bytes_max_)
      return Error{Errc::mcp_connection,
                   "the MCP server has sent a message of more than "
                     + std::to_string(line_bytes_max_) + " bytes",
                   "mcp.message_bytes_max"};
    if (end == std::string_view::npos) {
      line_ += part;
      return {};
    }
    bytes.remove_prefix(end + 1);
    std::string_view line = part;
    if (!line_.empty()) line = line_ += part;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) on_line(line);
    line_.clear();
  }
  return {};
}

}  // namespace reverie
