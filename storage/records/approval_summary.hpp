#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What the indexes of pending approvals say of one: enough to filter, to find its message, and to
// deny it.
struct ApprovalSummary {
  std::string org_id;
  std::string agent_id;
  std::string conversation_id;  // empty: the default thread
  std::string run_id;
  std::string message_id;
  std::int64_t message_sequence_id = 0;
  Timestamp requested_at;

  static constexpr std::string_view type_name = "ApprovalSummary";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "org_id", &ApprovalSummary::org_id),
      field(2, "agent_id", &ApprovalSummary::agent_id),
      field(3, "conversation_id", &ApprovalSummary::conversation_id),
      field(4, "run_id", &ApprovalSummary::run_id),
      field(5, "message_id", &ApprovalSummary::message_id),
      field(6, "message_sequence_id", &ApprovalSummary::message_sequence_id),
      field(7, "requested_at", &ApprovalSummary::requested_at),
    };
  }
  bool operator==(const ApprovalSummary&) const = default;
};

}  // namespace reverie
