// What a step has sent to its model and what has come back, kept beside the step where
// traces.enabled asks for it.
//
// It is stored with the step's own commit: no sync more, but the bytes of the whole request. What
// is sent is rendered once more for it, and held while the model is silent.

#pragma once

#include "actors/agent_record.hpp"
#include "actors/step_commit.hpp"
#include "runtime/agent_turn.hpp"
#include "runtime/llm/provider.hpp"
#include "storage/records/provider_trace.hpp"

#include <optional>

namespace reverie {

// Before the call. Nothing when no traces are kept.
std::optional<ProviderTrace> begin_trace(const AgentRecord& record, const Provider& provider,
                                         const LlmRequest& request, const AgentTurn& turn);

// When it has ended, whatever its end. A stream is kept as what it added up to.
void end_trace(const AgentRecord& record, const Result<Completion>& completion,
               ProviderTrace& trace);

// Adds it to the commit of its step.
void write_trace(const AgentRecord& record, const ProviderTrace& trace, RunChange& change);

}  // namespace reverie
