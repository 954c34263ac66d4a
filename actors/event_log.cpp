#include "actors/event_log.hpp"

#include <limits>
#include <utility>

namespace reverie {

namespace {

// What is read back is taken away in pieces of about this size.
constexpr std::int64_t part_bytes = 64 << 10;

std::int64_t bytes_of(const StreamEvent& event) {
  return static_cast<std::int64_t>(event.frame->size());
}

RunEventTable::Key event_key(const RunLogTable::Key& run, std::int64_t number) {
  return {run.agent_id, run.run_sequence_id, static_cast<std::uint64_t>(number)};
}

}  // namespace

Result<EventLog> EventLog::load(const AgentTables& tables, const std::string& agent_id,
                                std::int64_t run_sequence_id) {
  const auto sequence = static_cast<std::uint64_t>(run_sequence_id);
  EventLog log;
  auto record = tables.run_logs.get({agent_id, sequence});
  if (!record && record.error().code != Errc::not_found) return std::move(record).error();
  REVERIE_TRY(const Home home, home_of(agent_id));
  const Page<RunEventTable::Key> all{std::nullopt, Order::ascending,
                                     std::numeric_limits<std::size_t>::max()};
  REVERIE_CHECK(tables.run_events.scan_page(
    home, key_bytes(agent_id, sequence), all,
    [&](const RunEventTable::Key& key, const RunEvent& event) {
      const bool is_full = !log.parts_.empty() && log.parts_.back().bytes >= part_bytes;
      log.append(static_cast<std::int64_t>(key.number),
                 static_cast<std::int64_t>(event.frame.size()), is_full);
      return true;
    }));
  if (record) log.record_.dropped = record->value.dropped;
  return log;
}

void EventLog::append(std::int64_t number, std::int64_t bytes, bool begins_part) {
  if (parts_.empty() || begins_part || parts_.back().last + 1 != number)
    parts_.push_back({number, number, 0});
  parts_.back().last = number;
  parts_.back().bytes += bytes;
  record_.bytes += bytes;
}

void EventLog::add(const AgentTables& tables, const RunLogTable::Key& key,
                   const std::vector<StreamEvent>& events, std::size_t bytes_max, Batch& batch) {
  const auto limit = static_cast<std::int64_t>(bytes_max);
  std::int64_t added = 0;
  for (const StreamEvent& event : events) added += bytes_of(event);
  std::size_t old_parts = 0;
  for (; old_parts < parts_.size() && record_.bytes + added > limit; ++old_parts) {
    const Part& part = parts_[old_parts];
    for (std::int64_t number = part.first; number <= part.last; ++number)
      tables.run_events.erase_unchecked(batch, event_key(key, number));
    record_.bytes -= part.bytes;
    drop_up_to(part.last);
  }
  parts_.erase(parts_.begin(), parts_.begin() + static_cast<std::ptrdiff_t>(old_parts));
  std::size_t first = 0;
  for (; first + 1 < events.size() && record_.bytes + added > limit; ++first) {
    added -= bytes_of(events[first]);
    drop_up_to(events[first].number);
  }
  for (std::size_t i = first; i < events.size(); ++i) {
    const StreamEvent& event = events[i];
    append(event.number, bytes_of(event), i == first);
    tables.run_events.put_unchecked(batch, event_key(key, event.number),
                                    {*event.frame, event.is_last});
  }
}

void EventLog::write(const AgentTables& tables, const RunLogTable::Key& key, Batch& batch) const {
  tables.run_logs.put_unchecked(batch, key, record_);
}

}  // namespace reverie
