#pragma once

#include "storage/records/provider_trace.hpp"
#include "storage/table.hpp"

namespace reverie {

// provider_traces: home of agent_id | agent_id / sequence_id of the step -> ProviderTrace
struct ProviderTraceTable {
  static constexpr std::string_view family = "provider_traces";

  struct Key {
    std::string agent_id;
    std::uint64_t step_sequence_id = 0;
    auto parts() { return std::tie(agent_id, step_sequence_id); }
    auto parts() const { return std::tie(agent_id, step_sequence_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = ProviderTrace;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const ProviderTrace&);
extern template Result<ProviderTrace> decode(std::string_view);

}  // namespace reverie
