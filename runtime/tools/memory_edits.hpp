// What the memory tools share: finding the block that a model means, and editing text by lines.

#pragma once

#include "config/error.hpp"
#include "runtime/tools/native_tool.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// A block with this label that may be changed. Errors, in words for the model: not_found
// (KeyError), conflict (read-only).
Result<const Block*> find_editable(const CoreMemory& memory, std::string_view label);

// The new text, or why there is none (invalid_argument).
Result<std::string> replace_once(std::string_view label, std::string_view value,
                                 std::string_view old_text, std::string_view new_text);
Result<std::string> insert_lines(std::string_view value, std::string_view text,
                                 std::int64_t after_line);

// A failure of the functions above as a tool's outcome.
ToolOutcome failed_edit(std::string_view tool_name, const Error& error);

// A new block in the agent's home. Errors: invalid_argument for a label that cannot be one.
Result<Block> make_block(std::string_view label, std::string value, std::string description,
                         NativeToolContext& context);

// Sets the whole value of a block; makes the block when there is none of that label.
ToolOutcome rewrite_block(std::string_view tool_name, const std::string& label, std::string value,
                          NativeToolContext& context);

// Errors: invalid_argument, in words for the model.
Status check_label_is_free(const CoreMemory& memory, std::string_view label);

// Errors: invalid_argument. A label becomes the name of an element in the prompt.
Status check_label(std::string_view label);

// "a\nb" -> {"a", "b"}; an empty text has no lines.
std::vector<std::string> lines_of(std::string_view text);
std::string join_lines(const std::vector<std::string>& lines);

}  // namespace reverie
