// Patches of memory blocks, as models write them.
//
//   @@                               *** Add Block: projects
//    a line that stays               Description: what the user works on
//   -a line that goes                +the first line
//   +a line that comes               *** Update Block: human
//                                    *** Move to: user
//   one block, which the call        @@
//   names                            -Likes tea.
//                                    +Likes coffee.
//                                    *** Delete Block: scratch

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// Lines that must stand in the block, and what they become. Without old lines: an addition at the
// end.
struct Hunk {
  std::vector<std::string> old_lines;
  std::vector<std::string> new_lines;
};

enum class PatchKind : std::uint8_t { add, update, remove };

struct PatchOperation {
  PatchKind kind = PatchKind::update;
  std::string label;
  std::string new_label;    // of an update that renames, else empty
  std::string description;  // of an added block
  std::string content;      // of an added block
  std::vector<Hunk> hunks;  // of an update
};

// `label` is the block that hunks without an operation are for. Errors: invalid_argument, in words
// for the model.
Result<std::vector<PatchOperation>> parse_patch(std::string_view label, std::string_view patch);

// Errors: invalid_argument when the old lines do not stand in the text, or more than once.
Result<std::string> apply_hunks(std::string_view text, const std::vector<Hunk>& hunks);

// The block that a call of memory_apply_patch edits in place; nothing when it does more than that.
std::optional<std::string> patched_label(const Json& arguments);

}  // namespace reverie
