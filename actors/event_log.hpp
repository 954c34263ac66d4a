// The stored events of one background run: which there are and how many bytes, so that the oldest
// go where there are too many.

#pragma once

#include "actors/agent_tables.hpp"
#include "actors/messages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace reverie {

class EventLog {
 public:
  // As it is stored. Reads all of the run's events. Errors: corruption, unavailable.
  static Result<EventLog> load(const AgentTables& tables, const std::string& agent_id,
                               std::int64_t run_sequence_id);

  // Writes what comes behind the events that are there; of both together the oldest go until no
  // more than `bytes_max` are left, but for the very last. `write` has to follow in the same batch.
  void add(const AgentTables& tables, const RunLogTable::Key& key,
           const std::vector<StreamEvent>& events, std::size_t bytes_max, Batch& batch);
  // Events up to this one came and were not kept.
  void drop_up_to(std::int64_t number) { record_.dropped = std::max(record_.dropped, number); }
  void end(Timestamp time) { record_.ended_at = time; }
  void write(const AgentTables& tables, const RunLogTable::Key& key, Batch& batch) const;

  const RunLog& record() const { return record_; }

 private:
  // Events with numbers that follow each other, stored together.
  struct Part {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t bytes = 0;
  };

  void append(std::int64_t number, std::int64_t bytes, bool begins_part);

  RunLog record_;
  std::vector<Part> parts_;  // oldest first
};

}  // namespace reverie
