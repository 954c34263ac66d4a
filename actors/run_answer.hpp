// What the client of a run is told, from what is stored: the answer of a blocking request, and
// the events of a stream.

#pragma once

#include "actors/agent_tables.hpp"
#include "runtime/messages/api_messages.hpp"
#include "storage/records/run_options.hpp"

#include <string>
#include <vector>

namespace reverie {

// How the messages of this run are shown. A type that is none was refused with the request.
ApiMessageOptions api_options(const RunOptions& options, const std::string& agent_type);

// {"messages": [...], "stop_reason": ..., "usage": ...}. `messages_json` is a comma-separated list,
// `logprobs` those of the last answer where they were asked for.
std::string run_answer_json(const std::string& messages_json, const Run& run,
                            const RawJson& logprobs = {});

// The messages that the run said, oldest first, without its input. Reads as many messages as lie
// between its first and its last. Errors: corruption, unavailable.
Result<std::vector<Message>> messages_said(const AgentTables& tables, const Run& run);

// Of a run that has ended, with stop reason, usage and end: JSON texts, but for the last.
Result<std::vector<std::string>> stored_events(const AgentTables& tables, const Run& run,
                                               const ApiMessageOptions& options);

// completed, failed or cancelled: what a run is that ended for this reason.
std::string run_status(std::string_view stop_reason);

// The error that a failed run's client is told.
Error error_of_run(const Run& run);

}  // namespace reverie
