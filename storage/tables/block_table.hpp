#pragma once

#include "storage/records/block.hpp"
#include "storage/table.hpp"

namespace reverie {

// blocks: home of block_id | block_id -> Block
struct BlockTable {
  static constexpr std::string_view family = "blocks";

  struct Key {
    std::string block_id;
    auto parts() { return std::tie(block_id); }
    auto parts() const { return std::tie(block_id); }
    Result<Home> home() const { return home_of(block_id); }
  };
  using Value = Block;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Block&);
extern template Result<Block> decode(std::string_view);

}  // namespace reverie
