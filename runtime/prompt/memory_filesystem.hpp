// The memory of an agent whose blocks are files (runtime/git_memory), as its prompt shows it: the
// blocks below system/ in full, of all others but skills the paths alone.

#pragma once

#include "storage/records/block.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// The first line of the text, which ends with </memory>. It says what the agent cannot see: where
// the files are.
constexpr std::string_view memory_filesystem_reminder =
  "Your memory is a directory of files, and $MEMORY_DIR is its path on this machine. Each "
  "<projection> below holds the path of the file that it shows.";

// Empty when no block stands below system/.
std::string memory_filesystem_text(const std::vector<const Block*>& blocks);

}  // namespace reverie
