#include "bench/raw_writes.hpp"

#include "bench/stopwatch.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace reverie::bench {

namespace {

void add_commit(rocksdb::WriteBatch& batch, CommitMaker& maker) {
  maker.next([&](auto* family, const std::string& key, const std::string& value) {
    batch.Put(family, key, value).PermitUncheckedError();
  });
}

void write_synced(const Store& store, rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = store.db().Write(options, &batch);
  if (status.ok()) return;
  std::fprintf(stderr, "bench_commits: %s\n", status.ToString().c_str());
  std::exit(1);
}

}  // namespace

CommitResult write_by_threads(const Store& store, const CommitLoad& load) {
  std::atomic<std::uint64_t> commits = 0;
  const Stopwatch watch;
  {
    std::vector<std::jthread> threads;
    for (std::size_t writer = 0; writer < load.writers; ++writer)
      threads.emplace_back([&, writer] {
        CommitMaker maker{store, writer};
        while (watch.elapsed() < load.duration) {
          rocksdb::WriteBatch batch;
          add_commit(batch, maker);
          write_synced(store, batch);
          ++commits;
        }
      });
  }
  return watch.result(commits);
}

CommitResult write_by_one(const Store& store, const CommitLoad& load) {
  std::vector<CommitMaker> makers;
  for (std::size_t writer = 0; writer < load.writers; ++writer) makers.emplace_back(store, writer);
  std::uint64_t commits = 0;
  const Stopwatch watch;
  while (watch.elapsed() < load.duration) {
    rocksdb::WriteBatch group;
    for (CommitMaker& maker : makers) add_commit(group, maker);
    write_synced(store, group);
    commits += makers.size();
  }
  return watch.result(commits);
}

}  // namespace reverie::bench
