// What came of a tool that was run without a turn, as the API shows it.

#pragma once

#include "config/clock.hpp"
#include "runtime/tools/outcome.hpp"

#include <string>
#include <string_view>

namespace reverie {

// The API's ToolExecutionResult: what the tool returned, as JSON where it is.
std::string execution_result_json(const ToolOutcome& outcome);

// The API's ToolReturnMessage of a call that no message has made.
std::string trial_message_json(const ToolOutcome& outcome, std::string_view tool_name,
                               Timestamp now);

}  // namespace reverie
