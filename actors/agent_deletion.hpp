// The end of an agent.

#pragma once

#include "actors/agent_record.hpp"

namespace reverie {

// All rows of the agent and of its conversations, but not the blocks that are attached to it, which
// may be used elsewhere. Reads as many rows as it has messages, runs, steps and conversations.
// After record.load(). Errors: corruption, unavailable.
Result<Batch> agent_deletion(const AgentRecord& record);

}  // namespace reverie
