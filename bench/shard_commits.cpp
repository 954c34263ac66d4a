#include "bench/shard_commits.hpp"

#include "actors/ask.hpp"
#include "actors/log_actor.hpp"
#include "actors/services.hpp"
#include "actors/shard_actor.hpp"
#include "actors/worker_policy.hpp"
#include "bench/stopwatch.hpp"
#include "config/settings.hpp"
#include "storage/commit.hpp"
#include "storage/log.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <map>
#include <memory>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/send.hpp>

namespace reverie::bench {

namespace {

// As actors/node.cpp has it.
struct Config : caf::actor_system_config {
  Config() {
    add_message_types<caf::id_block::reverie>();
    load<caf::scheduler::coordinator<WorkerPolicy>>();
    set("scheduler.max-throughput", std::size_t{200});
  }
};

struct Run {
  const CommitLoad* load;
  Stopwatch watch;
  std::atomic<std::uint64_t> commits = 0;
  std::latch writers_left;
};

struct WriterState {
  CommitMaker maker;
  ShardActor shard;
};

Commit next_commit(CommitMaker& maker) {
  Batch batch;
  maker.next([&](auto* family, const std::string& key, const std::string& value) {
    batch.put(family, key, value);
  });
  return *std::move(batch).commit();
}

void commit_next(caf::event_based_actor* self, Run* run,
                 const std::shared_ptr<WriterState>& state) {
  if (run->watch.elapsed() >= run->load->duration) {
    run->writers_left.count_down();
    return self->quit();
  }
  ask(self, state->shard, next_commit(state->maker))
    .then(
      [=](const CommitAnswer&) {
        ++run->commits;
        commit_next(self, run, state);
      },
      [](const caf::error& error) {
        std::fprintf(stderr, "bench_commits: %s\n", caf::to_string(error).c_str());
        std::exit(1);
      });
}

}  // namespace

CommitResult commit_by_shards(Store& store, const CommitLoad& load) {
  const Settings settings;
  Services services;
  services.store = &store;
  services.settings = &settings;
  LocalLog log{store};
  Config config;
  caf::actor_system system{config};
  const auto log_handle = system.spawn<caf::detached>(log_actor, &log);

  std::map<std::int64_t, ShardActor> shards;
  Run run{&load, {}, 0, std::latch{static_cast<std::ptrdiff_t>(load.writers)}};
  for (std::size_t writer = 0; writer < load.writers; ++writer) {
    CommitMaker maker{store, writer};
    const std::int64_t number = shard_of(maker.home(), store.identity().shards);
    ShardActor& shard = shards[number];
    if (!shard) shard = system.spawn(shard_actor, &std::as_const(services), log_handle, number);
    const auto state = std::make_shared<WriterState>(WriterState{std::move(maker), shard});
    system.spawn(
      [run = &run, state](caf::event_based_actor* self) { commit_next(self, run, state); });
  }
  run.writers_left.wait();
  const CommitResult result = run.watch.result(run.commits);
  for (const auto& [number, shard] : shards)
    caf::anon_send_exit(shard, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(log_handle, caf::exit_reason::user_shutdown);
  return result;
}

}  // namespace reverie::bench
