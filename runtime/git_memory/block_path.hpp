// Where a block stands in an agent's repository.
//
//   human, system/human   human.md, system/human.md
//   skills/pdf            skills/pdf/SKILL.md

#pragma once

#include "config/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// The path of the file, relative to the root of the tree. A label that would leave the tree, that
// git or a file system would not take, or whose file would be read back under no or another label
// is refused. Errors: invalid_argument (`where` is "label").
Result<std::string> path_of_label(std::string_view label);

// The label of the block that a file holds. Nothing: the file is no block (not .md, beside a
// SKILL.md, or path_of_label would never choose this path).
std::optional<std::string> label_of_file(std::string_view path);

}  // namespace reverie
