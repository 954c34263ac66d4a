// Durable commits a second through the server's commit pipeline, beside the same writes made
// straight to RocksDB, in turns on one database. Prints one line of JSON for each turn.

#include "bench/raw_writes.hpp"
#include "bench/shard_commits.hpp"
#include "storage/tables.hpp"

#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

namespace {

using reverie::bench::CommitResult;

void print(const char* name, const CommitResult& result, const char* end) {
  std::printf("\"%s\": {\"per_s\": %.1f, \"cpu_us\": %.2f}%s", name, result.per_s, result.cpu_us,
              end);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Durable commits through the shards, and straight to RocksDB");
  std::string directory;
  int runs = 5;
  std::int64_t duration_ms = 1000;
  reverie::bench::CommitLoad load;
  app.add_option("directory", directory, "Of the database, which must not exist")
    ->required()
    ->check(CLI::NonexistentPath);
  app.add_option("--runs", runs, "Turns")->capture_default_str();
  app.add_option("--writers", load.writers)->capture_default_str();
  app.add_option("--duration-ms", duration_ms, "Of each side in a turn")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  load.duration = std::chrono::milliseconds{duration_ms};

  const auto store = reverie::Store::open(directory, reverie::all_families());
  if (!store) {
    std::fprintf(stderr, "bench_commits: %s\n", store.error().message.c_str());
    return 1;
  }
  for (int run = 0; run < runs; ++run) {
    std::printf("{");
    print("shards", reverie::bench::commit_by_shards(**store, load), ", ");
    print("threads", reverie::bench::write_by_threads(**store, load), ", ");
    print("one", reverie::bench::write_by_one(**store, load), "}\n");
    std::fflush(stdout);
  }
  return 0;
}
