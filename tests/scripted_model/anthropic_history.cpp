#include "tests/scripted_model/history.hpp"
#include "tests/scripted_model/json_cursor.hpp"
#include "tests/scripted_model/script.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace reverie::scripted::anthropic {
namespace {

struct Block {
  std::string_view type;         // a JSON literal, as are the others
  std::string_view id;           // of a tool_use
  std::string_view tool_use_id;  // of a tool_result
  std::string_view text;
};

std::vector<Block> blocks_of(std::string_view content) {
  std::vector<Block> blocks;
  if (!content.starts_with('[')) return blocks;  // a string: do not step over it again
  JsonCursor cursor(content);
  cursor.array([&] {
    Block block;
    cursor.object([&](std::string_view name) {
      const std::string_view value = cursor.value();
      if (name == "type") block.type = value;
      if (name == "id") block.id = value;
      if (name == "tool_use_id") block.tool_use_id = value;
      if (name == "text") block.text = value;
    });
    blocks.push_back(block);
  });
  return blocks;
}

// Decodes only what begins as if it were blank: a text can be long.
bool is_blank(std::string_view literal) {
  const char first = literal.size() > 2 ? literal[1] : ' ';
  return (first == ' ' || first == '\\') && trimmed(string_of(literal)).empty();
}

// Goes through the messages in order. Neighbours of one role count as one message.
class Checker {
 public:
  std::optional<std::string> check(const std::vector<Message>& messages) {
    if (messages.empty()) return "messages: at least one message is required";
    for (; index_ < messages.size(); ++index_) {
      const Message& message = messages[index_];
      if (auto problem = check(message, index_ + 1 == messages.size())) return problem;
      before_ = message.role;
    }
    if (!open_.empty()) return without_result();
    return std::nullopt;
  }

 private:
  std::optional<std::string> check(const Message& message, bool is_last) {
    if (message.role != "user" && message.role != "assistant")
      return where() + ": Unexpected role \"" + std::string(message.role)
             + "\". Allowed roles are \"user\" or \"assistant\"";
    if (message.role == "assistant" && !open_.empty() && before_ == "user") return without_result();
    const bool may_be_empty = is_last && message.role == "assistant";
    if (!may_be_empty && is_empty(message.content))
      return where()
             + ": all messages must have non-empty content except for the optional final "
               "assistant message";
    const std::vector<Block> blocks = blocks_of(message.content);
    if (blocks.empty() && message.role == "user" && !open_.empty()) return without_result();
    for (const Block& block : blocks)
      if (auto problem = check(message, block)) return problem;
    return std::nullopt;
  }

  std::optional<std::string> check(const Message& message, const Block& block) {
    if (block.type == "\"tool_result\"") return take_result(block);
    if (message.role == "user" && !open_.empty()) return without_result();
    if (block.type == "\"tool_use\"") {
      if (std::find(seen_.begin(), seen_.end(), block.id) != seen_.end())
        return where() + ": `tool_use` ids must be unique";
      open_.push_back(block.id);
      calls_index_ = index_;
      seen_.push_back(block.id);
    }
    if (block.type == "\"text\"" && is_blank(block.text))
      return where() + ": text content blocks must contain non-whitespace text";
    return std::nullopt;
  }

  std::optional<std::string> take_result(const Block& block) {
    const auto answered = std::find(open_.begin(), open_.end(), block.tool_use_id);
    if (answered == open_.end())
      return where() + ": unexpected `tool_use_id` found in `tool_result` blocks: "
             + string_of(block.tool_use_id)
             + ". Each `tool_result` block must have a corresponding `tool_use` block in the "
               "previous message.";
    open_.erase(answered);
    return std::nullopt;
  }

  static bool is_empty(std::string_view content) {
    return content.empty() || content == "null" || content == "\"\"" || content == "[]";
  }

  std::string where() const { return "messages." + std::to_string(index_); }

  std::string without_result() const {
    std::string out = "messages." + std::to_string(calls_index_) + ": `tool_use` ids were found without `tool_result` blocks "
                                "immediately after: ";
    for (const std::string_view id : open_) {
      if (id != open_.front()) out += ", ";
      out += string_of(id);
    }
    return out
           + ". Each `tool_use` block must have a corresponding `tool_result` block in the next "
             "message.";
  }

  std::size_t index_ = 0;
  std::size_t calls_index_ = 0;         // of the latest message with calls
  std::string_view before_;             // role of the message before
  std::vector<std::string_view> open_;  // calls that have no result yet
  std::vector<std::string_view> seen_;  // all calls
};

}  // namespace

std::optional<std::string> history_problem(const ModelRequest& request) {
  return Checker().check(request.messages);
}

}  // namespace reverie::scripted::anthropic
