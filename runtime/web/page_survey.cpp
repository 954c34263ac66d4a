#include "runtime/web/page_survey.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace reverie {

namespace {

// Roles of what is around a page's text.
constexpr std::array frame_roles = {"navigation", "banner",  "contentinfo", "search",
                                    "menu",       "menubar", "dialog",      "alertdialog"};

bool holds_content(HtmlTag tag) {
  return tag == HtmlTag::article || tag == HtmlTag::main || tag == HtmlTag::section
         || tag == HtmlTag::blockquote;
}

// Does not fit into a cell of a table.
bool is_section(HtmlTag tag) {
  switch (tag) {
    case HtmlTag::table:
    case HtmlTag::pre:
    case HtmlTag::blockquote:
    case HtmlTag::hr:
    case HtmlTag::article:
    case HtmlTag::section:
    case HtmlTag::form: return true;
    default: return heading_level(tag) > 0;
  }
}

// A form that holds one of these is a page within a form, as some frameworks make them.
bool is_prose(HtmlTag tag) {
  return tag == HtmlTag::p || tag == HtmlTag::article || tag == HtmlTag::main
         || tag == HtmlTag::table || heading_level(tag) > 0;
}

std::size_t count_not_blank(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
    text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > ' '; }));
}

bool hides_by_style(std::string_view style) {
  std::string plain = lower_ascii(style);
  std::erase_if(plain, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  return plain.find("display:none") != std::string::npos
         || plain.find("visibility:hidden") != std::string::npos;
}

}  // namespace

PageSurvey::PageSurvey(const HtmlTree& tree) : tree_(tree), facts_(tree.nodes().size()) {
  const auto& nodes = tree.nodes();
  for (std::uint32_t i = 1; i < nodes.size(); ++i)
    facts_[i].is_in_content =
      facts_[nodes[i].parent].is_in_content || holds_content(nodes[nodes[i].parent].tag);
  // What is in a node comes behind it, so backwards all of that is known.
  for (auto i = static_cast<std::uint32_t>(nodes.size()); i-- > 1;) look_at(i);
  // Hidden is also what is in something hidden.
  for (std::uint32_t i = 1; i < nodes.size(); ++i)
    if (!facts_[nodes[i].parent].is_read) facts_[i] = {.is_read = false};
}

void PageSurvey::look_at(std::uint32_t node) {
  const HtmlNode& it = tree_.nodes()[node];
  Facts& facts = facts_[node];
  if (it.is_text)
    facts.text_bytes = count_not_blank(it.text);
  else if (it.tag == HtmlTag::img)
    facts.text_bytes = count_not_blank(tree_.attribute(node, "alt").value_or(""));
  facts.is_read = it.is_text || is_readable(node);
  if (!facts.is_read) {
    facts.text_bytes = 0;
    return;
  }
  Facts& parent = facts_[it.parent];
  parent.text_bytes += facts.text_bytes;
  parent.has_blocks |= facts.has_blocks || is_block(it.tag);
  parent.has_sections |= facts.has_sections || is_section(it.tag);
  parent.has_prose |= facts.has_prose || is_prose(it.tag);
}

bool PageSurvey::is_readable(std::uint32_t node) const {
  const HtmlTag tag = tree_.nodes()[node].tag;
  if (is_unread(tag) || is_hidden(node)) return false;
  if (tag == HtmlTag::form) return facts_[node].has_prose;
  if (tag == HtmlTag::footer) return facts_[node].is_in_content;
  if (tag == HtmlTag::dialog) return tree_.attribute(node, "open").has_value();
  return std::none_of(frame_roles.begin(), frame_roles.end(),
                      [&](std::string_view role) { return has_role(node, role); });
}

bool PageSurvey::is_hidden(std::uint32_t node) const {
  if (tree_.nodes()[node].attributes_count == 0) return false;
  const auto hidden = tree_.attribute(node, "hidden");
  if (hidden && lower_ascii(*hidden) != "until-found") return true;
  if (tree_.attribute(node, "aria-hidden") == "true") return true;
  const auto style = tree_.attribute(node, "style");
  return style && hides_by_style(*style);
}

bool PageSurvey::has_role(std::uint32_t node, std::string_view role) const {
  return tree_.attribute(node, "role") == role;
}

std::uint32_t PageSurvey::main_part() const {
  // A `main` that a script is to fill holds no more than a word of patience.
  constexpr std::size_t text_bytes_min = 100;
  const auto& nodes = tree_.nodes();
  std::uint32_t main = 0;
  std::uint32_t article = 0;
  for (std::uint32_t i = 1; i < nodes.size(); ++i) {
    const auto is_larger = [&](std::uint32_t than) {
      return than == 0 || facts_[i].text_bytes > facts_[than].text_bytes;
    };
    const bool is_main =
      !nodes[i].is_text && (nodes[i].tag == HtmlTag::main || has_role(i, "main"));
    if (is_main && is_larger(main)) main = i;
    if (nodes[i].tag == HtmlTag::article && is_larger(article)) article = i;
  }
  if (main != 0 && facts_[main].text_bytes >= text_bytes_min) return main;
  // One of many articles is not the page.
  const bool is_most = article != 0 && facts_[article].text_bytes >= facts_[0].text_bytes / 2;
  return is_most && facts_[article].text_bytes >= text_bytes_min ? article : 0;
}

}  // namespace reverie
