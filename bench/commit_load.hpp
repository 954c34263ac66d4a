// What the sides that bench_commits compares write: commits like those of an agent's step.

#pragma once

#include "config/ids.hpp"
#include "storage/key.hpp"
#include "storage/store.hpp"
#include "storage/tables/message_table.hpp"
#include "storage/tables/step_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace reverie::bench {

struct CommitLoad {
  std::size_t writers = 64;
  std::chrono::milliseconds duration{1000};
};

struct CommitResult {
  double per_s = 0;
  double cpu_us = 0;  // of the process, for each commit
};

// A writer's commits: each is 4 records of 300 bytes, of its own home.
class CommitMaker {
 public:
  // 257: odd, so that writers have different homes, and large, so that neighbours are on
  // different shards.
  CommitMaker(const Store& store, std::size_t writer)
    : home_(static_cast<Home>((writer * 257) & 0x3fff)),
      messages_(store.family(MessageTable::family)),
      steps_(store.family(StepTable::family)) {
    put_home(home_bytes_, home_);
  }

  Home home() const { return home_; }

  // Hands the next commit's records to put(family, key, value).
  template <class Put>
  void next(Put&& put) {
    constexpr std::size_t records = 4;
    for (std::size_t i = 0; i < records; ++i)
      put(i + 1 < records ? messages_ : steps_, home_bytes_ + std::to_string(number_++ % keys_max),
          value_);
  }

 private:
  static constexpr std::uint64_t keys_max = 10'000;  // bounds the database, not the writing

  Home home_;
  std::string home_bytes_;
  std::string value_ = std::string(300, 'x');
  rocksdb::ColumnFamilyHandle* messages_;
  rocksdb::ColumnFamilyHandle* steps_;
  std::uint64_t number_ = 0;
};

}  // namespace reverie::bench
