// The database: one RocksDB with one column family per table. Tables
// (storage/table.hpp) are typed views of it; changes reach it through a log
// (storage/log.hpp).

#pragma once

#include "config/error.hpp"
#include "storage/commit.hpp"
#include "storage/disk_watch.hpp"
#include "storage/format.hpp"
#include "storage/home_versions.hpp"
#include "storage/index.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

namespace reverie {

Error from_rocksdb(const rocksdb::Status& status, std::string_view where);

struct StoreOptions {
  std::size_t block_cache_bytes = 24 << 20;   // of all families together, indexes and filters too
  std::size_t write_buffer_bytes = 16 << 20;  // of all families together
  std::size_t wal_bytes_max = 64 << 20;       // bounds the work of a start after a kill
  std::int64_t shards = 256;                  // of a new directory; an old one keeps its number
  std::vector<IndexRule> indexes;
  FatalHandler on_fatal = end_process;
  std::chrono::milliseconds resume_interval{250};  // between looks for room on a full disk
  std::chrono::milliseconds resume_limit{60'000};  // for RocksDB, once there is room
  rocksdb::Env* env = nullptr;                     // null: the system's
};

// Thread-safe. Reads take microseconds when the block is cached and may be made
// in any actor.
class Store {
 public:
  // Opens or creates the directory, which is the store's alone, with every column
  // family in `families`. Families that are there and not listed are kept. Old formats
  // are migrated, and stale derived families rebuilt.
  // Errors, with a sentence for the operator: unavailable (locked by another process,
  // not writable), invalid_argument (of a newer release, not a directory of ours),
  // corruption (damaged).
  static Result<std::unique_ptr<Store>> open(const std::string& path,
                                             const std::vector<std::string_view>& families,
                                             const StoreOptions& options = {});
  ~Store();

  rocksdb::DB& db() const { return *db_; }
  rocksdb::Env& env() const { return *env_; }
  const std::string& path() const { return path_; }
  const StoreIdentity& identity() const { return identity_; }

  rocksdb::ColumnFamilyHandle* family(std::string_view name) const;
  bool has_family(std::string_view name) const { return families_.contains(name); }
  rocksdb::ColumnFamilyHandle* family(std::uint32_t number) const {  // null when unknown
    return number < numbers_.size() ? numbers_[number].handle : nullptr;
  }

  const HomeVersions& home_versions() const { return *home_versions_; }

  // Whether commits may write to it: not the default family, `meta` or a derived one.
  bool is_of_a_table(std::uint32_t family) const {
    return family < numbers_.size() && numbers_[family].is_of_a_table;
  }
  const std::vector<IndexRule>& rules() const { return rules_; }
  std::span<const IndexRule* const> rules(std::uint32_t family) const {
    return numbers_[family].rules;
  }

  // The version of a record, 0 when there is none. Errors: corruption, unavailable.
  Result<std::int64_t> version(const RecordVersion& record) const;

  // Of the last group that this shard's log applied, 0 before the first.
  // Errors: corruption, unavailable.
  Result<std::int64_t> sequence(std::int64_t shard) const;
  void put_sequence(rocksdb::WriteBatch& batch, std::int64_t shard, std::int64_t sequence) const;

  // Whether a log could apply the commit: its bytes are whole, they hold only puts,
  // deletes and range deletes, all in one home and in families of tables. Asked
  // for each commit before it is grouped with others; some 5 us for 20 writes.
  // Errors: corruption (the bytes), invalid_argument (what they say).
  Status check(const Commit& commit) const;

  // All of `batch`, which changes records of `homes`, becomes durable and visible, or nothing.
  // Blocks for a disk sync
  // (0.3 ms to 10 ms). For logs and migrations: everyone else sends a Commit.
  // Errors: unavailable (the disk is full: nothing was written, and the same may be
  // tried again at any time, since each call first looks whether there is room).
  // Anything else leaves the outcome open, and StoreOptions::on_fatal was called.
  Status write(rocksdb::WriteBatch& batch, std::span<const Home> homes = {});

 private:
  struct Family {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    bool is_of_a_table = false;
    std::vector<const IndexRule*> rules;
  };

  Store() = default;
  Status open_database(const std::string& path, const std::vector<std::string_view>& families,
                       const StoreOptions& options);
  void add_families(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  void resolve_rules();
  bool resume();
  bool has_room_for_memory();
  rocksdb::Status resume_database();
  void give_up_resume();

  std::string path_;
  std::shared_ptr<DiskWatch> disk_;
  std::unique_ptr<rocksdb::Env> env_;
  std::vector<IndexRule> rules_;
  std::unique_ptr<rocksdb::DB> db_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> families_;
  std::vector<Family> numbers_;  // by RocksDB's number
  StoreIdentity identity_;
  std::unique_ptr<HomeVersions> home_versions_ = std::make_unique<HomeVersions>();
  std::chrono::milliseconds resume_interval_{};
  std::chrono::milliseconds resume_limit_{};
  std::chrono::steady_clock::time_point resume_after_{};
};

}  // namespace reverie
