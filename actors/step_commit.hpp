// The commits of a run, each one atomic change of its agent's home. One step is one batch: its
// messages, the context, the step, the blocks that its tools have edited, what the run has used.

#pragma once

#include "actors/agent_thread.hpp"
#include "runtime/agent_turn.hpp"
#include "storage/records/run_state.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What a commit of a run changes, to be taken over when it is durable.
struct RunChange {
  Batch batch;
  Run run;
  RunState state;
  AgentActivity activity;
  std::optional<Agent> agent;  // set: a tool changed which blocks the agent has
  std::optional<Stored<Conversation>> conversation;  // of the run, as it is to be
  std::vector<Message> messages;                     // as stored
};

// Writes the blocks that tools have edited. A copy that a conversation has for itself is given up
// by the conversation alone. Returns the agent where that changes which blocks it has.
std::optional<Agent> write_blocks(const AgentRecord& record, const CoreMemory& memory,
                                  Conversation* conversation, Batch& batch);

// The step that `turn` has ready to be stored. Input joins the context with the first step that
// did not fail. Errors: corruption, unavailable.
Result<RunChange> step_change(const AgentThread& thread, const Run& run, const RunState& state,
                              const AgentTurn& turn, const CoreMemory& memory,
                              std::chrono::nanoseconds run_time);

// The end of a run without a step: it could not begin one, or may not go on.
// Errors: corruption, unavailable.
Result<RunChange> end_change(const AgentThread& thread, const Run& run, const RunState& state,
                             const std::string& stop_reason, const std::optional<Error>& error);

}  // namespace reverie
