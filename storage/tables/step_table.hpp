#pragma once

#include "storage/records/step.hpp"
#include "storage/table.hpp"

namespace reverie {

// steps: home of agent_id | agent_id / sequence_id -> Step
struct StepTable {
  static constexpr std::string_view family = "steps";

  struct Key {
    std::string agent_id;
    std::uint64_t sequence_id = 0;
    auto parts() { return std::tie(agent_id, sequence_id); }
    auto parts() const { return std::tie(agent_id, sequence_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = Step;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Step&);
extern template Result<Step> decode(std::string_view);

}  // namespace reverie
