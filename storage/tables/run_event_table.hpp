#pragma once

#include "storage/records/run_event.hpp"
#include "storage/table.hpp"

namespace reverie {

// run_events: home of agent_id | agent_id / sequence number of the run / number -> RunEvent
//
// Of background runs alone, which have a row in `run_logs` for as long.
struct RunEventTable {
  static constexpr std::string_view family = "run_events";

  struct Key {
    std::string agent_id;
    std::uint64_t run_sequence_id = 0;
    std::uint64_t number = 0;  // of the event, 1.. in the run
    auto parts() { return std::tie(agent_id, run_sequence_id, number); }
    auto parts() const { return std::tie(agent_id, run_sequence_id, number); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = RunEvent;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const RunEvent&);
extern template Result<RunEvent> decode(std::string_view);

}  // namespace reverie
