#include "actors/event_sweep.hpp"

#include "actors/ask.hpp"
#include "actors/shard_actor.hpp"
#include "config/log_line.hpp"
#include "storage/codec.hpp"
#include "storage/index_families.hpp"
#include "storage/tables/run_event_table.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace reverie {

namespace {

// A log is in its place within this time of the end that it names: the commit is under way.
constexpr std::chrono::seconds settling{60};
// Rows of live runs have this time.
constexpr Timestamp live{};
constexpr Timestamp first_end{std::chrono::microseconds{1}};
constexpr Timestamp never{std::chrono::microseconds{INT64_MAX}};

std::string time_key(Timestamp time) {
  return key_bytes(static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

}  // namespace

Status EventSweep::visit(Timestamp from, Timestamp until, const Visit& on_row) const {
  const std::string end = time_key(until);
  const rocksdb::Slice upper{end};
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> row{
    services_->store->db().NewIterator(options, services_->store->family(run_logs_by_end))};
  for (row->Seek(time_key(from)); row->Valid(); row->Next()) {
    std::string_view text = row->key().ToStringView();
    std::string_view value = row->value().ToStringView();
    std::uint64_t ended_at = 0;
    std::uint64_t bytes = 0;
    RunLogTable::Key key;
    if (!take_key_part(text, ended_at) || !take_key_part(text, key.agent_id)
        || !take_key_part(text, key.run_sequence_id) || !take_varint(value, bytes))
      return Error{Errc::corruption, "undecodable key", std::string(run_logs_by_end)};
    const Timestamp time{std::chrono::microseconds{static_cast<std::int64_t>(ended_at)}};
    if (!on_row(time, std::move(key), static_cast<std::int64_t>(bytes))) return {};
  }
  if (!row->status().ok()) return from_rocksdb(row->status(), run_logs_by_end);
  return {};
}

Result<std::int64_t> EventSweep::bytes_between(Timestamp from, Timestamp until) const {
  std::int64_t sum = 0;
  REVERIE_CHECK(visit(from, until, [&](Timestamp, const RunLogTable::Key&, std::int64_t bytes) {
    sum += bytes;
    return true;
  }));
  return sum;
}

void EventSweep::forget() {
  counted_bytes_ = 0;
  counted_until_ = first_end;
}

Result<std::vector<RunLogTable::Key>> EventSweep::due() {
  const RunSettings& limits = services_->settings->runs;
  const Timestamp now = services_->clock->now();
  if (const Timestamp settled = now - settling; settled > counted_until_) {
    REVERIE_TRY(const std::int64_t more, bytes_between(counted_until_, settled));
    counted_bytes_ += more;
    counted_until_ = settled;
  }
  REVERIE_TRY(const std::int64_t fresh_bytes, bytes_between(counted_until_, never));
  REVERIE_TRY(const std::int64_t live_bytes, bytes_between(live, first_end));
  if (counted_bytes_ + fresh_bytes + live_bytes > limits.events_node_bytes_max) {
    REVERIE_TRY(counted_bytes_, bytes_between(first_end, counted_until_));
  }
  std::int64_t bytes = counted_bytes_ + fresh_bytes + live_bytes;
  const Timestamp oldest = now - std::chrono::seconds{limits.events_age_s};
  std::vector<RunLogTable::Key> keys;
  REVERIE_CHECK(
    visit(first_end, never, [&](Timestamp ended_at, RunLogTable::Key key, std::int64_t log_bytes) {
      if (ended_at > oldest && bytes <= limits.events_node_bytes_max) return false;
      bytes -= log_bytes;
      if (ended_at < counted_until_) counted_bytes_ -= log_bytes;
      keys.push_back(std::move(key));
      return keys.size() < logs_max;
    }));
  return keys;
}

namespace {

using SweepPointer = SweepActor::stateful_pointer<EventSweep>;

// Those of one home in one commit. After the end of its run nobody else writes a log.
Result<Commit> erasure(const Store& store, Home home, const std::vector<RunLogTable::Key>& keys) {
  const Table<RunEventTable> events{store};
  const Table<RunLogTable> logs{store};
  Batch batch;
  for (const RunLogTable::Key& key : keys) {
    events.erase_range(batch, home, key_bytes(key.agent_id, key.run_sequence_id));
    logs.erase_unchecked(batch, key);
  }
  return std::move(batch).commit();
}

// How many commits of a sweep are under way, and how they went.
struct Round {
  std::size_t left = 0;
  bool is_full = false;
  bool has_failed = false;
};

void arm(SweepPointer self, const Services& services, bool at_once) {
  if (at_once) return self->send(self, Tick{});
  self->delayed_send(self, std::chrono::seconds{services.settings->runs.events_sweep_s}, Tick{});
}

void end_round(SweepPointer self, const Services& services, const Round& round) {
  if (round.has_failed) self->state.forget();
  arm(self, services, round.is_full && !round.has_failed);
}

void sweep(SweepPointer self, const Services* services, const std::vector<ShardActor>& shards) {
  auto keys = self->state.due();
  if (!keys) {
    log_error("runs: old events cannot be found error=\"{}\"", keys.error().message);
    return arm(self, *services, false);
  }
  std::map<Home, std::vector<RunLogTable::Key>> by_home;
  for (RunLogTable::Key& key : *keys)
    if (const auto home = home_of(key.agent_id)) by_home[*home].push_back(std::move(key));
  if (by_home.empty()) return arm(self, *services, false);
  log_debug("runs: old events go logs={}", keys->size());
  const auto round = std::make_shared<Round>();
  round->left = by_home.size();
  round->is_full = keys->size() >= EventSweep::logs_max;
  const auto done = [self, services, round](bool has_failed) {
    round->has_failed |= has_failed;
    if (--round->left == 0) end_round(self, *services, *round);
  };
  for (const auto& [home, homes_keys] : by_home) {
    auto commit = erasure(*services->store, home, homes_keys);
    if (!commit) {
      done(true);
      continue;
    }
    const auto number = shard_of(home, static_cast<std::int64_t>(shards.size()) - 1);
    ask(self, shards[static_cast<std::size_t>(number)], *std::move(commit))
      .then([done](const CommitAnswer&) { done(false); },
            [done](const caf::error&) { done(true); });
  }
}

}  // namespace

SweepActor::behavior_type event_sweep_actor(SweepPointer self, const Services* services,
                                            std::vector<ShardActor> shards) {
  self->state.init(*services);
  arm(self, *services, false);
  return {
    [self, services, shards = std::move(shards)](Tick) { sweep(self, services, shards); },
  };
}

}  // namespace reverie
