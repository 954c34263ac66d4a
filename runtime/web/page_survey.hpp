// What has to be known of a page before it is written: which parts are read, how much text is in
// each, and which part is the page's own.

#pragma once

#include "runtime/web/html_tree.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reverie {

class PageSurvey {
 public:
  explicit PageSurvey(const HtmlTree& tree);

  // Whether a reader sees it.
  bool is_read(std::uint32_t node) const { return facts_[node].is_read; }
  // Bytes of text in it, without blanks, and of its images' alternative texts.
  std::size_t text_bytes(std::uint32_t node) const { return facts_[node].text_bytes; }
  // Whether there is an element in it that begins a line.
  bool has_blocks(std::uint32_t node) const { return facts_[node].has_blocks; }
  // Whether there is one that does not fit on a line: a heading, a table, code.
  bool has_sections(std::uint32_t node) const { return facts_[node].has_sections; }

  // The part that is the page's own; the root when none stands out.
  std::uint32_t main_part() const;

 private:
  struct Facts {
    std::size_t text_bytes = 0;
    bool is_read = true;
    bool is_in_content = false;  // of an article or the like, not of the page's frame
    bool has_blocks = false;
    bool has_sections = false;
    bool has_prose = false;
  };

  bool is_readable(std::uint32_t node) const;
  bool is_hidden(std::uint32_t node) const;
  bool has_role(std::uint32_t node, std::string_view role) const;
  void look_at(std::uint32_t node);

  const HtmlTree& tree_;
  std::vector<Facts> facts_;
};

}  // namespace reverie
