// A page as a server sends it: the first byte chooses what it says that it sends, the rest is the
// body. Behind the last zero byte, a link as it stands in a page.

#include "runtime/text.hpp"
#include "runtime/web/html_tree.hpp"
#include "runtime/web/page_text.hpp"
#include "tests/fuzz/input.hpp"

#include <array>
#include <string>

namespace {

using reverie::HtmlNode;
using reverie::testing::claim;

constexpr std::array content_types = {
  "text/html; charset=utf-8", "text/html", "text/html; charset=iso-8859-1",
  "application/xhtml+xml",    "",          "text/html; charset=utf-16le",
  "text/html; charset=big5",  "text/plain"};

const reverie::WebUrl& base() {
  static const reverie::WebUrl url = *reverie::parse_web_url("https://a.example/dir/page?x=1");
  return url;
}

void claim_text(const reverie::FetchedPage& page) {
  for (const std::size_t bytes_max : {std::size_t{64}, std::size_t{1} << 20}) {
    const auto text = reverie::page_text(page, bytes_max);
    if (!text) {
      claim(!text.error().message.empty(), "an error says why");
      continue;
    }
    claim(reverie::is_utf8(*text), "a text is UTF-8");
    // The title, the address and the line on the cut.
    claim(text->size() <= bytes_max + 2'000, "a text is bounded");
    for (const char c : *text)
      claim(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r',
            "a text has no control characters");
  }
}

void claim_tree(std::string_view html) {
  for (const std::size_t nodes_max : {std::size_t{5}, std::size_t{100'000}}) {
    const reverie::HtmlTree tree(html, false, nodes_max);
    const auto& nodes = tree.nodes();
    claim(nodes.size() <= nodes_max, "the nodes are bounded");
    std::vector<std::size_t> depths(nodes.size(), 0);
    for (std::uint32_t i = 1; i < nodes.size(); ++i) {
      claim(nodes[i].parent < i, "a node is behind what it is in");
      claim(nodes[i].next == HtmlNode::none || nodes[i].next > i, "siblings are in order");
      depths[i] = depths[nodes[i].parent] + 1;
      claim(depths[i] <= reverie::HtmlTree::depth_max + 1, "the depth is bounded");
    }
  }
}

void claim_link(std::string_view reference) {
  const std::string target = reverie::link_target(base(), reference);
  if (!target.starts_with("http")) return;
  const auto url = reverie::parse_web_url(target);
  claim(url && url->text == target, "what a link leads to is a URL as it stands there");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = reverie::testing::view(data, size);
  if (input.empty()) return 0;
  const auto choice = static_cast<unsigned char>(input[0]) % content_types.size();
  const std::string_view body = input.substr(1);
  claim_text({base(), content_types[choice], std::string(body)});
  if (!reverie::is_utf8(body)) return 0;
  claim_tree(body);
  if (const auto end = body.rfind('\0'); end != std::string_view::npos)
    claim_link(body.substr(end + 1));
  return 0;
}
