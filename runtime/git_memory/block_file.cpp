#include "runtime/git_memory/block_file.hpp"

#include "runtime/git_memory/front_matter.hpp"
#include "runtime/text.hpp"

#include <utility>

namespace reverie {

namespace {

Error too_long() {
  return {Errc::invalid_argument, "the block is too long for a file of git-backed memory", "value"};
}

Error not_text() {
  return {Errc::invalid_argument, "the block is no UTF-8 text", "value"};
}

// What is kept of the front matter that stands in the file, with what has changed in front of it.
std::string new_head(const BlockContent& content, std::string_view previous) {
  std::string head = front_matter_text(content);
  if (const auto parts = split_front_matter(previous)) head += unknown_members(parts->yaml);
  return head;
}

std::string joined(std::string_view head, std::string_view value) {
  return std::string("---\n").append(head).append("---\n").append(value);
}

bool reads_as(const std::string& text, const BlockContent& content) {
  const auto read = read_block_file(text);
  return read && *read == content;
}

}  // namespace

BlockContent content_of(const Block& block) {
  return {block.value, block.description, block.read_only,
          block.metadata.is_null() ? RawJson{"{}"} : block.metadata, true};
}

Result<BlockContent> read_block_file(std::string_view text) {
  if (text.size() > block_file_bytes_max) return too_long();
  if (!is_utf8(text)) return not_text();
  BlockContent content;
  if (const auto parts = split_front_matter(text))
    if (read_front_matter(parts->yaml, content)) {
      content.value = parts->value;
      return content;
    }
  content = {};
  content.value = text;
  content.has_front_matter = false;
  return content;
}

// Each attempt is read back: what a file says is what the next reader finds in it.
Result<std::string> block_file_text(const BlockContent& content, std::string_view previous) {
  if (const auto parts = split_front_matter(previous)) {
    const auto head_size = static_cast<std::size_t>(parts->value.data() - previous.data());
    std::string same_head = std::string(previous.substr(0, head_size)) + content.value;
    if (reads_as(same_head, content)) return same_head;
  }
  if (std::string with_unknown = joined(new_head(content, previous), content.value);
      reads_as(with_unknown, content))
    return with_unknown;
  std::string text = joined(front_matter_text(content), content.value);
  if (text.size() > block_file_bytes_max) return too_long();
  if (!is_utf8(text)) return not_text();
  if (reads_as(text, content)) return text;
  return Error{Errc::invalid_argument,
               "the description or the metadata of the block cannot be written as YAML",
               "metadata"};
}

}  // namespace reverie
