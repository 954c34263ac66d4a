#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What the filters of the list of agents look at, kept in the index so that no record is read for
// an agent that is not shown.
struct AgentSummary {
  std::string name;
  std::vector<std::string> tags;
  bool hidden = false;
  std::optional<std::string> project_id;
  std::optional<std::string> template_id;
  std::optional<std::string> base_template_id;
  std::vector<std::string> identity_ids;
  std::optional<std::string> created_by_id;

  static constexpr std::string_view type_name = "AgentSummary";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "name", &AgentSummary::name),
      field(2, "tags", &AgentSummary::tags),
      field(3, "hidden", &AgentSummary::hidden),
      field(4, "project_id", &AgentSummary::project_id),
      field(5, "template_id", &AgentSummary::template_id),
      field(6, "base_template_id", &AgentSummary::base_template_id),
      field(7, "identity_ids", &AgentSummary::identity_ids),
      field(8, "created_by_id", &AgentSummary::created_by_id),
    };
  }
  bool operator==(const AgentSummary&) const = default;
};

}  // namespace reverie
