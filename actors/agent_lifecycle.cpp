#include "actors/agent_lifecycle.hpp"

#include <utility>

namespace reverie {

Status add_lifecycle_event(const AgentRecord& record, const std::string& state,
                           const std::string& user_id, Batch& batch) {
  const Table<LifecycleTable>& lifecycles = record.tables().lifecycles;
  auto stored = lifecycles.get({record.id()});
  if (!stored && stored.error().code != Errc::not_found) return std::move(stored).error();
  AgentLifecycle log;
  if (stored) log = std::move(stored->value);
  log.add({state, record.services().clock->now(), user_id});
  lifecycles.put_unchecked(batch, {record.id()}, log);
  return {};
}

Result<Batch> pause_change(const AgentRecord& record, bool is_paused, const std::string& user_id,
                           AgentActivity& activity) {
  activity = record.activity();
  Batch batch;
  if (activity.paused_at.has_value() != is_paused) {
    activity.paused_at.reset();
    if (is_paused) activity.paused_at = record.services().clock->now();
    REVERIE_CHECK(add_lifecycle_event(record, is_paused ? "paused" : "resumed", user_id, batch));
  }
  record.tables().activity.put(batch, {record.id()}, activity, record.activity_version());
  return batch;
}

}  // namespace reverie
