// The text of a block's file: what is said about the block as YAML, then its value.
//
//   ---
//   description: What I know about the human.
//   read_only: true                     only when it is
//   metadata: {"source":"import"}       only when there is some
//   ---
//   Name: Ada
//
// Without this front matter, or when it is broken, the whole file is the value. The limit of a
// block is advice to the model and never written.

#pragma once

#include "config/error.hpp"
#include "config/raw_json.hpp"
#include "storage/records/block.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// 4 MiB: forty times the API's default limit of a block. Longer files are no blocks.
constexpr std::size_t block_file_bytes_max = 4U << 20;

struct BlockContent {
  std::string value;
  std::optional<std::string> description;  // nothing: null, or not said
  bool read_only = false;
  RawJson metadata{"{}"};
  bool has_front_matter = true;  // false: the three above are not said

  bool operator==(const BlockContent&) const = default;
};

BlockContent content_of(const Block& block);

// What a file says. Unknown members of the front matter are its writer's own and are skipped.
// Errors: invalid_argument when it is no UTF-8 text or longer than block_file_bytes_max.
Result<BlockContent> read_block_file(std::string_view text);

// The file of a block; read_block_file gives `content` back. `previous` is the file as it is now,
// if there is one: its front matter is kept as its writer formatted it where it says the same, and
// unknown members of it are always kept. Errors: invalid_argument when `content` is no UTF-8 text
// or too long.
Result<std::string> block_file_text(const BlockContent& content, std::string_view previous = {});

}  // namespace reverie
