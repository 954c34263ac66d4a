// Vendors' names of models, which are all there is to tell what a model can do.

#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace reverie {

inline bool starts_with_any(std::string_view name,
                            std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

}  // namespace reverie
