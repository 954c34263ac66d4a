// A call of a tool that works outside of the server, as an agent makes it.

#pragma once

#include "actors/agent_record.hpp"
#include "runtime/tools/external_tool.hpp"

#include <string>

namespace reverie {

// With all that the agent gives to its tools; without an id. The arguments are checked.
// Errors: invalid_argument: the arguments, in words for the model; corruption, unavailable.
Result<ExternalCall> external_call(AgentRecord& record, ToolPointer tool, Json arguments,
                                   const std::string& user_id);

}  // namespace reverie
