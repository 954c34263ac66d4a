// A page as a tree, made of any text: tags that are missing or too many are dealt with as browsers
// do where that changes how the page reads. Elements are not moved about in it, so the text is in
// the order of the page.

#pragma once

#include "runtime/web/html_tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace reverie {

struct HtmlNode {
  static constexpr std::uint32_t none = 0;  // the root is nobody's child or sibling

  std::string_view text;  // of a text node, as it stands in the page
  std::uint32_t parent = none;
  std::uint32_t first_child = none;
  std::uint32_t last_child = none;
  std::uint32_t next = none;  // sibling
  std::uint32_t attributes_begin = 0;
  std::uint8_t attributes_count = 0;
  HtmlTag tag = HtmlTag::other;
  bool is_text = false;
  bool has_references = true;  // of a text node
};

class HtmlTree {
 public:
  // Deeper elements are left out, and what is in them belongs to the one at this depth.
  static constexpr std::size_t depth_max = 256;

  // `html` in UTF-8; it outlives the tree. Takes some 100 bytes for each node, and what comes after
  // `nodes_max` of them is left out.
  HtmlTree(std::string_view html, bool is_xml, std::size_t nodes_max);

  // The root is 0; a node comes before what is in it and behind it.
  const std::vector<HtmlNode>& nodes() const { return nodes_; }
  bool is_cut() const { return is_cut_; }

  // Nothing when the element has no such attribute, or it is not one of those that are kept.
  std::optional<std::string_view> attribute(std::uint32_t node, std::string_view name) const;

 private:
  struct Open {
    std::uint32_t node;
    HtmlTag tag;
    std::size_t name_hash;  // tells elements apart whose tag is `other`
  };

  void add_text(const HtmlToken& token);
  void start(const HtmlToken& token);
  void end(const HtmlToken& token);
  std::uint32_t add_node();
  void make_room_for(HtmlTag tag);
  void close_in_table(HtmlTag tag);
  bool close(HtmlTag tag, std::size_t name_hash, bool (*is_bound)(HtmlTag));
  void pop_to(std::size_t size);
  std::uint32_t current() const { return open_.back().node; }

  std::vector<HtmlNode> nodes_;
  std::vector<HtmlAttribute> attributes_;
  std::vector<Open> open_;         // the root is always there
  std::size_t ignored_depth_ = 0;  // open elements below depth_max
  bool has_body_ = false;
  bool is_cut_ = false;
};

}  // namespace reverie
