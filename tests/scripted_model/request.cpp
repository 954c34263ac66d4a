#include "tests/scripted_model/request.hpp"

#include "tests/scripted_model/json_cursor.hpp"
#include "tests/scripted_model/script.hpp"

#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

constexpr std::string_view reminder_open = "<system-reminder>";
constexpr std::string_view reminder_close = "</system-reminder>";

std::string_view unquoted(std::string_view literal) {
  return literal.starts_with('"') ? literal.substr(1, literal.size() - 2) : std::string_view{};
}

Message read_message(JsonCursor& cursor) {
  Message message;
  cursor.object([&](std::string_view name) {
    const std::string_view value = cursor.value();
    if (name == "role") message.role = unquoted(value);
    if (name == "content") message.content = value;
    if (name == "tool_calls") message.tool_calls = value;
    if (name == "tool_call_id") message.tool_call_id = value;
  });
  return message;
}

void read_member(ModelRequest& request, std::string_view name, JsonCursor& cursor) {
  if (name == "messages")
    cursor.array([&] { request.messages.push_back(read_message(cursor)); });
  else if (name == "tools")
    cursor.array([&] { request.tools.push_back(cursor.value()); });
  else if (name == "tool_choice")
    request.tool_choice = cursor.value();
  else if (name == "system")
    request.system = cursor.value();
  else if (name == "stream")
    request.is_stream = cursor.value() == "true";
  else if (name == "model")
    request.model = string_of(cursor.value());
  else if (name == "stream_options")
    cursor.object([&](std::string_view option) {
      if (cursor.value() == "true" && option == "include_usage") request.includes_usage = true;
    });
  else
    cursor.value();
}

struct Part {
  std::string_view type;
  std::string_view text;
};

template <class Visit>
void for_each_part(std::string_view content, Visit visit) {
  JsonCursor cursor(content);
  cursor.array([&] {
    Part part;
    cursor.object([&](std::string_view name) {
      const std::string_view value = cursor.value();
      if (name == "type") part.type = unquoted(value);
      if (name == "text") part.text = value;
    });
    visit(part);
  });
}

bool is_only_tool_results(std::string_view content) {
  bool has_result = false;
  bool has_other = false;
  for_each_part(content, [&](const Part& part) {
    (part.type == "tool_result" ? has_result : has_other) = true;
  });
  return has_result && !has_other;
}

struct UserText {
  std::string text;
  bool is_written = true;  // by a user, not by the agent server
};

UserText unpacked(std::string text) {
  const std::string_view body = trimmed(text);
  if (!body.starts_with('{') || !body.ends_with('}')) return {std::move(text)};
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return {std::move(text)};
  const auto message = json.find("message");
  if (message == json.end() || !message->is_string()) return {std::move(text)};
  const auto type = json.find("type");
  const bool is_written =
    type == json.end() || (*type != "heartbeat" && *type != "login" && *type != "system_alert");
  return {message->get<std::string>(), is_written};
}

// What stands behind the reminders; none if there are reminders and nothing else.
std::optional<std::string> without_reminders(std::string text) {
  if (!trimmed(text).starts_with(reminder_open)) return text;
  const std::size_t end = text.rfind(reminder_close);
  if (end == std::string::npos) return text;
  const auto rest = trimmed(std::string_view(text).substr(end + reminder_close.size()));
  if (rest.empty()) return std::nullopt;
  return std::string(rest);
}

}  // namespace

std::optional<ModelRequest> read_model_request(std::string_view body) {
  ModelRequest request;
  request.body_bytes = body.size();
  bool is_object = false;
  JsonCursor cursor(body);
  cursor.object([&](std::string_view name) {
    is_object = true;
    read_member(request, name, cursor);
  });
  if (!is_object || !cursor.ok() || !cursor.at_end()) return std::nullopt;
  return request;
}

std::string text_of(std::string_view content) {
  if (!content.starts_with('[')) return string_of(content);
  std::string out;
  bool is_first = true;
  for_each_part(content, [&](const Part& part) {
    if (part.type != "text" && part.type != "input_text" && part.type != "output_text") return;
    if (!is_first) out += '\n';
    is_first = false;
    out += string_of(part.text);
  });
  return out;
}

Turn latest_turn(const ModelRequest& request) {
  std::size_t turns = 0;
  std::optional<Turn> unwritten;
  for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
    if (message->role == "assistant") ++turns;
    if (message->role != "user" || is_only_tool_results(message->content)) continue;
    UserText user = unpacked(text_of(message->content));
    auto text = without_reminders(std::move(user.text));
    if (!text) continue;
    if (user.is_written) return {*std::move(text), turns};
    if (!unwritten) unwritten = Turn{*std::move(text), turns};
  }
  return unwritten ? *std::move(unwritten) : Turn{"", turns};
}

}  // namespace reverie::scripted
