// Works on the repositories of git-backed memory. One of several, each for its share of the agents,
// so that nobody else works on a repository at the same time but the git programs of clients.

#pragma once

#include "actors/messages.hpp"
#include "actors/services.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>

namespace reverie {

struct GitMemoryState {
  static inline const char* name = "reverie.git_memory";
};

// Who of `count` actors works for an agent.
std::size_t git_memory_share(const std::string& agent_id, std::size_t count);

// Spawn it `caf::detached`. With Flush it removes the repositories of its share whose agent is
// gone: a crash between an agent's deletion and its repository's leaves them.
GitMemoryActor::behavior_type git_memory_actor(
  GitMemoryActor::stateful_pointer<GitMemoryState> self, const Services* services,
  std::size_t number, std::size_t count);

}  // namespace reverie
