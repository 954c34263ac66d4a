// The objects of one shard that are awake: which actor each has, and when it may leave.

#pragma once

#include "actors/messages.hpp"
#include "config/error.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace reverie {

class Residents {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Wake = std::function<ResidentActor()>;
  using Seconds = std::chrono::seconds;

  void init(std::size_t awake_max) { awake_max_ = awake_max; }

  // The actor of the object; `wake` makes one when it sleeps. Counts one message to it.
  // One that got nothing for `idle_after` is asked to leave. Errors: unavailable (too many are
  // awake).
  Result<ResidentActor> find(const std::string& id, Time now, Seconds idle_after, const Wake& wake);

  // The actor of the object if it is awake, else a null handle. Counts one message to it.
  ResidentActor find_awake(const std::string& id, Time now);

  // Whether an actor that has handled `handled` messages may go: true when it was sent no more.
  // It is forgotten then, and the next message wakes another one.
  bool may_leave(const std::string& id, std::int64_t handled);

  void on_down(caf::actor_id actor);

  // Those that got no message for as long as they may stay without one.
  std::vector<ResidentActor> idle(Time now) const;

  // When the first of them will have got none for so long; Time::max() while all sleep. Looks at
  // each, as idle() does.
  Time first_idle() const;

  std::vector<ResidentActor> all() const;

  bool empty() const { return awake_.empty(); }
  std::size_t size() const { return awake_.size(); }

 private:
  struct Resident {
    ResidentActor actor;
    std::int64_t sent = 0;
    Time last_sent;
    Seconds idle_after{0};
  };

  std::size_t awake_max_ = 0;
  std::unordered_map<std::string, Resident> awake_;
  std::unordered_map<caf::actor_id, std::string> ids_;
};

}  // namespace reverie
