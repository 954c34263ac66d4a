#pragma once

#include "storage/records/agent_lifecycle.hpp"
#include "storage/table.hpp"

namespace reverie {

// lifecycles: home of agent_id | agent_id -> AgentLifecycle
struct LifecycleTable {
  static constexpr std::string_view family = "lifecycles";

  struct Key {
    std::string agent_id;
    auto parts() { return std::tie(agent_id); }
    auto parts() const { return std::tie(agent_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = AgentLifecycle;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const AgentLifecycle&);
extern template Result<AgentLifecycle> decode(std::string_view);

}  // namespace reverie
