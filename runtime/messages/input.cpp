#include "runtime/messages/input.hpp"

#include "config/ids.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/text.hpp"

#include <optional>
#include <string>
#include <utility>

namespace reverie {

namespace {

Result<ContentPart> read_part(const Json& json) {
  if (!json.is_object()) return expected("object", json);
  const auto type = json.find("type");
  const std::string name =
    type != json.end() && type->is_string() ? type->get<std::string>() : std::string("text");
  if (name == "image")
    return Error{Errc::not_built, "images in messages are not supported by this release", "type"};
  if (name != "text")
    return Error{Errc::invalid_argument, "'" + name + "' is no content that can be sent, use text",
                 "type"};
  const auto text = json.find("text");
  if (text == json.end()) return Error{Errc::invalid_argument, "field required", "text"};
  if (!text->is_string()) return expected("string", *text).in("text");
  return ContentPart{"text", text->get<std::string>(), "", {}};
}

Result<std::vector<ContentPart>> read_content(const Json& json) {
  std::vector<ContentPart> parts;
  if (json.is_string()) {
    parts.push_back({"text", json.get<std::string>(), "", {}});
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      auto part = read_part(json[i]);
      if (!part) return std::move(part).error().in(std::to_string(i));
      parts.push_back(*std::move(part));
    }
  } else {
    return expected("string or array of content parts", json);
  }
  for (const ContentPart& part : parts)
    if (!is_blank(part.text)) return parts;
  // Clients look for "empty content in".
  return Error{Errc::bad_request, "empty content in a message: there is nothing to send", ""};
}

std::string type_of(const Json& json) {
  const auto type = json.find("type");
  if (type != json.end() && type->is_string()) return type->get<std::string>();
  return json.contains("approve") || json.contains("approval_request_id") ? "approval" : "message";
}

Result<std::optional<std::string>> read_text(const Json& json, std::string_view name) {
  const auto found = json.find(name);
  if (found == json.end()) return std::optional<std::string>{};
  auto text = from_json<std::optional<std::string>>(*found);
  if (!text) return std::move(text).error().in(name);
  return text;
}

Result<Message> make_message(std::string role, const Json& content, InputTarget target) {
  auto parts = read_content(content);
  if (!parts) return std::move(parts).error().in("content");
  Message message;
  REVERIE_TRY(message.id, new_child_id(Prefix::message, target.agent_id, target.random));
  message.agent_id = std::string(target.agent_id);
  message.role = std::move(role);
  message.content = *std::move(parts);
  message.created_at = target.now;
  return message;
}

// A uuid4 of its own: the otid names the message before the server does.
std::string new_otid(Random& random) {
  const std::string id = new_id(Prefix::message, random);
  return id.substr(id.find('-') + 1);
}

Result<Message> read_decisions(const Json& json, InputTarget target) {
  Message message;
  REVERIE_TRY(message.id, new_child_id(Prefix::message, target.agent_id, target.random));
  message.agent_id = std::string(target.agent_id);
  message.role = "approval";
  message.created_at = target.now;
  REVERIE_CHECK(read_approvals(json, message));
  REVERIE_TRY(message.otid, read_text(json, "otid"));
  REVERIE_TRY(message.group_id, read_text(json, "group_id"));
  if (!message.otid) message.otid = new_otid(target.random);
  return message;
}

Result<Message> read_message(const Json& json, InputTarget target) {
  if (!json.is_object()) return expected("object", json);
  const std::string type = type_of(json);
  if (type == "approval" || type == "tool_return") return read_decisions(json, target);
  if (type != "message")
    return Error{Errc::invalid_argument, "'" + type + "' is no type of message to send", "type"};
  REVERIE_TRY(const auto role, read_text(json, "role"));
  if (!role) return Error{Errc::invalid_argument, "field required", "role"};
  if (*role != "user" && *role != "system" && *role != "assistant")
    return Error{Errc::invalid_argument, "expected user, system or assistant, got '" + *role + "'",
                 "role"};
  const auto content = json.find("content");
  if (content == json.end()) return Error{Errc::invalid_argument, "field required", "content"};
  REVERIE_TRY(Message message, make_message(*role, *content, target));
  REVERIE_TRY(message.name, read_text(json, "name"));
  REVERIE_TRY(message.otid, read_text(json, "otid"));
  REVERIE_TRY(message.sender_id, read_text(json, "sender_id"));
  REVERIE_TRY(message.group_id, read_text(json, "group_id"));
  if (!message.otid) message.otid = new_otid(target.random);
  return message;
}

}  // namespace

Result<std::vector<Message>> read_input_messages(const Json& messages, InputTarget target) {
  if (!messages.is_array()) return expected("array", messages).in("messages");
  if (messages.empty())
    return Error{Errc::invalid_argument, "Messages must not be empty", "messages"};
  std::vector<Message> out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    auto message = read_message(messages[i], target);
    if (!message) return std::move(message).error().in("messages." + std::to_string(i));
    if (i > 0 && message->role == "approval")
      return Error{Errc::invalid_argument, "what answers an approval has to be the first message",
                   "messages." + std::to_string(i) + ".type"};
    out.push_back(*std::move(message));
  }
  return out;
}

Result<std::vector<Message>> read_input(const Json& input, InputTarget target) {
  auto message = make_message("user", input, target);
  if (!message) {
    Error error = std::move(message).error();
    error.where.replace(0, std::string_view("content").size(), "input");
    return error;
  }
  message->otid = new_otid(target.random);
  return std::vector<Message>{*std::move(message)};
}

}  // namespace reverie
