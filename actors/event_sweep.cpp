#include "actors/event_sweep.hpp"

#include "storage/codec.hpp"
#include "storage/index_families.hpp"

#include <chrono>
#include <cstdint>
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

}  // namespace reverie
