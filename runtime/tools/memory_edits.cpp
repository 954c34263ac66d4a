#include "runtime/tools/memory_edits.hpp"

#include "config/ids.hpp"
#include "runtime/git_memory/block_path.hpp"

#include <cctype>
#include <utility>

namespace reverie {

namespace {

constexpr std::size_t tab_width = 8;         // as Python expands tabs, which models know
constexpr std::size_t label_size_max = 200;  // bytes

// Models write spaces where they were shown tabs, so both sides are compared without tabs.
std::string expand_tabs(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (const char c : text) {
    if (c == '\t') {
      const std::size_t count = tab_width - column % tab_width;
      out.append(count, ' ');
      column += count;
    } else {
      out += c;
      column = c == '\n' ? 0 : column + 1;
    }
  }
  return out;
}

// "12→ ": the marks of the numbered view of a block, which are no part of its text.
bool has_line_number(std::string_view text) {
  constexpr std::string_view arrow = "→";
  for (const std::string& line : lines_of(text)) {
    const std::size_t digits = line.find_first_not_of("0123456789");
    if (digits != 0 && digits != std::string::npos
        && std::string_view(line).substr(digits).starts_with(arrow))
      return true;
  }
  return false;
}

std::string ticked(std::string_view text) {
  return "`" + std::string(text) + "`";
}

std::string line_numbers(std::string_view value, std::string_view wanted) {
  std::string out;
  std::size_t line = 1;
  std::size_t counted = 0;
  for (std::size_t at = value.find(wanted); at != std::string_view::npos;
       at = value.find(wanted, at + wanted.size())) {
    for (; counted < at; ++counted)
      if (value[counted] == '\n') ++line;
    out += (out.empty() ? "" : ", ") + std::to_string(line);
  }
  return out;
}

}  // namespace

Result<const Block*> find_editable(const CoreMemory& memory, std::string_view label) {
  const Block* block = memory.find(label);
  if (block == nullptr) {
    std::string known;
    for (const std::string& each : memory.labels()) known += (known.empty() ? "" : ", ") + each;
    return Error{Errc::not_found,
                 "There is no memory block with the label " + ticked(label)
                   + ". Available labels: " + (known.empty() ? "none" : known) + ".",
                 ""};
  }
  if (block->read_only)
    return Error{Errc::conflict,
                 "The memory block " + ticked(label) + " is read-only and cannot be edited.", ""};
  return block;
}

Result<std::string> replace_once(std::string_view label, std::string_view value,
                                 std::string_view old_text, std::string_view new_text) {
  if (old_text.empty())
    return Error{Errc::invalid_argument,
                 "No replacement was performed: the text to replace is empty. Insert text instead.",
                 ""};
  if (has_line_number(old_text) || has_line_number(new_text))
    return Error{Errc::invalid_argument,
                 "No replacement was performed: leave out the line numbers, they are shown for "
                 "orientation and are not in the memory block.",
                 ""};
  const std::string wanted = expand_tabs(old_text);
  std::string text = expand_tabs(value);
  const std::size_t at = text.find(wanted);
  if (at == std::string::npos)
    return Error{Errc::invalid_argument,
                 "No replacement was performed, old_string " + ticked(wanted)
                   + " did not appear verbatim in memory block with label " + ticked(label) + ".",
                 ""};
  if (text.find(wanted, at + 1) != std::string::npos)
    return Error{Errc::invalid_argument,
                 "No replacement was performed. Multiple occurrences of old_string "
                   + ticked(wanted) + " in lines [" + line_numbers(text, wanted)
                   + "]. Give more of the text around it, so that it is unique.",
                 ""};
  text.replace(at, wanted.size(), expand_tabs(new_text));
  return text;
}

Result<std::string> insert_lines(std::string_view value, std::string_view text,
                                 std::int64_t after_line) {
  if (has_line_number(text))
    return Error{Errc::invalid_argument,
                 "Nothing was inserted: leave out the line numbers, they are shown for orientation "
                 "and are not in the memory block.",
                 ""};
  std::vector<std::string> lines = lines_of(value);
  const auto count = static_cast<std::int64_t>(lines.size());
  if (after_line == -1) after_line = count;
  if (after_line < 0 || after_line > count)
    return Error{Errc::invalid_argument,
                 "Invalid insert_line " + std::to_string(after_line)
                   + ": use 0 to insert at the top, 1 to " + std::to_string(count)
                   + " to insert after that line, or -1 to insert at the end.",
                 ""};
  lines.insert(lines.begin() + after_line, std::string(text));
  return join_lines(lines);
}

ToolOutcome failed_edit(std::string_view tool_name, const Error& error) {
  return tool_error(tool_name, error.code == Errc::not_found ? "KeyError" : "ValueError",
                    error.message);
}

Result<Block> make_block(std::string_view label, std::string value, std::string description,
                         NativeToolContext& context) {
  REVERIE_CHECK(check_label(label));
  Block block;
  REVERIE_TRY(block.id, new_child_id(Prefix::block, context.agent_id, context.random));
  block.org_id = context.org_id;
  block.label = std::string(label);
  block.value = std::move(value);
  if (!description.empty()) block.description = std::move(description);
  block.created_at = context.now;
  block.updated_at = context.now;
  return block;
}

ToolOutcome rewrite_block(std::string_view tool_name, const std::string& label, std::string value,
                          NativeToolContext& context) {
  if (context.memory.find(label) == nullptr) {
    auto block = make_block(label, value, "", context);
    if (!block) return failed_edit(tool_name, block.error());
    context.memory.create(*std::move(block));
    return tool_success(std::move(value));
  }
  const auto block = find_editable(context.memory, label);
  if (!block) return failed_edit(tool_name, block.error());
  context.memory.set_value(label, value, context.now);
  return tool_success(std::move(value));
}

Status check_label_is_free(const CoreMemory& memory, std::string_view label) {
  if (memory.find(label) == nullptr) return {};
  return Error{
    Errc::invalid_argument,
    "There is a memory block " + ticked(label) + " already: edit it, or choose another label.", ""};
}

Status check_label(std::string_view label) {
  const Error bad{Errc::invalid_argument,
                  ticked(label)
                    + " cannot be the label of a memory block: use letters, digits, '_', '-', '.' "
                      "and '/'.",
                  ""};
  if (label.empty() || label.size() > label_size_max) return bad;
  for (const char c : label) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::isalnum(byte) == 0
        && std::string_view("_-./").find(c) == std::string_view::npos)
      return bad;
  }
  // An agent's memory may be files some day (runtime/git_memory).
  if (auto path = path_of_label(label); !path) return std::move(path).error();
  return {};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    if (text.empty()) lines.emplace_back();
  }
  return lines;
}

std::string join_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    out += lines[i];
  }
  return out;
}

}  // namespace reverie
