#include "actors/residents.hpp"

#include <algorithm>

namespace reverie {

Result<ResidentActor> Residents::find(const std::string& id, Time now, Seconds idle_after,
                                      const Wake& wake) {
  if (auto actor = find_awake(id, now)) return actor;
  if (awake_.size() >= awake_max_)
    return Error{Errc::unavailable, "too many objects are awake", "actors.resident_max"};
  ResidentActor actor = wake();
  ids_.emplace(actor.id(), id);
  awake_.emplace(id, Resident{actor, 1, now, idle_after});
  return actor;
}

ResidentActor Residents::find_awake(const std::string& id, Time now) {
  const auto found = awake_.find(id);
  if (found == awake_.end()) return {};
  ++found->second.sent;
  found->second.last_sent = now;
  return found->second.actor;
}

bool Residents::may_leave(const std::string& id, std::int64_t handled) {
  const auto found = awake_.find(id);
  if (found == awake_.end() || found->second.sent != handled) return false;
  ids_.erase(found->second.actor.id());
  awake_.erase(found);
  return true;
}

void Residents::on_down(caf::actor_id actor) {
  const auto found = ids_.find(actor);
  if (found == ids_.end()) return;
  awake_.erase(found->second);
  ids_.erase(found);
}

std::vector<ResidentActor> Residents::idle(Time now) const {
  std::vector<ResidentActor> found;
  for (const auto& [id, resident] : awake_)
    if (now - resident.last_sent >= resident.idle_after) found.push_back(resident.actor);
  return found;
}

Residents::Time Residents::first_idle() const {
  Time first = Time::max();
  for (const auto& [id, resident] : awake_)
    first = std::min(first, resident.last_sent + resident.idle_after);
  return first;
}

std::vector<ResidentActor> Residents::all() const {
  std::vector<ResidentActor> found;
  for (const auto& [id, resident] : awake_) found.push_back(resident.actor);
  return found;
}

}  // namespace reverie
