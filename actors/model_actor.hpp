// Calls one model provider for the agents of this node. The waiting, the retries and the limits
// are the provider's (runtime/llm/http_provider.hpp); here its callbacks become messages, and a
// call that nobody waits for any more is given up.

#pragma once

#include "actors/messages.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace reverie {

struct ModelState {
  static inline const char* name = "reverie.model";

  using Caller = std::pair<caf::actor_id, std::int64_t>;  // the asking agent, its call
  std::map<Caller, std::shared_ptr<LlmCall>> calls;
};

// `provider` is its name in the registry, for the log.
ModelActor::behavior_type model_actor(ModelActor::stateful_pointer<ModelState> self,
                                      const std::string& provider);

}  // namespace reverie
