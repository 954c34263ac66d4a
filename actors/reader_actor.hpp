// Answers what changes nothing, from the store. Readers share the node's workers and read a few
// records; scanners have threads of their own, because a list with a filter may look at all
// that there is.

#pragma once

#include "actors/messages.hpp"
#include "actors/services.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace reverie {

struct ReaderState {
  static inline const char* name = "reverie.reader";
};

ReaderActor::behavior_type reader_actor(ReaderActor::stateful_pointer<ReaderState> self,
                                        const Services* services);

}  // namespace reverie
