#pragma once

#include "storage/apply.hpp"

#include <gtest/gtest.h>

namespace reverie::testing {

// Writes what a test needs to find, past shard, log and preconditions, but not past the
// derived families.
inline void commit_now(Store& store, Batch&& batch) {
  auto commit = std::move(batch).commit();
  ASSERT_TRUE(commit) << commit.error().message;
  Applier applier{store};
  ASSERT_TRUE(applier.add({&commit->writes, 1}));
  ASSERT_TRUE(store.write(applier.batch(), applier.homes()));
}

}  // namespace reverie::testing
