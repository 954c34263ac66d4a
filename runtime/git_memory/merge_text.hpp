// Three-way merge of texts by lines, as git does it.

#pragma once

#include <string>
#include <string_view>

namespace reverie {

// `base` with the changes of both. Where both have changed the same lines, those of `ours`.
std::string merge_text(std::string_view base, std::string_view ours, std::string_view theirs);

}  // namespace reverie
