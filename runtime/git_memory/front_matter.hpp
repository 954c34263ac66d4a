// The YAML between the two "---" lines of a block's file.

#pragma once

#include "runtime/git_memory/block_file.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

struct FileParts {
  std::string_view yaml;   // the lines between the markers
  std::string_view value;  // all behind the second one; points into the text, also when empty
};

// Nothing when the text does not start with a marker line or no second one follows. Lines may end
// with CRLF.
std::optional<FileParts> split_front_matter(std::string_view text);

// Fills description, read_only and metadata. False: the YAML is broken, no mapping, or larger or
// deeper than any block's.
bool read_front_matter(std::string_view yaml, BlockContent& content);

// The lines of the three members, without markers.
std::string front_matter_text(const BlockContent& content);

// The lines that belong to other members.
std::string unknown_members(std::string_view yaml);

}  // namespace reverie
