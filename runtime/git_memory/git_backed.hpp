// Which agents have git-backed memory, and what their blocks are called.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// The tag of the API that asks for it, at creation or later.
constexpr std::string_view git_memory_tag = "git-memory-enabled";

inline bool is_git_backed(const std::vector<std::string>& tags) {
  return std::find(tags.begin(), tags.end(), git_memory_tag) != tags.end();
}

// The label that a block of an ordinary agent gets when its agent's memory becomes files: those
// below system/ are in the prompt, as all blocks were before.
inline std::string git_backed_label(std::string label) {
  constexpr std::string_view prefix = "system/";
  return label.starts_with(prefix) ? label : std::string(prefix) + label;
}

}  // namespace reverie
