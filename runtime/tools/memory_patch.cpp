#include "runtime/tools/memory_patch.hpp"

#include "runtime/text.hpp"
#include "runtime/tools/builtin_tool.hpp"
#include "runtime/tools/memory_edits.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace reverie {

namespace {

using Lines = std::span<const std::string>;

constexpr std::string_view add_header = "*** Add Block:";
constexpr std::string_view update_header = "*** Update Block:";
constexpr std::string_view remove_header = "*** Delete Block:";
constexpr std::string_view move_header = "*** Move to:";

Error bad_patch(std::string message) {
  return {Errc::invalid_argument, std::move(message), ""};
}

// What stands behind a header; nothing for another line.
std::optional<std::string> behind(std::string_view line, std::string_view header) {
  if (!line.starts_with(header)) return {};
  return std::string(stripped(line.substr(header.size())));
}

bool starts_operation(std::string_view line) {
  return line.starts_with(add_header) || line.starts_with(update_header)
         || line.starts_with(remove_header);
}

bool is_frame(std::string_view line) {
  return line.starts_with("*** Begin Patch") || line.starts_with("*** End Patch")
         || line.starts_with("*** End of File") || line.starts_with("\\ No newline");
}

// "--- a/human" and "+++ b/human" before the first hunk say nothing that the call does not.
Lines without_file_names(Lines lines) {
  if (lines.size() >= 2 && lines[0].starts_with("--- ") && lines[1].starts_with("+++ "))
    return lines.subspan(2);
  return lines;
}

Result<std::vector<Hunk>> parse_hunks(Lines lines) {
  lines = without_file_names(lines);
  while (!lines.empty() && lines.back().empty()) lines = lines.first(lines.size() - 1);
  std::vector<Hunk> hunks;
  bool is_open = false;
  for (const std::string& line : lines) {
    if (line.starts_with("@@")) {
      is_open = false;
      continue;
    }
    if (!is_open) hunks.emplace_back();
    is_open = true;
    const char mark = line.empty() ? ' ' : line.front();
    const std::string text = line.empty() ? "" : line.substr(1);
    if (mark != ' ' && mark != '-' && mark != '+')
      return bad_patch("A line of a patch begins with ' ', '-', '+' or '@@', this one does not: `"
                       + line + "`");
    if (mark != '+') hunks.back().old_lines.push_back(text);
    if (mark != '-') hunks.back().new_lines.push_back(text);
  }
  return hunks;
}

Result<PatchOperation> parse_added(std::string label, Lines lines) {
  PatchOperation operation{PatchKind::add, std::move(label), "", "", "", {}};
  std::vector<std::string> content;
  for (const std::string& line : lines) {
    if (content.empty())
      if (auto description = behind(line, "Description:")) {
        operation.description = *std::move(description);
        continue;
      }
    if (line.empty() && &line == &lines.back()) break;
    if (!line.starts_with('+'))
      return bad_patch("A line of an added block begins with '+', this one does not: `" + line
                       + "`");
    content.push_back(line.substr(1));
  }
  operation.content = join_lines(content);
  return operation;
}

// `lines` begin with a header and end before the next one.
Result<PatchOperation> parse_operation(Lines lines) {
  const std::string& header = lines.front();
  lines = lines.subspan(1);
  if (auto label = behind(header, add_header)) return parse_added(*std::move(label), lines);
  if (auto label = behind(header, remove_header))
    return PatchOperation{PatchKind::remove, *std::move(label), "", "", "", {}};
  PatchOperation operation;
  operation.label = behind(header, update_header).value_or("");
  if (!lines.empty())
    if (auto new_label = behind(lines.front(), move_header)) {
      operation.new_label = *std::move(new_label);
      lines = lines.subspan(1);
    }
  REVERIE_TRY(operation.hunks, parse_hunks(lines));
  if (operation.hunks.empty() && operation.new_label.empty())
    return bad_patch("The update of `" + operation.label + "` changes nothing.");
  return operation;
}

// The only place of `wanted` in `lines`. Errors: invalid_argument.
Result<std::size_t> find_lines(Lines lines, Lines wanted) {
  const auto first = std::search(lines.begin(), lines.end(), wanted.begin(), wanted.end());
  if (first == lines.end())
    return bad_patch("These lines of the patch do not stand in the memory block as they are:\n"
                     + join_lines({wanted.begin(), wanted.end()}));
  if (std::search(first + 1, lines.end(), wanted.begin(), wanted.end()) != lines.end())
    return bad_patch(
      "These lines of the patch stand in the memory block more than once, add lines around them:\n"
      + join_lines({wanted.begin(), wanted.end()}));
  return static_cast<std::size_t>(first - lines.begin());
}

}  // namespace

Result<std::vector<PatchOperation>> parse_patch(std::string_view label, std::string_view patch) {
  std::vector<std::string> lines = lines_of(patch);
  std::erase_if(lines, [](const std::string& line) { return is_frame(line); });
  const auto first = std::find_if(lines.begin(), lines.end(), starts_operation);
  std::vector<PatchOperation> operations;
  if (first == lines.end()) {
    PatchOperation update;
    update.label = std::string(label);
    REVERIE_TRY(update.hunks, parse_hunks(lines));
    if (update.hunks.empty()) return bad_patch("The patch changes nothing.");
    operations.push_back(std::move(update));
    return operations;
  }
  for (auto begin = first; begin != lines.end();) {
    const auto end = std::find_if(begin + 1, lines.end(), starts_operation);
    REVERIE_TRY(PatchOperation operation, parse_operation(Lines(begin, end)));
    operations.push_back(std::move(operation));
    begin = end;
  }
  return operations;
}

Result<std::string> apply_hunks(std::string_view text, const std::vector<Hunk>& hunks) {
  std::vector<std::string> lines = lines_of(text);
  for (const Hunk& hunk : hunks) {
    std::size_t at = lines.size();
    if (!hunk.old_lines.empty()) {
      REVERIE_TRY(at, find_lines(lines, hunk.old_lines));
    }
    const auto begin = lines.begin() + static_cast<std::ptrdiff_t>(at);
    const auto rest =
      lines.erase(begin, begin + static_cast<std::ptrdiff_t>(hunk.old_lines.size()));
    lines.insert(rest, hunk.new_lines.begin(), hunk.new_lines.end());
  }
  return join_lines(lines);
}

std::optional<std::string> patched_label(const Json& arguments) {
  const auto label = text_argument(arguments, "label");
  const auto patch = text_argument(arguments, "patch");
  if (!label || !patch) return {};
  const auto operations = parse_patch(*label, *patch);
  if (!operations || operations->size() != 1) return {};
  const PatchOperation& only = operations->front();
  if (only.kind != PatchKind::update) return {};
  return only.label;
}

}  // namespace reverie
