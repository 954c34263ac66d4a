// A tool's edit of a block that lives in another home than its agent: a request to the block.

#pragma once

#include "actors/messages.hpp"
#include "runtime/tools/outcome.hpp"

#include <string>

namespace reverie {

// `operation_id`: of this edit and no other; the block makes it once, however often it is asked.
Routed block_edit(const std::string& block_id, std::string operation_id, std::string tool_name,
                  const Json& arguments, const std::string& org_id, const std::string& user_id);

// What the block has answered: {"text": ..., "is_error": ...}.
ToolOutcome outcome_of_edit(const std::string& tool_name, const Result<Answer>& answer);

}  // namespace reverie
