// Finds who answers a request: by what it is and by the bits of its object's id. On one node
// every shard is here.

#pragma once

#include "actors/errors.hpp"
#include "actors/messages.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace reverie {

struct RouterState {
  static inline const char* name = "reverie.router";

  std::vector<ShardActor> shards;  // by number; the last one is the global home's
  std::vector<ReaderActor> readers;
  std::vector<ReaderActor> scanners;
  std::size_t next_reader = 0;
  std::size_t next_scanner = 0;

  // The shard of an object's actor. A message, run or step is its agent's.
  // Errors: invalid_argument (malformed id).
  Result<ShardActor> shard(const std::string& object_id) const;
};

RouterActor::behavior_type router_actor(RouterActor::stateful_pointer<RouterState> self,
                                        const Store* store, std::vector<ShardActor> shards,
                                        std::vector<ReaderActor> readers,
                                        std::vector<ReaderActor> scanners);

}  // namespace reverie
