// The paths by which the tool `memory` names blocks: /memories/<label>.

#pragma once

#include "config/json.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// "/memories/notes/work" -> "notes/work"; a bare label is taken as it is.
std::string label_of_path(std::string_view path);

// The block that a call of `memory` edits in place; nothing for create, delete and wrong arguments.
std::optional<std::string> commanded_label(const Json& arguments);

}  // namespace reverie
