// The format of a data directory: how it is told from other directories, who may
// open it, and how an older one becomes today's.
//
//   FORMAT      "reverie 2\n": the newest format that anything in here may have. Read before
//               RocksDB is opened, so that an older release leaves a newer directory alone.
//   meta/format the format that all of it has (decimal digits). It changes in the write that
//               ends a migration, so that one that was broken off is done again.
//
// A new directory is an empty one of format 1 and goes through the same migrations.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/fields.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

namespace reverie {

class Store;

// 1: records and the sequences of the shards.
// 2: meta/store says how many shards there are and which store it is.
constexpr std::int64_t format_newest = 2;

// meta/store
struct StoreIdentity {
  Timestamp created_at;
  std::string store_uuid;  // of this directory and its copies
  std::int64_t shards = 0;

  static constexpr std::string_view type_name = "StoreIdentity";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "created_at", &StoreIdentity::created_at),
      field(2, "store_uuid", &StoreIdentity::store_uuid),
      field(3, "shards", &StoreIdentity::shards),
    };
  }
  bool operator==(const StoreIdentity&) const = default;
};

// What a migration may need beside the store.
struct MigrationContext {
  std::int64_t shards = 0;  // for a directory that does not say
  bool is_new = false;      // nothing is stored yet
};

// Takes a directory from one format to the next. `run` puts its last writes into the
// batch that also raises meta/format. What is too large for one batch it writes before,
// in pieces that do no harm when they are done again.
struct Migration {
  std::int64_t from = 0;
  std::string_view name;
  Status (*run)(Store& store, const MigrationContext& context,
                rocksdb::WriteBatch& batch) = nullptr;
};

std::span<const Migration> all_migrations();

// What is at a path.
enum class Directory : std::uint8_t { fresh, ours };

// Looks without changing anything.
// Errors: invalid_argument (of a newer release, or of something else), corruption (files
// of ours are missing), unavailable (not readable).
Result<Directory> inspect_directory(rocksdb::Env& env, const std::string& path);

// Marks the directory as one of ours of the newest format, durably. Called before
// RocksDB writes anything of that format. Errors: unavailable.
Status write_format_file(rocksdb::Env& env, const std::string& path);

// Errors: invalid_argument (newer than `newest`), corruption, unavailable.
Status migrate(Store& store, const MigrationContext& context,
               std::span<const Migration> migrations = all_migrations());

// Errors: corruption, unavailable.
Result<std::int64_t> read_format(const Store& store);
Result<StoreIdentity> read_identity(const Store& store);

// Makes names in a directory (created, renamed, removed files) durable.
Status sync_directory(rocksdb::Env& env, const std::string& path);

}  // namespace reverie
