// Makes an agent's thread smaller: asks who writes summaries, then stores summary and context in
// one commit. One at a time; nothing is changed before that commit, so that whoever comes after a
// crash finds the thread as it was or as it is to be.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_thread.hpp"
#include "runtime/compaction/compaction.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace reverie {

class ThreadCompaction {
 public:
  // What has been stored.
  struct Outcome {
    Message summary;
    Compacted compacted;
  };
  // Errors: llm_cancelled; those of a commit. Where it was asked for: bad_request, and those of
  // the summariser.
  using Done = std::function<void(Result<Outcome>)>;

  struct Job {
    CompactionInput input;
    std::string trigger;  // as in compaction_stats
    std::optional<std::string> run_id;
    bool shows_summary = false;  // else the summary is stored as a message of the user
    bool is_asked_for = false;   // rather nothing than no summary, or no fewer messages
    std::shared_ptr<Provider> own_provider;
    std::shared_ptr<Provider> summariser_provider;
    // Adds what the run tells of it to the commit that stores the summary.
    std::function<void(const Message& summary, Batch&)> add_events;
    Done done;
  };

  // `thread` outlives this. `next_call_id` gives ids that the agent uses for no other call.
  ThreadCompaction(const AgentThread& thread, CommitQueue& commits, AgentPort& port,
                   std::function<std::int64_t()> next_call_id);

  // When not busy.
  void start(Job job);
  bool is_busy() const { return job_ != nullptr; }

  // True for the answer to a call of this compaction.
  bool on_done(const ModelDone& message);

  // Ends it unless it is being stored already; `done` is called when the model has let go.
  void cancel();
  // Ends it at once with an error.
  void drop(const Error& why);

 private:
  void go_on();
  void store();
  void finish(Result<Outcome> outcome);

  const AgentThread& thread_;
  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  std::function<std::int64_t()> next_call_id_;
  std::shared_ptr<Job> job_;
  std::unique_ptr<Compaction> compaction_;
  std::int64_t call_id_ = 0;  // 0: none
  std::string called_provider_;
  bool is_cancelled_ = false;
};

}  // namespace reverie
