#pragma once

#include "storage/records/agent.hpp"
#include "storage/table.hpp"

namespace reverie {

// agents: home of agent_id | agent_id -> Agent
struct AgentTable {
  static constexpr std::string_view family = "agents";

  struct Key {
    std::string agent_id;
    auto parts() { return std::tie(agent_id); }
    auto parts() const { return std::tie(agent_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = Agent;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Agent&);
extern template Result<Agent> decode(std::string_view);

}  // namespace reverie
