// One atomic change of one home: what tables write into, and what a shard makes
// durable (actors/shard_actor.hpp).

#pragma once

#include "config/error.hpp"
#include "config/fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/write_batch.h>

namespace reverie {

// A record, by its place in the database, at one of its versions.
struct RecordVersion {
  std::string family;
  std::string key;           // with the home, as stored
  std::int64_t version = 0;  // 1 for the first, 0: there is no record

  static constexpr std::string_view type_name = "RecordVersion";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "family", &RecordVersion::family),
      field(2, "key", &RecordVersion::key),
      field(3, "version", &RecordVersion::version),
    };
  }
  bool operator==(const RecordVersion&) const = default;
};

// Writes, and the versions at which they are still right. Made by a Batch.
struct Commit {
  std::string writes;  // rocksdb::WriteBatch::Data(): names families by this node's numbers
  std::vector<RecordVersion> preconditions;

  static constexpr std::string_view type_name = "Commit";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "writes", &Commit::writes),
      field(2, "preconditions", &Commit::preconditions),
    };
  }
  bool operator==(const Commit&) const = default;
};

// With a conflict nothing was written.
struct CommitAnswer {
  std::int64_t sequence = 0;              // of the group in its shard's log
  std::optional<RecordVersion> conflict;  // what a precondition names, at its current version

  static constexpr std::string_view type_name = "CommitAnswer";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "sequence", &CommitAnswer::sequence),
      field(2, "conflict", &CommitAnswer::conflict),
    };
  }
  bool operator==(const CommitAnswer&) const = default;
};

// Collects writes; the first thing that goes wrong is kept for `commit`, so that
// no single write has to be checked.
class Batch {
 public:
  void put(rocksdb::ColumnFamilyHandle* family, const Result<std::string>& key,
           std::string_view value);
  void erase(rocksdb::ColumnFamilyHandle* family, const Result<std::string>& key);
  // All keys that start with these bytes, which are a home and at least one part.
  void erase_range(rocksdb::ColumnFamilyHandle* family, const Result<std::string>& prefix);
  void require(std::string_view family, const Result<std::string>& key, std::int64_t version);

  // Errors: invalid_argument (a key of a malformed id), internal (keys of two homes:
  // they may be on two shards, which no commit spans; a range without a first part).
  Result<Commit> commit() &&;

 private:
  bool accept(const Result<std::string>& key);

  rocksdb::WriteBatch writes_;
  std::vector<RecordVersion> preconditions_;
  std::string home_;  // the first bytes of every key; empty before the first
  std::optional<Error> failure_;
};

}  // namespace reverie
