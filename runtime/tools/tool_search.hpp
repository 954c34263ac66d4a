// Finds tools by words: of their names, tags, descriptions and arguments.

#pragma once

#include "runtime/tools/tool.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace reverie {

struct ToolMatch {
  ToolPointer tool;
  double score = 0;  // above 0, below 1
};

// The best first, equal ones in the order of `tools`; those that have no word of the query are not
// among them. Without a word in it: all, in their order, with a score of 0.
std::vector<ToolMatch> search_tools(const std::vector<ToolPointer>& tools, std::string_view query,
                                    std::size_t limit);

}  // namespace reverie
