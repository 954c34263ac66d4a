// What a message request asks of its run, checked and read.

#pragma once

#include "actors/agent_record.hpp"
#include "runtime/requests/messages.hpp"
#include "storage/records/run_options.hpp"

#include <string>
#include <vector>

namespace reverie {

RunOptions options_of(const SendMessage& request, std::string user_id);

// As the API shows it with the run.
RawJson request_config(const RunOptions& options);

// Errors: invalid_argument, with the path of the member; not_built for what this release lacks.
Status check_request(const SendMessage& request);

// The input as messages without ids and sequence numbers. Errors: those of
// runtime/messages/input.hpp.
Result<std::vector<Message>> read_request(const SendMessage& request, const AgentRecord& record);

}  // namespace reverie
