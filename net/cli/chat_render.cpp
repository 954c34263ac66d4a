#include "net/cli/chat_render.hpp"

#include "net/cli/api_client.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reverie {
namespace {

// Which argument of the memory tools says where, and which says what.
constexpr std::array<std::string_view, 3> where_names{"label", "block_label", "path"};
constexpr std::array<std::string_view, 7> what_names{
  "new_string", "new_str", "content", "new_memory", "insert_text", "file_text", "patch"};

// Stop reasons after which nothing is missing, or whose error follows as an event of its own.
constexpr std::array<std::string_view, 5> quiet_stops{"end_turn", "tool_rule", "llm_api_error",
                                                      "error", "cancelled"};

template <std::size_t Count>
std::string first_of(const Json& object, const std::array<std::string_view, Count>& names) {
  for (const std::string_view name : names)
    if (std::string text = text_of(object, name); !text.empty()) return text;
  return "";
}

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string all_arguments(const Json& object) {
  std::string out;
  for (const auto& [name, value] : object.items())
    out += (out.empty() ? "" : ", ") + name + ": " + value_text(value);
  return out;
}

}  // namespace

std::string answer_text(const Json& event) {
  if (text_of(event, "message_type") != "assistant_message") return "";
  const Json content = event.value("content", Json());
  if (content.is_string()) return content.get<std::string>();
  std::string out;
  if (content.is_array())
    for (const Json& part : content) out += text_of(part, "text");
  return out;
}

std::string error_text(const Json& event) {
  const std::string message = text_of(event, "message");
  const std::string detail = text_of(event, "detail");
  if (message.empty()) return detail.empty() ? "the server reported an error" : detail;
  return detail.empty() || detail == message ? message : message + " " + detail;
}

std::string tool_line(std::string_view name, std::string_view arguments, std::size_t columns) {
  const Json json = Json::parse(arguments, nullptr, false);
  std::string line(name);
  if (!json.is_object()) {
    line += " " + std::string(arguments);
  } else if (const std::string where = first_of(json, where_names); where.empty()) {
    line += " " + all_arguments(json);
  } else {
    const std::string what = first_of(json, what_names);
    line += " " + where + (what.empty() ? "" : " ← " + what);
  }
  return shortened(one_line(line), columns);
}

std::string ChatRenderer::on_event(const Json& event) {
  const std::string type = text_of(event, "message_type");
  if (type == "ping") return "";
  if (type == "tool_call_message" || type == "approval_request_message") {
    std::string out = end_part();
    add_calls(event);
    return out;
  }
  std::string out = flush_calls();
  if (type == "reasoning_message") return out + text(Part::reasoning, text_of(event, "reasoning"));
  if (type == "assistant_message") return out + text(Part::answer, answer_text(event));
  if (type == "tool_return_message") return out + on_tool_return(event);
  if (type == "stop_reason") return out + on_stop(event);
  if (type == "error_message") {
    has_failed_ = true;
    return out + end_part() + style_.red("error: " + printable(error_text(event))) + "\n";
  }
  return out;
}

std::string ChatRenderer::finish() {
  return flush_calls() + end_part();
}

std::string ChatRenderer::text(Part part, const std::string& piece) {
  std::string clean = printable(piece);
  std::string out;
  if (part != part_) {
    out = end_part();
    clean.erase(0, std::min(clean.find_first_not_of('\n'), clean.size()));
  }
  if (clean.empty()) return out;
  part_ = part;
  is_line_open_ = !clean.ends_with('\n');
  return out + (part == Part::reasoning ? style_.dim(clean) : clean);
}

std::string ChatRenderer::end_part() {
  part_ = Part::none;
  return std::exchange(is_line_open_, false) ? "\n" : "";
}

std::string ChatRenderer::flush_calls() {
  std::string out;
  for (const ToolCall& call : std::exchange(calls_, {}))
    out += style_.dim("· " + tool_line(call.name, call.arguments, columns_ - 2)) + "\n";
  return out;
}

// Whole steps carry all calls in an array; token streams one piece of one call.
void ChatRenderer::add_calls(const Json& event) {
  const Json calls = event.value("tool_calls", Json());
  if (!calls.is_array() || calls.empty()) return add_call(event.value("tool_call", Json()));
  for (const Json& call : calls) add_call(call);
}

void ChatRenderer::add_call(const Json& piece) {
  const std::string id = text_of(piece, "tool_call_id");
  if (calls_.empty() || (!id.empty() && calls_.back().id != id)) calls_.push_back({id, "", ""});
  calls_.back().name += text_of(piece, "name");
  calls_.back().arguments += text_of(piece, "arguments");
}

std::string ChatRenderer::on_tool_return(const Json& event) {
  if (text_of(event, "status") != "error") return end_part();
  const std::string line = one_line(text_of(event, "tool_return"));
  return end_part() + style_.dim("  ✗ " + shortened(line, columns_ - 4)) + "\n";
}

std::string ChatRenderer::on_stop(const Json& event) {
  const std::string reason = text_of(event, "stop_reason");
  if (std::ranges::find(quiet_stops, reason) != quiet_stops.end()) return end_part();
  return end_part() + style_.dim("(stopped: " + printable(reason) + ")") + "\n";
}

}  // namespace reverie
