// Durable writes to RocksDB without anything of ours in between: what the commit pipeline is
// measured by.

#pragma once

#include "bench/commit_load.hpp"

namespace reverie::bench {

// One thread for each writer, each in its own synced write; RocksDB groups what waits.
CommitResult write_by_threads(const Store& store, const CommitLoad& load);

// One thread that merges one commit of every writer into one synced write: the least work with
// which as many become durable.
CommitResult write_by_one(const Store& store, const CommitLoad& load);

}  // namespace reverie::bench
