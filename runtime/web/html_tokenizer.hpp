// HTML cut into tags and the text between them, as browsers do it; whatever comes in is cut
// somehow, in time that grows with its length alone.

#pragma once

#include "runtime/web/html_tags.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct HtmlAttribute {
  std::string_view name;   // one of those that are kept, in lower case
  std::string_view value;  // as it stands there: references are not decoded
};

struct HtmlToken {
  enum class Kind : std::uint8_t { text, start, end };

  Kind kind = Kind::text;
  std::string_view text;                  // of a text, as it stands there
  bool has_references = true;             // of a text: "&amp;" is "&" in it
  HtmlTag tag = HtmlTag::other;           // of a start or an end
  std::string name;                       // in lower case; of a start or an end
  std::vector<HtmlAttribute> attributes;  // of a start: the first of each name, of those kept
  bool is_closed = false;                 // of a start: it ends with "/>", and that counts
};

class HtmlTokenizer {
 public:
  // `html` in UTF-8; it outlives the tokenizer and its tokens. `is_xml`: "<a/>" has no content.
  explicit HtmlTokenizer(std::string_view html, bool is_xml = false)
    : html_(html), is_xml_(is_xml) {}

  // False at the end. Comments, declarations and tags that are cut off are left out.
  bool next(HtmlToken& token);

 private:
  bool next_raw_text(HtmlToken& token);
  bool next_markup(HtmlToken& token);
  bool read_tag(HtmlToken& token);
  bool read_attributes(HtmlToken& token);
  bool read_value(std::string_view& value);
  void emit_text(HtmlToken& token, std::size_t end);
  void skip_declaration();
  char at(std::size_t index) const { return index < html_.size() ? html_[index] : '\0'; }
  void skip_blanks();

  std::string_view html_;
  bool is_xml_;
  std::size_t at_ = 0;
  std::string raw_name_;  // the element whose raw text comes now
};

}  // namespace reverie
