#include "runtime/messages/input.hpp"

#include "config/ids.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace reverie {

namespace {

// An image's source is still without its id, which comes from the message's.
struct Part {
  ContentPart content;
  std::optional<ChatImage> image;
};

bool has_image(const std::vector<Part>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.image; });
}

// Gives the images their ids, and the message the one that theirs lead to.
void add_parts(Message& message, std::vector<Part> parts) {
  if (has_image(parts)) message.id = message_id_with_images(message.id);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].image)
      parts[i].content.source =
        stored_image_source(*parts[i].image, image_file_id({message.id, i}));
    message.content.push_back(std::move(parts[i].content));
  }
}

// A client of a 400 sees the message alone, so the path is put into it.
Error with_path(Error error) {
  if (error.code == Errc::bad_request && !error.where.empty())
    error.message = error.where + ": " + error.message;
  return error;
}

Result<Part> read_image_part(const Json& json, std::int64_t bytes_max) {
  const auto source = json.find("source");
  if (source == json.end()) return Error{Errc::invalid_argument, "field required", "source"};
  auto image = read_image_source(*source, bytes_max);
  if (!image) return std::move(image).error().in("source");
  Part part;
  part.content.type = "image";
  part.image = *std::move(image);
  return part;
}

Result<Part> read_input_part(const Json& json, std::int64_t image_bytes_max) {
  if (!json.is_object()) return expected("object", json);
  const auto type = json.find("type");
  const std::string name =
    type != json.end() && type->is_string() ? type->get<std::string>() : std::string("text");
  if (name == "image") return read_image_part(json, image_bytes_max);
  if (name != "text")
    return Error{Errc::invalid_argument,
                 "'" + name + "' is no content that can be sent, use text or image", "type"};
  const auto text = json.find("text");
  if (text == json.end()) return Error{Errc::invalid_argument, "field required", "text"};
  if (!text->is_string()) return expected("string", *text).in("text");
  return Part{{"text", text->get<std::string>(), "", {}}, std::nullopt};
}

Status check_images(const std::vector<Part>& parts, std::string_view role) {
  if (role != "user")  // the vendors take them from nobody else
    return Error{Errc::bad_request, "only a message of the user can hold images", ""};
  if (parts.size() > parts_with_images_max)
    return Error{
      Errc::bad_request,
      "a message with images has at most " + std::to_string(parts_with_images_max) + " parts", ""};
  return {};
}

Result<std::vector<Part>> read_content(const Json& json, std::string_view role,
                                       std::int64_t image_bytes_max) {
  std::vector<Part> parts;
  if (json.is_string()) {
    parts.push_back({{"text", json.get<std::string>(), "", {}}, std::nullopt});
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      auto part = read_input_part(json[i], image_bytes_max);
      if (!part) return std::move(part).error().in(std::to_string(i));
      parts.push_back(*std::move(part));
    }
  } else {
    return expected("string or array of content parts", json);
  }
  if (has_image(parts)) {
    REVERIE_CHECK(check_images(parts, role));
    return parts;
  }
  for (const Part& part : parts)
    if (!is_blank(part.content.text)) return parts;
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
  auto parts = read_content(content, role, target.image_bytes_max);
  if (!parts) return std::move(parts).error().in("content");
  Message message;
  REVERIE_TRY(message.id, new_child_id(Prefix::message, target.agent_id, target.random));
  message.agent_id = std::string(target.agent_id);
  message.role = std::move(role);
  add_parts(message, *std::move(parts));
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
  REVERIE_CHECK(read_approvals(json, target.image_bytes_max, message));
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

Result<std::vector<Message>> read_messages(const Json& messages, InputTarget target) {
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

}  // namespace

Result<std::vector<Message>> read_input_messages(const Json& messages, InputTarget target) {
  auto read = read_messages(messages, target);
  if (!read) return with_path(std::move(read).error());
  return read;
}

Result<std::vector<Message>> read_input(const Json& input, InputTarget target) {
  auto message = make_message("user", input, target);
  if (!message) {
    Error error = std::move(message).error();
    error.where.replace(0, std::string_view("content").size(), "input");
    return with_path(std::move(error));
  }
  message->otid = new_otid(target.random);
  return std::vector<Message>{*std::move(message)};
}

}  // namespace reverie
