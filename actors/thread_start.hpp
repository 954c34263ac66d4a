// The first messages of an agent's default thread: at its creation and after a reset.

#pragma once

#include "actors/agent_record.hpp"

#include <vector>

namespace reverie {

// Writes the system message, `messages` behind it, and the context that holds them all. `record`
// names the agent, which need not be stored yet. Errors: corruption, unavailable.
Result<AgentActivity> first_messages(const AgentRecord& record, const Agent& agent,
                                     const std::vector<Block>& new_blocks,
                                     std::vector<Message> messages, Batch& batch);

// Deletes the messages of the default thread and starts it again; what a fork of it shows passes to
// that. Conversations, runs and steps stay, the latter without their messages. Reads as many rows
// as the agent has messages. Errors: corruption, unavailable.
Result<AgentActivity> reset_messages(const AgentRecord& record, bool with_boot_messages,
                                     Batch& batch);

}  // namespace reverie
