#include "runtime/web/html_tags.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace reverie {

namespace {

enum TagTrait : unsigned {
  inline_tag = 0,
  void_tag = 1U << 0U,
  block_tag = 1U << 1U,
  raw_tag = 1U << 2U,
  head_tag = 1U << 3U,
  unread_tag = 1U << 4U,
};

struct TagEntry {
  std::string_view name;
  HtmlTag tag;
  unsigned traits;
};

// In the order of their names, which is that of the enumerators.
constexpr TagEntry tag_entries[] = {
  {"a", HtmlTag::a, inline_tag},
  {"address", HtmlTag::address, block_tag},
  {"area", HtmlTag::area, void_tag},
  {"article", HtmlTag::article, block_tag},
  {"aside", HtmlTag::aside, block_tag},
  {"audio", HtmlTag::audio, unread_tag},
  {"base", HtmlTag::base, void_tag | head_tag},
  {"blockquote", HtmlTag::blockquote, block_tag},
  {"body", HtmlTag::body, block_tag},
  {"br", HtmlTag::br, void_tag},
  {"button", HtmlTag::button, unread_tag},
  {"canvas", HtmlTag::canvas, unread_tag},
  {"caption", HtmlTag::caption, block_tag},
  {"center", HtmlTag::center, block_tag},
  {"code", HtmlTag::code, inline_tag},
  {"col", HtmlTag::col, void_tag},
  {"colgroup", HtmlTag::colgroup, inline_tag},
  {"datalist", HtmlTag::datalist, unread_tag},
  {"dd", HtmlTag::dd, block_tag},
  {"details", HtmlTag::details, block_tag},
  {"dialog", HtmlTag::dialog, block_tag},
  {"dir", HtmlTag::dir, block_tag},
  {"div", HtmlTag::div, block_tag},
  {"dl", HtmlTag::dl, block_tag},
  {"dt", HtmlTag::dt, block_tag},
  {"embed", HtmlTag::embed, void_tag},
  {"fieldset", HtmlTag::fieldset, block_tag},
  {"figcaption", HtmlTag::figcaption, block_tag},
  {"figure", HtmlTag::figure, block_tag},
  {"footer", HtmlTag::footer, block_tag},
  {"form", HtmlTag::form, block_tag},
  {"h1", HtmlTag::h1, block_tag},
  {"h2", HtmlTag::h2, block_tag},
  {"h3", HtmlTag::h3, block_tag},
  {"h4", HtmlTag::h4, block_tag},
  {"h5", HtmlTag::h5, block_tag},
  {"h6", HtmlTag::h6, block_tag},
  {"head", HtmlTag::head, unread_tag | head_tag},
  {"header", HtmlTag::header, block_tag},
  {"hgroup", HtmlTag::hgroup, block_tag},
  {"hr", HtmlTag::hr, void_tag | block_tag},
  {"html", HtmlTag::html, block_tag | head_tag},
  {"iframe", HtmlTag::iframe, raw_tag | unread_tag},
  {"img", HtmlTag::img, void_tag},
  {"input", HtmlTag::input, void_tag},
  {"kbd", HtmlTag::kbd, inline_tag},
  {"label", HtmlTag::label, inline_tag},
  {"legend", HtmlTag::legend, block_tag},
  {"li", HtmlTag::li, block_tag},
  {"link", HtmlTag::link, void_tag | head_tag},
  {"main", HtmlTag::main, block_tag},
  {"math", HtmlTag::math, unread_tag},
  {"menu", HtmlTag::menu, block_tag},
  {"meta", HtmlTag::meta, void_tag | head_tag},
  {"nav", HtmlTag::nav, block_tag | unread_tag},
  {"noembed", HtmlTag::noembed, raw_tag | unread_tag},
  {"noframes", HtmlTag::noframes, raw_tag | head_tag | unread_tag},
  {"noscript", HtmlTag::noscript, head_tag | unread_tag},
  {"object", HtmlTag::object, unread_tag},
  {"ol", HtmlTag::ol, block_tag},
  {"optgroup", HtmlTag::optgroup, unread_tag},
  {"option", HtmlTag::option, unread_tag},
  {"p", HtmlTag::p, block_tag},
  {"param", HtmlTag::param, void_tag},
  {"plaintext", HtmlTag::plaintext, block_tag | raw_tag},
  {"pre", HtmlTag::pre, block_tag},
  {"q", HtmlTag::q, inline_tag},
  {"samp", HtmlTag::samp, inline_tag},
  {"script", HtmlTag::script, raw_tag | head_tag | unread_tag},
  {"search", HtmlTag::search, block_tag | unread_tag},
  {"section", HtmlTag::section, block_tag},
  {"select", HtmlTag::select, unread_tag},
  {"source", HtmlTag::source, void_tag},
  {"style", HtmlTag::style, raw_tag | head_tag | unread_tag},
  {"summary", HtmlTag::summary, block_tag},
  {"svg", HtmlTag::svg, unread_tag},
  {"table", HtmlTag::table, block_tag},
  {"tbody", HtmlTag::tbody, inline_tag},
  {"td", HtmlTag::td, inline_tag},
  {"template", HtmlTag::template_, head_tag | unread_tag},
  {"textarea", HtmlTag::textarea, raw_tag | unread_tag},
  {"tfoot", HtmlTag::tfoot, inline_tag},
  {"th", HtmlTag::th, inline_tag},
  {"thead", HtmlTag::thead, inline_tag},
  {"title", HtmlTag::title, raw_tag | head_tag | unread_tag},
  {"tr", HtmlTag::tr, inline_tag},
  {"track", HtmlTag::track, void_tag},
  {"tt", HtmlTag::tt, inline_tag},
  {"ul", HtmlTag::ul, block_tag},
  {"video", HtmlTag::video, unread_tag},
  {"wbr", HtmlTag::wbr, void_tag},
  {"xmp", HtmlTag::xmp, block_tag | raw_tag},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(tag_entries); ++i)
    if (static_cast<std::size_t>(tag_entries[i].tag) != i + 1
        || (i > 0 && tag_entries[i].name <= tag_entries[i - 1].name))
      return false;
  return true;
}
static_assert(is_in_order());

bool has_trait(HtmlTag tag, TagTrait trait) {
  return tag != HtmlTag::other
         && (tag_entries[static_cast<std::size_t>(tag) - 1].traits & trait) != 0;
}

}  // namespace

HtmlTag html_tag(std::string_view name) {
  const auto* found = std::lower_bound(
    std::begin(tag_entries), std::end(tag_entries), name,
    [](const TagEntry& each, std::string_view wanted) { return each.name < wanted; });
  return found == std::end(tag_entries) || found->name != name ? HtmlTag::other : found->tag;
}

bool is_void(HtmlTag tag) {
  return has_trait(tag, void_tag);
}

bool is_block(HtmlTag tag) {
  return has_trait(tag, block_tag);
}

bool is_raw_text(HtmlTag tag) {
  return has_trait(tag, raw_tag);
}

bool is_head_only(HtmlTag tag) {
  return has_trait(tag, head_tag);
}

bool is_unread(HtmlTag tag) {
  return has_trait(tag, unread_tag);
}

int heading_level(HtmlTag tag) {
  if (tag < HtmlTag::h1 || tag > HtmlTag::h6) return 0;
  return static_cast<int>(tag) - static_cast<int>(HtmlTag::h1) + 1;
}

}  // namespace reverie
