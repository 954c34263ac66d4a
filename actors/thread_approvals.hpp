// What an agent's thread does with calls that wait for a decision.

#pragma once

#include "actors/agent_thread.hpp"
#include "actors/step_commit.hpp"
#include "runtime/agent_turn.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// Whether the thread takes the input now. A decision is matched with what waits for it; one that
// came before is taken off, and the turn goes on with what follows it.
// Errors: pending_approval; bad_request (nothing waits, or for something else).
Status admit_input(std::vector<Message>& input, const Context& context, const AgentRecord& record);

// What the input of the run decides, if it does and that was not stored yet.
Result<std::optional<DecidedCalls>> decided_calls(const RunState& state, const Context& context,
                                                  const AgentRecord& record);

// What is to be denied without a person's decision. Without ids, whatever waits.
struct PendingDenial {
  std::string_view reason;
  std::optional<std::vector<std::string>> run_ids = {};
  std::optional<std::string> request_id = {};
};

// Denies what waits, and ends its run as cancelled: the thread takes input again. The messages that
// the change adds are in the context. Errors: conflict (nothing that is meant waits).
Result<RunChange> deny_pending_change(const AgentThread& thread, const PendingDenial& denial);

}  // namespace reverie
