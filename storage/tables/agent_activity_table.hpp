#pragma once

#include "storage/records/agent_activity.hpp"
#include "storage/table.hpp"

namespace reverie {

// agent_activity: home of agent_id | agent_id -> AgentActivity
struct AgentActivityTable {
  static constexpr std::string_view family = "agent_activity";

  struct Key {
    std::string agent_id;
    auto parts() { return std::tie(agent_id); }
    auto parts() const { return std::tie(agent_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = AgentActivity;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const AgentActivity&);
extern template Result<AgentActivity> decode(std::string_view);

}  // namespace reverie
