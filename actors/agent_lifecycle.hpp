// What people do to an agent as a whole: they pause it, resume it, change it. Its creation, its
// runs and its sleep are known from what is stored anyway, and write nothing here.

#pragma once

#include "actors/agent_record.hpp"
#include "storage/records/agent_lifecycle.hpp"

#include <string>

namespace reverie {

// Adds to the agent's log, in the commit that does it. Errors: corruption, unavailable.
Status add_lifecycle_event(const AgentRecord& record, const std::string& state,
                           const std::string& user_id, Batch& batch);

// Pauses or resumes; an agent that is so already stays as it is, and its log too.
// `activity`: as it will be stored. Errors: corruption, unavailable.
Result<Batch> pause_change(const AgentRecord& record, bool is_paused, const std::string& user_id,
                           AgentActivity& activity);

}  // namespace reverie
