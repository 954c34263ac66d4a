#include "runtime/web/page_text.hpp"

#include "runtime/text.hpp"
#include "runtime/web/charset.hpp"
#include "runtime/web/content_type.hpp"
#include "runtime/web/html_tree.hpp"
#include "runtime/web/page_markdown.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// A page of 4 MiB has some 200,000; one that is made of tags alone has a million.
constexpr std::size_t page_nodes_max = 500'000;

constexpr std::size_t sniffed_bytes = 1'024;

bool is_html(const std::string& type, std::string_view bytes) {
  if (!type.empty()) return type == "text/html" || type == "application/xhtml+xml";
  const std::string_view head = stripped(bytes.substr(0, sniffed_bytes));
  return head.starts_with('<')
         && (contains_ignoring_case(head, "<html")
             || contains_ignoring_case(head, "<!doctype html"));
}

// Control characters are nothing to read. Of what is no text at all, nothing is left.
std::string without_controls(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f) c = ' ';
  }
  return text;
}

// Leaves whole characters.
bool cut_bytes(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return false;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
  return true;
}

std::string cut_note(std::size_t bytes_max) {
  return "\n\n[The page goes on: its text was cut after " + std::to_string(bytes_max)
         + " bytes, as web.text_bytes_max says.]";
}

std::string html_text(const FetchedPage& page, const std::string& html, bool is_xml,
                      std::size_t bytes_max) {
  const HtmlTree tree(html, is_xml, page_nodes_max);
  PageMarkdown markdown = page_markdown(tree, page.url, bytes_max);
  std::string out;
  if (!markdown.title.empty()) out += "Title: " + markdown.title + "\n";
  out += "URL: " + page.url.text + "\n\n";
  if (markdown.text.empty())
    return out + "The page has no text that could be read without running its scripts.";
  out += markdown.text;
  if (markdown.is_cut) out += cut_note(bytes_max);
  return out;
}

}  // namespace

Result<std::string> page_text(const FetchedPage& page, std::size_t bytes_max) {
  const std::string type = media_type(page.content_type);
  std::string_view charset = charset_parameter(page.content_type);
  const bool is_page = is_html(type, page.body);
  if (charset.empty() && (is_page || type.ends_with("xml"))) charset = charset_in_page(page.body);
  std::string text = utf8_text(page.body, charset);
  if (std::string_view(text).substr(0, sniffed_bytes).find('\0') != std::string_view::npos)
    return Error{Errc::bad_request,
                 page.url.text + " could not be read: its " + std::to_string(page.body.size())
                   + " bytes are no text, though " + (type.empty() ? "nothing else" : type)
                   + " is what the server says",
                 "url"};
  text = without_controls(std::move(text));
  if (is_page) return html_text(page, text, type == "application/xhtml+xml", bytes_max);
  if (cut_bytes(text, bytes_max)) text += cut_note(bytes_max);
  return text;
}

}  // namespace reverie
