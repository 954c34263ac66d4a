#pragma once

#include "storage/records/run.hpp"
#include "storage/table.hpp"

namespace reverie {

// runs: home of agent_id | agent_id / sequence_id -> Run
struct RunTable {
  static constexpr std::string_view family = "runs";

  struct Key {
    std::string agent_id;
    std::uint64_t sequence_id = 0;
    auto parts() { return std::tie(agent_id, sequence_id); }
    auto parts() const { return std::tie(agent_id, sequence_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = Run;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Run&);
extern template Result<Run> decode(std::string_view);

}  // namespace reverie
