#pragma once

#include "storage/records/run_callback.hpp"
#include "storage/table.hpp"

namespace reverie {

// run_callbacks: home of agent_id | agent_id / sequence number of the run -> RunCallback
//
// Holds what is still to be sent: what a start looks through.
struct RunCallbackTable {
  static constexpr std::string_view family = "run_callbacks";

  struct Key {
    std::string agent_id;
    std::uint64_t run_sequence_id = 0;
    auto parts() { return std::tie(agent_id, run_sequence_id); }
    auto parts() const { return std::tie(agent_id, run_sequence_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = RunCallback;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const RunCallback&);
extern template Result<RunCallback> decode(std::string_view);

}  // namespace reverie
