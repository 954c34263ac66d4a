#pragma once

#include "config/json.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct LifecycleEvent {
  std::string state;  // paused, resumed or updating
  Timestamp at;
  std::string user_id;  // who did it

  static constexpr std::string_view type_name = "LifecycleEvent";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "state", &LifecycleEvent::state),
      field(2, "at", &LifecycleEvent::at),
      field(3, "user_id", &LifecycleEvent::user_id),
    };
  }
  bool operator==(const LifecycleEvent&) const = default;
};

// What people have done to an agent, oldest first. Its creation and its runs are records of their
// own, which its log is put together with when it is read.
struct AgentLifecycle {
  // 64: half a year of weekly changes; about 4 kB.
  static constexpr std::size_t events_max = 64;

  std::vector<LifecycleEvent> events;

  void add(LifecycleEvent event) {
    events.push_back(std::move(event));
    if (events.size() > events_max) events.erase(events.begin());
  }

  static constexpr std::string_view type_name = "AgentLifecycle";
  static constexpr auto fields() { return std::tuple{field(1, "events", &AgentLifecycle::events)}; }
  bool operator==(const AgentLifecycle&) const = default;
};

}  // namespace reverie
