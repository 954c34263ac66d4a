// The actor of an agent while somebody uses it.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_state.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace reverie {

struct AgentShell {
  static inline const char* name = "reverie.agent";

  std::unique_ptr<AgentPort> port;
  AgentState agent;
  std::int64_t handled = 0;  // messages that came through the shard
};

// `shard` is the agent's own, on this node.
AgentActor::behavior_type agent_actor(AgentActor::stateful_pointer<AgentShell> self,
                                      const Services* services, const ShardActor& shard,
                                      const std::string& agent_id);

}  // namespace reverie
