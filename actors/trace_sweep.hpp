// Finds the traces that are too old (traces.age_s), also those of agents that do nothing any more.
//
// An agent's traces are in the order of their steps, so its oldest is its first. A pass over all
// agents that have traces reads the first of each, and on while they are too old: no index, and so
// nothing that a step would have to write or a deletion to read. A pass begins when a hundredth of
// the age has gone by since the last one did; a trace is there so much longer at most, and 10,000
// agents with traces of 30 days are 10,000 reads in 7 hours.

#pragma once

#include "actors/services.hpp"
#include "storage/tables/provider_trace_table.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

class TraceSweep {
 public:
  // What one look reads at most: the next follows at once.
  static constexpr std::size_t traces_max = 256;

  struct Due {
    std::vector<ProviderTraceTable::Key> keys;
    bool is_unfinished = false;  // the pass goes on with the next look
  };

  void init(const Services& services) { services_ = &services; }

  // The traces that are to go now. Errors: unavailable.
  Result<Due> due();

  // Some of them are still there: the next look begins a pass.
  void forget();

 private:
  bool begins_pass(Timestamp now) const;

  const Services* services_ = nullptr;
  std::optional<Timestamp> began_;   // the last pass
  std::optional<std::string> next_;  // where the pass under way goes on
};

}  // namespace reverie
