#include "runtime/web/html_tree.hpp"

#include <algorithm>
#include <functional>

namespace reverie {

namespace {

bool is_table_part(HtmlTag tag) {
  switch (tag) {
    case HtmlTag::tr:
    case HtmlTag::td:
    case HtmlTag::th:
    case HtmlTag::tbody:
    case HtmlTag::thead:
    case HtmlTag::tfoot:
    case HtmlTag::caption:
    case HtmlTag::colgroup: return true;
    default: return false;
  }
}

// Where the search for an open element ends, since what is beyond is not closed from in here.
bool is_cell_or_table(HtmlTag tag) {
  return tag == HtmlTag::table || tag == HtmlTag::td || tag == HtmlTag::th
         || tag == HtmlTag::caption || tag == HtmlTag::template_;
}
bool is_table(HtmlTag tag) {
  return tag == HtmlTag::table || tag == HtmlTag::template_;
}
bool is_list_or_bound(HtmlTag tag) {
  return tag == HtmlTag::ul || tag == HtmlTag::ol || tag == HtmlTag::menu || tag == HtmlTag::dir
         || tag == HtmlTag::dl || is_cell_or_table(tag);
}
// Inline elements end with the block that they are in.
bool is_block_or_cell(HtmlTag tag) {
  return is_block(tag) || is_cell_or_table(tag);
}
bool is_nothing(HtmlTag) {
  return false;
}

bool starts_body(HtmlTag tag) {
  return !is_head_only(tag);
}

}  // namespace

HtmlTree::HtmlTree(std::string_view html, bool is_xml, std::size_t nodes_max) {
  nodes_.emplace_back();
  open_.push_back({0, HtmlTag::other, 0});
  HtmlTokenizer tokenizer(html, is_xml);
  HtmlToken token;
  while (tokenizer.next(token)) {
    if (nodes_.size() >= nodes_max) {
      is_cut_ = true;
      return;
    }
    switch (token.kind) {
      case HtmlToken::Kind::text: add_text(token); break;
      case HtmlToken::Kind::start: start(token); break;
      case HtmlToken::Kind::end: end(token); break;
    }
  }
}

std::optional<std::string_view> HtmlTree::attribute(std::uint32_t node,
                                                    std::string_view name) const {
  const auto begin = attributes_.begin() + nodes_[node].attributes_begin;
  const auto end = begin + nodes_[node].attributes_count;
  const auto found =
    std::find_if(begin, end, [name](const HtmlAttribute& each) { return each.name == name; });
  if (found == end) return std::nullopt;
  return found->value;
}

std::uint32_t HtmlTree::add_node() {
  const auto added = static_cast<std::uint32_t>(nodes_.size());
  HtmlNode& node = nodes_.emplace_back();
  node.parent = current();
  HtmlNode& parent = nodes_[current()];
  if (parent.last_child == HtmlNode::none)
    parent.first_child = added;
  else
    nodes_[parent.last_child].next = added;
  parent.last_child = added;
  return added;
}

void HtmlTree::add_text(const HtmlToken& token) {
  const bool is_blank = token.text.find_first_not_of(" \t\r\n\f") == std::string_view::npos;
  if (!is_blank && open_.back().tag == HtmlTag::head) pop_to(open_.size() - 1);
  HtmlNode& node = nodes_[add_node()];
  node.is_text = true;
  node.text = token.text;
  node.has_references = token.has_references;
}

void HtmlTree::start(const HtmlToken& token) {
  if (token.tag == HtmlTag::html) return;  // the root is in its place
  if (token.tag == HtmlTag::head && (has_body_ || open_.size() > 1)) return;
  if (ignored_depth_ > 0) {
    if (!is_void(token.tag) && !token.is_closed) ++ignored_depth_;
    return;
  }
  has_body_ = has_body_ || starts_body(token.tag);
  make_room_for(token.tag);
  const std::uint32_t added = add_node();
  HtmlNode& node = nodes_[added];
  node.tag = token.tag;
  node.attributes_begin = static_cast<std::uint32_t>(attributes_.size());
  node.attributes_count = static_cast<std::uint8_t>(token.attributes.size());
  attributes_.insert(attributes_.end(), token.attributes.begin(), token.attributes.end());
  if (is_void(token.tag) || token.is_closed) return;
  if (open_.size() > depth_max)
    ++ignored_depth_;
  else
    open_.push_back({added, token.tag, std::hash<std::string>()(token.name)});
}

// Closes what cannot be open around an element of this kind.
void HtmlTree::make_room_for(HtmlTag tag) {
  if (open_.back().tag == HtmlTag::head && starts_body(tag)) pop_to(open_.size() - 1);
  if (is_table_part(tag)) return close_in_table(tag);
  if (is_block(tag)) close(HtmlTag::p, 0, is_cell_or_table);
  if (heading_level(tag) > 0 && heading_level(open_.back().tag) > 0) pop_to(open_.size() - 1);
  if (tag == HtmlTag::li) close(HtmlTag::li, 0, is_list_or_bound);
  if (tag == HtmlTag::dt || tag == HtmlTag::dd)
    if (!close(HtmlTag::dt, 0, is_list_or_bound)) close(HtmlTag::dd, 0, is_list_or_bound);
  if (tag == HtmlTag::a || tag == HtmlTag::button || tag == HtmlTag::option)
    close(tag, 0, is_block_or_cell);
}

void HtmlTree::close_in_table(HtmlTag tag) {
  const auto is_kept = [tag](HtmlTag open) {
    if (is_table(open)) return true;
    if (open == HtmlTag::tr) return tag == HtmlTag::td || tag == HtmlTag::th;
    if (open == HtmlTag::tbody || open == HtmlTag::thead || open == HtmlTag::tfoot)
      return tag == HtmlTag::tr || tag == HtmlTag::td || tag == HtmlTag::th;
    return false;
  };
  // Outside of any table these mean nothing, and close nothing.
  std::size_t size = open_.size();
  while (size > 1 && !is_kept(open_[size - 1].tag)) --size;
  if (size > 1) pop_to(size);
}

void HtmlTree::end(const HtmlToken& token) {
  if (ignored_depth_ > 0) {
    if (!is_void(token.tag)) --ignored_depth_;
    return;
  }
  switch (token.tag) {
    // What stands behind them belongs to them as well.
    case HtmlTag::html:
    case HtmlTag::body: return;
    case HtmlTag::br: {  // browsers take it for "<br>"
      nodes_[add_node()].tag = HtmlTag::br;
      return;
    }
    case HtmlTag::table: static_cast<void>(close(token.tag, 0, is_nothing)); return;
    default: break;
  }
  if (is_table_part(token.tag)) {
    close(token.tag, 0, is_table);
  } else if (heading_level(token.tag) > 0 && heading_level(open_.back().tag) > 0) {
    pop_to(open_.size() - 1);  // "<h2>...</h3>"
  } else if (is_block(token.tag) || is_unread(token.tag)) {
    close(token.tag, 0, is_cell_or_table);
  } else {
    close(token.tag, std::hash<std::string>()(token.name), is_block_or_cell);
  }
}

// The innermost open element of this kind, with all that is open in it; false when there is none
// within the bound.
bool HtmlTree::close(HtmlTag tag, std::size_t name_hash, bool (*is_bound)(HtmlTag)) {
  for (std::size_t size = open_.size(); size > 1; --size) {
    const Open& open = open_[size - 1];
    if (open.tag == tag && (tag != HtmlTag::other || open.name_hash == name_hash)) {
      pop_to(size - 1);
      return true;
    }
    if (is_bound(open.tag)) return false;
  }
  return false;
}

void HtmlTree::pop_to(std::size_t size) {
  open_.resize(size);
}

}  // namespace reverie
