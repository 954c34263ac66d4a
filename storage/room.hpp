// Whether the disk has room, asked without RocksDB.

#pragma once

#include <cstdint>
#include <string>

#include <rocksdb/env.h>

namespace reverie {

// Whether `bytes` more fit into the directory. What the file system says is free is
// asked first, which takes microseconds; only then are they written, since a quota or
// blocks that are kept for root do not show there, and taken away again.
bool has_room(rocksdb::Env& env, const std::string& directory, std::uint64_t bytes);

// Takes away what a kill left of has_room.
void remove_room_probe(rocksdb::Env& env, const std::string& directory);

}  // namespace reverie
