#pragma once

#include "storage/store.hpp"

namespace reverie {

// One point in time for reads of several tables: `table.at(snapshot)`. Keep it short: what
// is overwritten while it lives stays on disk.
class Snapshot {
 public:
  explicit Snapshot(const Store& store) : db_(&store.db()), snapshot_(db_->GetSnapshot()) {}
  ~Snapshot() { db_->ReleaseSnapshot(snapshot_); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  const rocksdb::Snapshot* get() const { return snapshot_; }

 private:
  rocksdb::DB* db_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace reverie
