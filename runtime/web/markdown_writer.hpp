// Markdown piece by piece: blanks and line ends are those of the text's structure, not of its
// source.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

class MarkdownWriter {
 public:
  // What goes beyond `bytes_max` is left out.
  explicit MarkdownWriter(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Running text in UTF-8: blanks of any number and kind are one, and none begins a line.
  void text(std::string_view text);
  // As it is, on the line that is open.
  void verbatim(std::string_view text);
  // As it is, and no blank behind it: "# ", "[".
  void opening(std::string_view text);
  // As it is, and neither blank nor break before it; those that were asked for come behind it.
  void closing(std::string_view text);

  void new_line() { ask_breaks(1); }
  // Ends the line, and when it is empty the paragraph.
  void break_line() { ask_breaks(breaks_ + 1); }
  void new_paragraph() { ask_breaks(2); }
  // A blank before what comes next, unless that begins a line.
  void blank() { is_blank_asked_ = true; }

  // Each line from here on begins with `prefix`, the first one with `first` in its place.
  void indent(std::string_view first, std::string_view prefix);
  void outdent();

  // Within such a line, breaks are blanks, and "|" is escaped where it is a cell of a table.
  void begin_line(bool is_cell);
  void end_line();

  // A text of several lines, between fences.
  void code_block(std::string_view language, std::string_view text);

  bool is_full() const { return is_full_; }
  bool is_empty() const { return out_.empty(); }
  std::string take() { return std::move(out_); }

 private:
  void ask_breaks(int count);
  void write_breaks();
  void append(std::string_view text);

  std::size_t bytes_max_;
  std::string out_;
  std::string prefix_;
  std::string first_;                 // of the next line; empty: prefix_
  std::vector<std::size_t> indents_;  // lengths of prefix_ before each
  int breaks_ = 0;                    // before what comes next
  std::size_t gap_bytes_ = 0;         // of prefix_, on the empty line of a break of two
  bool is_blank_asked_ = false;
  bool is_line_start_ = true;
  int lines_open_ = 0;
  bool is_cell_ = false;
  bool is_full_ = false;
};

}  // namespace reverie
