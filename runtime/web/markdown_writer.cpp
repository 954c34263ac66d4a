#include "runtime/web/markdown_writer.hpp"

#include "runtime/text.hpp"

#include <algorithm>

namespace reverie {

namespace {

// Deeper structures are not shown as deeper.
constexpr std::size_t prefix_bytes_max = 40;

constexpr std::string_view text_blanks = " \t\r\n\f\v";

}  // namespace

void MarkdownWriter::ask_breaks(int count) {
  if (lines_open_ > 0) {
    is_blank_asked_ = true;
    return;
  }
  gap_bytes_ = breaks_ > 0 ? std::min(gap_bytes_, prefix_.size()) : prefix_.size();
  breaks_ = std::min(2, std::max(breaks_, count));
}

void MarkdownWriter::write_breaks() {
  if (breaks_ > 0 && !out_.empty()) {
    append("\n");
    if (breaks_ > 1) {
      const std::string_view gap = std::string_view(prefix_).substr(0, gap_bytes_);
      append(gap.substr(0, gap.find_last_not_of(' ') + 1));
      append("\n");
    }
  }
  if (breaks_ > 0 || out_.empty()) {
    append(first_.empty() ? prefix_ : first_);
    first_.clear();
    is_line_start_ = true;
  } else if (is_blank_asked_ && !is_line_start_) {
    append(" ");
  }
  breaks_ = 0;
  is_blank_asked_ = false;
}

void MarkdownWriter::append(std::string_view text) {
  if (is_full_) return;
  const std::size_t room = bytes_max_ - out_.size();
  if (text.size() > room) {
    is_full_ = true;
    // Not in the middle of a character.
    std::size_t end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  out_ += text;
}

void MarkdownWriter::verbatim(std::string_view text) {
  if (text.empty() || is_full_) return;
  write_breaks();
  append(text);
  is_line_start_ = false;
}

void MarkdownWriter::opening(std::string_view text) {
  verbatim(text);
  is_line_start_ = true;
}

void MarkdownWriter::closing(std::string_view text) {
  append(text);
  is_line_start_ = false;
}

void MarkdownWriter::text(std::string_view text) {
  while (!text.empty() && !is_full_) {
    const std::size_t blanks = std::min(text.find_first_not_of(text_blanks), text.size());
    if (blanks > 0) blank();
    text.remove_prefix(blanks);
    std::string_view word = text.substr(0, text.find_first_of(text_blanks));
    text.remove_prefix(word.size());
    if (!is_cell_) {
      verbatim(word);
      continue;
    }
    for (std::size_t bar = word.find('|'); bar != std::string_view::npos; bar = word.find('|')) {
      verbatim(word.substr(0, bar));
      verbatim("\\|");
      word.remove_prefix(bar + 1);
    }
    verbatim(word);
  }
}

void MarkdownWriter::indent(std::string_view first, std::string_view prefix) {
  indents_.push_back(prefix_.size());
  if (prefix_.size() + prefix.size() > prefix_bytes_max) return;
  first_ = (first_.empty() ? prefix_ : first_) + std::string(first);
  prefix_ += prefix;
}

void MarkdownWriter::outdent() {
  prefix_.resize(indents_.back());
  indents_.pop_back();
  gap_bytes_ = std::min(gap_bytes_, prefix_.size());
  // Of a list item without anything in it.
  first_.clear();
}

void MarkdownWriter::begin_line(bool is_cell) {
  ++lines_open_;
  is_cell_ = is_cell_ || is_cell;
}

void MarkdownWriter::end_line() {
  if (--lines_open_ == 0) is_cell_ = false;
}

void MarkdownWriter::code_block(std::string_view language, std::string_view text) {
  std::size_t run = 0;
  std::size_t longest = 2;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  new_paragraph();
  verbatim(fence);
  verbatim(language);
  for (std::size_t begin = 0; begin <= text.size() && !is_full_;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    append("\n" + prefix_);
    append(text.substr(begin, end - begin));
    begin = end + 1;
  }
  append("\n" + prefix_ + fence);
  new_paragraph();
}

}  // namespace reverie
