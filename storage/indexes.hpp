// Which derived rows follow from which records: all of storage/index_families.hpp.

#pragma once

#include "storage/index.hpp"
#include "storage/records/conversation.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

std::vector<IndexRule> all_indexes();

// A key of the lists of conversations. `agent_id`: empty for the list of the organisation; `time`:
// the one that the list is sorted by.
std::string conversation_key(const std::string& agent_id, const Conversation& conversation,
                             const std::optional<Timestamp>& time);

// The keys with a time, or those without.
std::string conversation_prefix(const std::string& org_id, const std::string& agent_id,
                                bool has_time);

// A key of approvals_by_requested.
std::string approval_key(const std::string& org_id, Timestamp requested_at,
                         const std::string& message_id, const std::string& conversation_id);

}  // namespace reverie
