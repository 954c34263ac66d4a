// The stream of a run while it is live or listened to: keeps its events, hands them to listeners
// as fast as each takes them, and never waits for one.

#pragma once

#include "actors/errors.hpp"
#include "actors/messages.hpp"
#include "actors/services.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <string>
#include <vector>

namespace reverie {

class RunStream {
 public:
  static constexpr std::size_t listeners_max = 64;

  // What one listener gets now.
  struct Delivery {
    RunListener to;
    std::vector<StreamEvent> events;
    std::string listener;
  };

  // `bytes_max`: of the events that are kept; the oldest go first.
  void init(std::size_t bytes_max) { bytes_max_ = bytes_max; }

  void add(std::vector<StreamEvent> events);

  // A name that listens already starts anew. Beyond the largest number nobody is added.
  void subscribe(const Subscribe& message, RunListener to);
  void credit(const Credit& message);
  void unsubscribe(const std::string& listener);

  // What can be delivered. A listener that has got the last event is taken off; one that is
  // behind the oldest event that is kept starts at that.
  std::vector<Delivery> deliver();

  // The stream has ended and whoever listened has all of it.
  bool is_over() const { return has_ended_ && had_listener_ && listeners_.empty(); }
  bool has_listeners() const { return !listeners_.empty(); }

 private:
  struct Listener {
    std::string name;
    RunListener actor;
    std::int64_t last = 0;  // number of the last event that it was sent
    std::int64_t credit = 0;
  };

  std::deque<StreamEvent>::iterator first_from(std::int64_t number);
  Listener* find(const std::string& listener);

  std::size_t bytes_max_ = 0;
  std::size_t bytes_ = 0;
  std::deque<StreamEvent> events_;
  std::vector<Listener> listeners_;
  bool has_ended_ = false;
  bool had_listener_ = false;
};

struct RunListening {
  static inline const char* name = "reverie.run";
  RunStream stream;
  std::string run_id;
  std::int64_t handled = 0;  // messages that came through the shard
};

RunActor::behavior_type run_actor(RunActor::stateful_pointer<RunListening> self,
                                  const Services* services, const ShardActor& shard,
                                  const std::string& run_id);

}  // namespace reverie
