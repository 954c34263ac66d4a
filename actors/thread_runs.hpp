// The runs of one thread of an agent: accepts input, drives the turn, stores each step, tells who
// listens.
//
// One run at a time; what comes meanwhile waits in order. Everything a client is told
// is durable before: the input with its run when it is accepted, a step with all that it says
// before any of it is sent. Pieces of an answer that still comes are the one exception.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"
#include "actors/errors.hpp"
#include "actors/step_commit.hpp"
#include "actors/thread_compaction.hpp"
#include "runtime/agent_turn.hpp"
#include "runtime/messages/stream_events.hpp"
#include "storage/records/run_state.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

class ThreadRuns {
 public:
  using NextCallId = std::function<std::int64_t()>;

  // `conversation_id`: empty for the default thread. `next_call_id` gives ids that the agent uses
  // for no other call.
  ThreadRuns(AgentRecord& record, CommitQueue& commits, AgentPort& port,
             std::string conversation_id, NextCallId next_call_id);
  ~ThreadRuns();

  // Starts a run, queues it, or joins the one that the same input started. A blocking request is
  // answered when the run has ended, a streaming one when it was accepted, with the run's id.
  // Errors: not_found, invalid_argument, bad_request, not_built, too_many; of a failed run: the
  // llm_ codes.
  void send(SendMessage request, std::string user_id, Reply<Answer> reply);

  // Ends the run under way, if there is one.
  void cancel();
  // Denies what the last run waits for, and ends it as cancelled; only if it is among `run_ids`,
  // where they are named. Answers with its id. Errors: conflict (nothing waits, or of another run).
  void cancel_pending(std::optional<std::vector<std::string>> run_ids, Reply<Answer> reply);

  // Makes the thread smaller when nothing runs on it: waits in the same queue as messages.
  // Errors: those of send; bad_request: there is nothing that could be taken out; the llm_ codes.
  void compact(CompactMessages request, Reply<Answer> reply);

  // Goes on with what a process that died has left.
  void resume();

  void on_delta(const ModelDelta& message);
  void on_done(const ModelDone& message);

  // The agent is being deleted: ends what runs, and answers all who wait.
  void abandon(const Error& why);

  bool empty() const;
  // To those who listen again to a background run: its events behind this one, as far as they are
  // there. Errors: corruption, unavailable.
  Status publish_kept(const Run& run, std::int64_t after);

  // Whether the same input has started a run of this thread already.
  bool has_accepted(const SendMessage& request) const;
  // Of the run under way; none: the thread is free.
  std::optional<std::string> run_id() const;
  bool is_running(const std::string& run_id) const;

 private:
  struct Waiting {
    SendMessage request;
    std::string user_id;
    Reply<Answer> reply;
    std::optional<CompactMessages> compaction = {};  // instead of the message
  };
  struct Slot;  // the run under way

  // Events of a resumed run are numbered from the next multiple of this, so that a cursor from
  // before never hides new ones: above the events that any run makes.
  static constexpr std::int64_t resumed_events_from = 1'000'000;

  static Error queue_is_full();
  Status check_current(const std::string& run_id) const;
  void start_next();
  void accept(Waiting waiting);
  void begin_turn();
  void call_model();
  bool compact_for_step(std::string trigger, CompactionForce force);
  bool compact_after_overflow();
  void on_compacted(const Result<ThreadCompaction::Outcome>& outcome);
  void compact_now(CompactMessages request, Reply<Answer> reply);
  void show_compaction(const std::string& trigger);
  Error overflow_of_step() const;
  TokenScale scale() const;
  bool is_idle() const { return !slot_ && !is_accepting_ && !compaction_.is_busy(); }
  ThreadCompaction::Job compaction_job(CompactionSettings settings, ModelConfig model,
                                       std::string handle, std::shared_ptr<Provider> provider,
                                       std::vector<Message> context) const;
  void run_tools();
  void run_tool(std::size_t index);
  void edit_elsewhere(std::size_t index, const std::string& block_id);
  void store_answer();
  void store_step();
  void on_stored(const Status& status);
  std::vector<Message> take_over_change();
  void end_run(std::string stop_reason, std::optional<Error> error);
  void finish();
  void give_up(const Error& error);
  void join(const std::string& run_id, bool is_stream, Reply<Answer> reply);
  std::optional<std::string> find_accepted(const SendMessage& request,
                                           const std::vector<std::string>& tokens) const;
  Result<TurnSetup> turn_setup() const;
  Result<std::optional<DecidedCalls>> turn_decisions() const;
  Result<std::vector<Message>> turn_context() const;
  void prepare_events(std::vector<std::string> events, bool is_end, Batch& batch);
  void send_prepared();
  std::vector<std::string> step_events(const RunChange& change) const;
  static std::vector<std::string> end_events(const Run& run);
  Status erase_old_events(Timestamp now, Batch& batch) const;
  Status publish_again(const Run& run);
  Status recall_said();
  void publish(std::vector<std::string> events, bool is_last);
  void publish_to(Slot& slot, std::vector<std::string> events, bool is_last);

  AgentThread thread_;
  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  std::list<Waiting> waiting_;
  std::unique_ptr<Slot> slot_;
  bool is_accepting_ = false;
  bool has_leftovers_ = false;  // a run is open on disk that is not under way
  NextCallId next_call_id_;
  ThreadCompaction compaction_;
};

// The runs of an agent that have not ended, as they stand, until `visit` returns false.
// Errors: corruption, unavailable.
Status visit_open_runs(const AgentRecord& record, const std::function<bool(RunState)>& visit);

}  // namespace reverie
