#include "tests/scripted_model/history.hpp"
#include "tests/scripted_model/json_cursor.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace reverie::scripted::openai {
namespace {

using Ids = std::vector<std::string_view>;  // as JSON literals

Ids ids_of(std::string_view tool_calls) {
  Ids ids;
  JsonCursor cursor(tool_calls);
  cursor.array([&] {
    cursor.object([&](std::string_view name) {
      const std::string_view value = cursor.value();
      if (name == "id") ids.push_back(value);
    });
  });
  return ids;
}

bool is_null(std::string_view value) {
  return value.empty() || value == "null";
}

std::string unanswered(const Ids& ids) {
  std::string out =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
    "'tool_call_id'. The following tool_call_ids did not have response messages: ";
  for (const std::string_view id : ids) {
    if (id != ids.front()) out += ", ";
    out += string_of(id);
  }
  return out;
}

}  // namespace

std::optional<std::string> history_problem(const ModelRequest& request) {
  Ids open;  // calls that have no result yet
  for (const Message& message : request.messages) {
    if (message.role == "tool") {
      const auto answered = std::find(open.begin(), open.end(), message.tool_call_id);
      if (answered == open.end())
        return "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
               "message with 'tool_calls'.";
      open.erase(answered);
      continue;
    }
    if (!open.empty()) return unanswered(open);
    if (message.role == "assistant") open = ids_of(message.tool_calls);
    if (is_null(message.content) && open.empty())
      return "Invalid value for 'content': expected a string, got null.";
  }
  if (!open.empty()) return unanswered(open);
  return std::nullopt;
}

}  // namespace reverie::scripted::openai
