// A page's tree as Markdown: what a reader of the page would read, without what is around it.

#pragma once

#include "runtime/web/html_tree.hpp"
#include "runtime/web/web_url.hpp"

#include <cstddef>
#include <string>

namespace reverie {

struct PageMarkdown {
  std::string title;  // on one line; empty: it has none
  std::string text;   // empty: there is nothing to read
  bool is_cut = false;
};

// Of a `main` part or the one article of the page, where that holds text; else of all of it. Links
// and images are relative to `url`, or to what the page names as its base.
PageMarkdown page_markdown(const HtmlTree& tree, const WebUrl& url, std::size_t bytes_max);

}  // namespace reverie
