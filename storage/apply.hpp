// The apply step of every log: commits become one RocksDB batch, together with what
// follows from them in the derived families (storage/index.hpp).

#pragma once

#include "storage/index.hpp"
#include "storage/store.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rocksdb/write_batch.h>

namespace reverie {

// Collects one batch. For one thread, and while it lives nobody else may write: it
// computes derived rows from what the store holds and from what it has collected.
class Applier {
 public:
  explicit Applier(const Store& store) : store_(&store) {}

  // Adds Commit::writes, in order. Each was checked (Store::check) by who accepted it.
  // Errors: invalid_argument (bytes that are no batch), corruption, unavailable; then
  // nothing of this call is in the batch.
  Status add(std::span<const std::string> writes);

  // A record of a family, as the writes so far leave it.
  Status put(std::uint32_t family, std::string_view key, std::string_view value);
  Status erase(std::uint32_t family, std::string_view key);
  Status erase_range(std::uint32_t family, std::string_view begin, std::string_view end);

  // Counts and rows of a record that is in the store already, for a rebuild.
  Status add_rows(const IndexRule& rule, std::string_view key, std::string_view value);

  rocksdb::WriteBatch& batch() { return batch_; }

  // Of each commit that is in the batch; a home may be there more than once.
  const std::vector<Home>& homes() const { return homes_; }

  // Forgets what was collected, after it was written.
  void clear();

 private:
  using Place = std::pair<std::uint32_t, std::string>;  // family, key
  using Value = std::optional<std::string>;             // nothing: erased

  Result<Value> read(std::uint32_t family, std::string_view key) const;
  // What is there before `value` is put.
  Result<Value> read_before(std::uint32_t family, std::string_view key,
                            std::string_view value) const;
  void remember(std::uint32_t family, std::string_view key, Value value);
  void roll_back();

  Status derive(std::uint32_t family, std::string_view key, const Value& before,
                const Value& after);
  Status change_rows(const IndexRows& before, const IndexRows& after);
  Status change_count(rocksdb::ColumnFamilyHandle* family, const std::string& key,
                      std::int64_t difference);

  const Store* store_;
  rocksdb::WriteBatch batch_;
  std::vector<Home> homes_;
  std::map<Place, Value> pending_;  // of families with rules, and counted rows
  std::vector<std::pair<Place, std::optional<Value>>> undo_;  // what `pending_` held before
};

}  // namespace reverie
