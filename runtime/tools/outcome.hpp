// What a tool call came to.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct ToolOutcome {
  std::string text;  // for the model; JSON text where the tool returns an object
  bool is_error = false;
  std::vector<std::string> stdout_lines;
  std::vector<std::string> stderr_lines;
};

ToolOutcome tool_success(std::string text);

// `type` is the kind of failure: ValueError, KeyError, TypeError, ... The text is what the model
// reads; the error line adds the names of the tool and of the kind, in at most 1000 characters.
ToolOutcome tool_error(std::string_view tool_name, std::string_view type, std::string text);

// Of a call that a process made, or was about to, which then died.
ToolOutcome tool_lost(std::string_view tool_name);

// Of a call that was not made because its run was cancelled.
ToolOutcome tool_cancelled(std::string_view tool_name);

// An error that is no failure of the tool, such as a broken tool rule: it has no error line.
ToolOutcome tool_refusal(std::string text);

// Cuts the text of a result to `limit` characters (Unicode code points), with both numbers behind
// it.
std::string cut_tool_return(std::string text, std::int64_t limit);

}  // namespace reverie
