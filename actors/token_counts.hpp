// What a token is to each of the models that an agent's threads have asked: conversations and
// requests may name others than the agent's own, and each counts in its own way.

#pragma once

#include "runtime/compaction/token_estimate.hpp"
#include "storage/records/agent_activity.hpp"

#include <string_view>

namespace reverie {

// By the last request to this model that was counted; a guess when there was none.
TokenScale token_scale(const AgentActivity& activity, std::string_view model);

void note_token_count(AgentActivity& activity, TokenCount count);

}  // namespace reverie
