#include "actors/sweep_actor.hpp"

#include "actors/ask.hpp"
#include "actors/shard_actor.hpp"
#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "storage/tables/run_event_table.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace reverie {

namespace {

using SweepPointer = SweepActor::stateful_pointer<SweepState>;

// What goes of one home, in one commit.
struct Old {
  std::vector<RunLogTable::Key> logs;
  std::vector<ProviderTraceTable::Key> traces;
};

// After the end of its run nobody else writes a log; nobody ever writes a trace again.
Result<Commit> erasure(const Store& store, Home home, const Old& old) {
  const Table<RunEventTable> events{store};
  const Table<RunLogTable> logs{store};
  const Table<ProviderTraceTable> traces{store};
  Batch batch;
  for (const RunLogTable::Key& key : old.logs) {
    events.erase_range(batch, home, key_bytes(key.agent_id, key.run_sequence_id));
    logs.erase_unchecked(batch, key);
  }
  for (const ProviderTraceTable::Key& key : old.traces) traces.erase_unchecked(batch, key);
  return std::move(batch).commit();
}

// How many commits of a sweep are under way, and how they went.
struct Round {
  std::map<Home, Old> old;
  std::size_t left = 0;
  bool is_full = false;
  bool has_failed = false;
};

void arm(SweepPointer self, const Services& services, bool at_once) {
  if (at_once) return self->send(self, Tick{});
  self->delayed_send(self, std::chrono::seconds{services.settings->runs.events_sweep_s}, Tick{});
}

void end_round(SweepPointer self, const Services& services, const Round& round) {
  if (round.has_failed) {
    self->state.events.forget();
    self->state.traces.forget();
  }
  arm(self, services, round.is_full && !round.has_failed);
}

Status find_old(SweepState& state, Round& round) {
  REVERIE_TRY(auto logs, state.events.due());
  REVERIE_TRY(auto traces, state.traces.due());
  if (!logs.empty() || !traces.keys.empty())
    log_debug("runs: what is old goes logs={} traces={}", logs.size(), traces.keys.size());
  round.is_full = logs.size() >= EventSweep::logs_max || traces.is_unfinished;
  for (RunLogTable::Key& key : logs)
    if (const auto home = home_of(key.agent_id)) round.old[*home].logs.push_back(std::move(key));
  for (ProviderTraceTable::Key& key : traces.keys)
    if (const auto home = home_of(key.agent_id)) round.old[*home].traces.push_back(std::move(key));
  return {};
}

void sweep(SweepPointer self, const Services* services, const std::vector<ShardActor>& shards) {
  const auto round = std::make_shared<Round>();
  if (const auto found = find_old(self->state, *round); !found) {
    log_error("runs: what is old cannot be found error=\"{}\"", found.error().message);
    return arm(self, *services, false);
  }
  if (round->old.empty()) return end_round(self, *services, *round);
  round->left = round->old.size();
  const auto done = [self, services, round](bool has_failed) {
    round->has_failed |= has_failed;
    if (--round->left == 0) end_round(self, *services, *round);
  };
  for (const auto& [home, old] : round->old) {
    auto commit = erasure(*services->store, home, old);
    if (!commit) {
      done(true);
      continue;
    }
    const auto number = shard_of(home, static_cast<std::int64_t>(shards.size()) - 1);
    failpoint("sweep.store");
    ask(self, shards[static_cast<std::size_t>(number)], *std::move(commit))
      .then(
        [done](const CommitAnswer&) {
          failpoint("sweep.stored");
          done(false);
        },
        [done](const caf::error&) { done(true); });
  }
}

}  // namespace

SweepActor::behavior_type sweep_actor(SweepPointer self, const Services* services,
                                      std::vector<ShardActor> shards) {
  self->state.events.init(*services);
  self->state.traces.init(*services);
  arm(self, *services, false);
  return {
    [self, services, shards = std::move(shards)](Tick) { sweep(self, services, shards); },
  };
}

}  // namespace reverie
