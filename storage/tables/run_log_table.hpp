#pragma once

#include "storage/records/run_log.hpp"
#include "storage/table.hpp"

namespace reverie {

// run_logs: home of agent_id | agent_id / sequence number of the run -> RunLog
//
// One for each run that has events in `run_events`. Written by the agent's actor until the run has
// ended; then it stays as it is until the sweep takes both away (actors/event_sweep.hpp).
struct RunLogTable {
  static constexpr std::string_view family = "run_logs";

  struct Key {
    std::string agent_id;
    std::uint64_t run_sequence_id = 0;
    auto parts() { return std::tie(agent_id, run_sequence_id); }
    auto parts() const { return std::tie(agent_id, run_sequence_id); }
    Result<Home> home() const { return home_of(agent_id); }
    bool operator==(const Key&) const = default;
  };
  using Value = RunLog;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const RunLog&);
extern template Result<RunLog> decode(std::string_view);

}  // namespace reverie
