#pragma once

#include "storage/records/run_state.hpp"
#include "storage/table.hpp"

namespace reverie {

// run_states: home of agent_id | agent_id / run_id -> RunState
//
// Holds open runs alone: what a start looks through.
struct RunStateTable {
  static constexpr std::string_view family = "run_states";

  struct Key {
    std::string agent_id;
    std::string run_id;
    auto parts() { return std::tie(agent_id, run_id); }
    auto parts() const { return std::tie(agent_id, run_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = RunState;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const RunState&);
extern template Result<RunState> decode(std::string_view);

}  // namespace reverie
