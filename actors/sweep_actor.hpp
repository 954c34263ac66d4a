// Takes away what is too old: the events of runs, the traces of steps. One for each node, on a
// thread of its own.
//
// Every runs.events_sweep_s it asks both what is to go, and goes on at once where there is more.

#pragma once

#include "actors/event_sweep.hpp"
#include "actors/messages.hpp"
#include "actors/trace_sweep.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <vector>

namespace reverie {

struct SweepState {
  static inline const char* name = "reverie.sweep";

  EventSweep events;
  TraceSweep traces;
};

// `shards`: those of the node, by number.
SweepActor::behavior_type sweep_actor(SweepActor::stateful_pointer<SweepState> self,
                                      const Services* services, std::vector<ShardActor> shards);

}  // namespace reverie
