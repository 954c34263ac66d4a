// Tells those who wait for an agent's asynchronous runs how each has ended: at least once, also
// when the process ends in between. What is to be told is stored with the end of the run and goes
// when the outcome is stored.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"

#include <cstdint>
#include <vector>

namespace reverie {

// Part of the commit that ends `run`, if somebody is to be told.
void add_callback(const AgentTables& tables, const Run& run, const RunOptions& options,
                  Batch& batch);

class RunCallbacks {
 public:
  RunCallbacks(AgentRecord& record, CommitQueue& commits, AgentPort& port)
    : record_(record), commits_(commits), port_(port) {}

  // Sends what waits and is not under way yet.
  void send_pending();
  void on_done(const CallbackDone& message);

  // Nothing is under way.
  bool empty() const { return under_way_.empty(); }

 private:
  void send(std::int64_t run_sequence_id, const RunCallback& callback);
  void store(const CallbackDone& message);
  void forget(std::int64_t run_sequence_id);
  Result<CallbackCall> call_of(const RunCallback& callback, const Run& run) const;

  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  std::vector<std::int64_t> under_way_;  // sequence numbers of runs
};

}  // namespace reverie
