#include "runtime/tools/outcome.hpp"

#include "runtime/text.hpp"

#include <utility>

namespace reverie {

namespace {

// 1000: the longest error line of the API's reference behaviour.
constexpr std::int64_t error_line_characters_max = 1000;

}  // namespace

ToolOutcome tool_success(std::string text) {
  return {std::move(text), false, {}, {}};
}

ToolOutcome tool_error(std::string_view tool_name, std::string_view type, std::string text) {
  std::string line = "Error executing function ";
  line.append(tool_name).append(": ").append(type).append(": ").append(text);
  line = std::string(first_characters(line, error_line_characters_max));
  return {std::move(text), true, {}, {std::move(line)}};
}

ToolOutcome tool_lost(std::string_view tool_name) {
  return tool_error(
    tool_name, "InterruptedError",
    "The server ended while this call was under way. It may have run, and is not made "
    "again: check what came of it before you call it once more.");
}

ToolOutcome tool_cancelled(std::string_view tool_name) {
  return tool_error(tool_name, "CancelledError",
                    "The run was cancelled before this call was made.");
}

ToolOutcome tool_refusal(std::string text) {
  return {std::move(text), true, {}, {}};
}

std::string cut_tool_return(std::string text, std::int64_t limit) {
  if (static_cast<std::int64_t>(text.size()) <= limit) return text;  // bytes: never fewer
  const std::int64_t count = count_characters(text);
  if (count <= limit) return text;
  std::string out(first_characters(text, limit));
  out += "... [NOTE: function output was truncated since it exceeded the character limit: ";
  out += std::to_string(count) + " > " + std::to_string(limit) + "]";
  return out;
}

}  // namespace reverie
