// The same commits through the server's pipeline: writers as actors, shards that check and group,
// the log's actor that writes.

#pragma once

#include "bench/commit_load.hpp"

namespace reverie::bench {

CommitResult commit_by_shards(Store& store, const CommitLoad& load);

}  // namespace reverie::bench
