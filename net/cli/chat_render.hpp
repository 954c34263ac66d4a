// What a chat shows of an agent's answer: the events of a stream in, text for the terminal
// out. No input, no output, no time.

#pragma once

#include "config/json.hpp"
#include "net/cli/terminal.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// The assistant's text in one event, from either form of its content; empty for other events.
std::string answer_text(const Json& event);

// "An error occurred ...: what the vendor said" of an error event.
std::string error_text(const Json& event);

// A tool call on one line of at most `columns`: "memory_insert human ← Likes tea". Arguments
// that are no JSON are shown as they are.
std::string tool_line(std::string_view name, std::string_view arguments, std::size_t columns);

// Renders one answer. Reasoning is dim, each tool call one dim line once its arguments are
// whole, text comes as it comes.
class ChatRenderer {
 public:
  ChatRenderer(const Style& style, std::size_t columns) : style_(style), columns_(columns) {}

  // The next piece to write; often empty.
  std::string on_event(const Json& event);

  // What is still to be written when the stream ends, wherever it ended.
  std::string finish();

  bool has_failed() const { return has_failed_; }

 private:
  enum class Part : std::uint8_t { none, reasoning, answer };
  struct ToolCall {
    std::string id;
    std::string name;
    std::string arguments;
  };

  std::string text(Part part, const std::string& piece);
  std::string end_part();
  std::string flush_calls();
  void add_calls(const Json& event);
  void add_call(const Json& piece);
  std::string on_tool_return(const Json& event);
  std::string on_stop(const Json& event);

  Style style_;
  std::size_t columns_;
  Part part_ = Part::none;
  bool is_line_open_ = false;
  bool has_failed_ = false;
  std::vector<ToolCall> calls_;
};

}  // namespace reverie
