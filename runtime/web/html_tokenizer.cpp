#include "runtime/web/html_tokenizer.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

constexpr std::string_view html_blanks = " \t\r\n\f";

// What a reader of a page asks for; the others are not kept.
constexpr auto kept_attributes =
  std::to_array<std::string_view>({"alt", "aria-hidden", "class", "content", "hidden", "href",
                                   "http-equiv", "open", "role", "src", "start", "style"});

bool is_html_blank(char c) {
  return html_blanks.find(c) != std::string_view::npos;
}

bool is_ascii_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The name as it is kept; empty for one that is not.
std::string_view kept_attribute(std::string_view name) {
  constexpr std::size_t longest = 16;
  if (name.size() > longest) return {};
  const std::string lower = lower_ascii(name);
  const auto found = std::find(kept_attributes.begin(), kept_attributes.end(), lower);
  return found == kept_attributes.end() ? std::string_view() : *found;
}

}  // namespace

bool HtmlTokenizer::next(HtmlToken& token) {
  while (at_ < html_.size()) {
    if (!raw_name_.empty()) {
      if (next_raw_text(token)) return true;
    } else if (html_[at_] != '<') {
      emit_text(token, std::min(html_.find('<', at_), html_.size()));
      return true;
    } else if (next_markup(token)) {
      return true;
    }
  }
  return false;
}

void HtmlTokenizer::emit_text(HtmlToken& token, std::size_t end) {
  token.kind = HtmlToken::Kind::text;
  token.text = html_.substr(at_, end - at_);
  token.has_references = true;
  at_ = end;
}

// Up to the end tag of its element, or to the end of the page.
bool HtmlTokenizer::next_raw_text(HtmlToken& token) {
  std::size_t end = at_;
  for (;; ++end) {
    end = html_.find("</", end);
    if (end == std::string_view::npos) break;
    const std::size_t behind = end + 2 + raw_name_.size();
    if (lower_ascii(html_.substr(end + 2, raw_name_.size())) != raw_name_) continue;
    if (behind >= html_.size() || is_html_blank(html_[behind]) || html_[behind] == '/'
        || html_[behind] == '>')
      break;
  }
  const bool has_references = raw_name_ == "title" || raw_name_ == "textarea";
  raw_name_.clear();
  end = std::min(end, html_.size());
  if (end == at_) return false;
  emit_text(token, end);
  token.has_references = has_references;
  return true;
}

// At a "<". False when it was nothing to tell of.
bool HtmlTokenizer::next_markup(HtmlToken& token) {
  const char first = at(at_ + 1);
  if (is_ascii_letter(first)) return read_tag(token);
  if (first == '/' && is_ascii_letter(at(at_ + 2))) return read_tag(token);
  if (first == '!' || first == '?' || first == '/') {
    skip_declaration();
    return false;
  }
  emit_text(token, std::min(html_.find('<', at_ + 1), html_.size()));
  return true;
}

void HtmlTokenizer::skip_declaration() {
  std::size_t end = std::string_view::npos;
  if (html_.substr(at_).starts_with("<!--")) {
    // "<!-->" and "<!--->" are whole comments.
    end = html_.find("-->", at_ + 2);
    if (end != std::string_view::npos) end += 2;
  } else {
    end = html_.find('>', at_);
  }
  at_ = end == std::string_view::npos ? html_.size() : end + 1;
}

void HtmlTokenizer::skip_blanks() {
  at_ = std::min(html_.find_first_not_of(html_blanks, at_), html_.size());
}

bool HtmlTokenizer::read_tag(HtmlToken& token) {
  const bool is_end = at(at_ + 1) == '/';
  at_ += is_end ? 2 : 1;
  const std::size_t name_end = std::min(html_.find_first_of(" \t\r\n\f/>", at_), html_.size());
  token.kind = is_end ? HtmlToken::Kind::end : HtmlToken::Kind::start;
  token.name = lower_ascii(html_.substr(at_, name_end - at_));
  token.tag = html_tag(token.name);
  token.is_closed = false;
  token.attributes.clear();
  at_ = name_end;
  if (!read_attributes(token)) return false;
  if (token.kind == HtmlToken::Kind::start && is_raw_text(token.tag) && !token.is_closed)
    raw_name_ = token.name;
  return true;
}

// Up to behind the ">". False when the page ends before.
bool HtmlTokenizer::read_attributes(HtmlToken& token) {
  for (;;) {
    skip_blanks();
    if (at_ >= html_.size()) return false;
    if (html_[at_] == '>') {
      ++at_;
      return true;
    }
    if (html_[at_] == '/') {
      ++at_;
      token.is_closed = is_xml_ && at(at_) == '>';
      continue;
    }
    // A "=" at the start belongs to the name.
    const std::size_t name_end =
      std::min(html_.find_first_of(" \t\r\n\f/>=", at_ + 1), html_.size());
    const std::string_view name = kept_attribute(html_.substr(at_, name_end - at_));
    at_ = name_end;
    skip_blanks();
    std::string_view value;
    if (at(at_) == '=' && !read_value(value)) return false;
    const bool is_first = std::none_of(token.attributes.begin(), token.attributes.end(),
                                       [&](const auto& each) { return each.name == name; });
    if (!name.empty() && is_first) token.attributes.push_back({name, value});
  }
}

// From the "=" on.
bool HtmlTokenizer::read_value(std::string_view& value) {
  ++at_;
  skip_blanks();
  if (at_ >= html_.size()) return false;
  const char quote = html_[at_];
  if (quote == '"' || quote == '\'') {
    const std::size_t end = html_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      at_ = html_.size();
      return false;
    }
    value = html_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return true;
  }
  const std::size_t end = std::min(html_.find_first_of(" \t\r\n\f>", at_), html_.size());
  value = html_.substr(at_, end - at_);
  at_ = end;
  return true;
}

}  // namespace reverie
