// The runs of one thread of an agent: accepts input, drives the turn, stores each step, tells who
// listens.
//
// One run at a time; what comes meanwhile waits in order (thread_queue.cpp), also through a restart
// when its client knows its run. Everything a client is told
// is durable before: the input with its run when it is accepted, a step with all that it says
// before any of it is sent. Pieces of an answer that still comes are the one exception.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"
#include "actors/errors.hpp"
#include "actors/run_callbacks.hpp"
#include "actors/step_commit.hpp"
#include "actors/thread_approvals.hpp"
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
  ThreadRuns(AgentRecord& record, CommitQueue& commits, AgentPort& port, RunCallbacks& callbacks,
             std::string conversation_id, NextCallId next_call_id);
  ~ThreadRuns();

  // Starts a run, queues it, or joins the one that the same input started. A blocking request is
  // answered when the run has ended, a streaming one when it was accepted, with the run's id, one
  // in the background and an asynchronous one when the run has its place in the queue.
  // Errors: not_found, invalid_argument, bad_request, not_built, too_many; of a failed run: the
  // llm_ codes.
  void send(SendMessage request, std::string user_id, Reply<Answer> reply);

  // Ends the run under way, which is there. `done` when that is stored: a start would go on with it
  // else.
  void cancel(std::function<void(Status)> done);
  // Ends one that waits; `done` when that is stored. False: no such run waits.
  bool cancel_queued(const std::string& run_id, std::function<void(Status)> done);
  // Denies what the last run waits for, and ends it as cancelled; only if it is among `run_ids`,
  // where they are named. Answers with its id. Errors: conflict (nothing waits, or of another run).
  void cancel_pending(std::optional<std::vector<std::string>> run_ids, Reply<Answer> reply);
  // The same of what this message asks for, because it has waited too long.
  void expire_pending(std::string request_id, Reply<Answer> reply);

  // The request that the model would get for the input now, as JSON. Of a thread that does nothing
  // else. Errors: those of send; bad_request: the input decides about calls.
  Result<Answer> preview(SendMessage request, std::string user_id);

  // Makes the thread smaller when nothing runs on it: waits in the same queue as messages.
  // Errors: those of send; bad_request: there is nothing that could be taken out; the llm_ codes.
  void compact(CompactMessages request, Reply<Answer> reply);

  // Goes on with what a process that died has left: the run that was under way, then those that
  // waited.
  void resume();

  void on_delta(const ModelDelta& message);
  void on_done(const ModelDone& message);
  void on_tool_done(const ToolDone& message);

  // The agent is being deleted: ends what runs, answers all who wait, and begins nothing more.
  void abandon(const Error& why);
  // It was not: the disk did not take its deletion. Goes on with what is stored.
  void take_up();

  bool empty() const;
  // Whether the events of a background run behind this one are there. Errors: gone.
  Status check_kept(const Run& run, std::int64_t after) const;
  // To those who listen again to a background run: its events behind this one, as far as they are
  // there. Errors: corruption, unavailable.
  Status publish_kept(const Run& run, std::int64_t after);

  // The run that this message would have to wait for: the one under way, or the next of those that
  // wait. None: the thread is free, or the same input has its place on it already. What the disk
  // has not taken before is tried again, as with any request.
  std::optional<std::string> in_the_way(const SendMessage& request);
  // Of the run under way; none: there is none at this moment.
  std::optional<std::string> run_id() const;
  bool is_running(const std::string& run_id) const;
  bool is_queued(const std::string& run_id) const;

 private:
  struct Waiting {
    SendMessage request;
    std::string user_id;
    Reply<Answer> reply;
    std::vector<std::string> tokens = {};            // of the request (actors/input_token.hpp)
    std::optional<CompactMessages> compaction = {};  // instead of the message
    std::optional<Run> run = {};             // its client knows it already, and `reply` was called
    std::int64_t ticket = 0;                 // set while that is on its way to the disk
    std::vector<Reply<Answer>> joined = {};  // of those who sent the same again
    std::string run_id = {};                 // that it has or will have; empty: of a compaction
    bool interrupts() const { return request.when_busy == "interrupt"; }
  };
  struct Slot;   // the run under way
  struct Draft;  // a run that gets its place in the queue

  // Events of a resumed run are numbered from the next multiple of this, so that a cursor from
  // before never hides new ones: above the events that any run makes.
  static constexpr std::int64_t resumed_events_from = 1'000'000;

  static Error queue_is_full();
  Status check_not_paused() const;
  void deny_pending(PendingDenial denial, Reply<Answer> reply);
  Status refresh_prompt(std::vector<Message>& messages) const;
  Status check_current(const std::string& run_id) const;
  void start_next();
  void resume_open();
  void enqueue(Waiting waiting);
  void acknowledge(Waiting waiting);
  Result<Batch> draft_run(Draft& draft);
  void on_acknowledged(const Draft& draft, Status status);
  Waiting* find_ticket(std::int64_t ticket);
  Waiting* find_queued(const std::string& run_id);
  Waiting take(const Waiting* waiting);
  void restore_queue(std::vector<RunState> states);
  void end_queued(Waiting waiting, std::string stop_reason, std::optional<Error> error,
                  std::function<void(Status)> done);
  void refuse(Waiting waiting, Error why);
  void abandon_queue(const Error& why);
  void refuse_waiting(const Error& why);
  std::unique_ptr<Slot> slot_of(Waiting waiting) const;
  void cancel();
  Reply<Answer> when_ended(const Run& run, std::function<void(Status)> done) const;
  static Answer run_answer(const Run& run);
  void accept(Waiting waiting);
  void refuse_abandoned(Waiting waiting);
  Result<Batch> begin_run(Slot& slot, const Waiting& waiting);
  void on_begun(std::unique_ptr<Slot> slot, Waiting& waiting);
  Run add_run(const Waiting& waiting, const RunOptions& options, AgentActivity& activity,
              Batch& batch) const;
  void begin_turn();
  void call_model();
  bool compact_for_step(std::string trigger, CompactionForce force);
  bool compact_after_overflow();
  void on_compacted(const Result<ThreadCompaction::Outcome>& outcome);
  void compact_now(CompactMessages request, Reply<Answer> reply);
  void show_compaction(const std::string& trigger);
  Error overflow_of_step() const;
  TokenScale scale() const;  // of the model of the run under way
  bool is_idle() const { return !slot_ && !accepting_ && !compaction_.is_busy(); }
  ThreadCompaction::Job compaction_job(CompactionSettings settings, ModelConfig model,
                                       std::string handle, std::shared_ptr<Provider> provider,
                                       std::vector<Message> context) const;
  void run_tools();
  void run_rest();
  void run_native(std::size_t index);
  void edit_elsewhere(std::size_t index, const std::string& block_id);
  bool runs_outside(const PlannedCall& planned) const;
  bool is_repeatable(const PlannedCall& planned) const;
  void take_over_started();
  void start_outside(std::vector<std::size_t> indexes);
  void call_outside(const std::vector<std::size_t>& indexes);
  void note_outside(std::size_t index, ToolOutcome outcome);
  std::optional<ToolOutcome> refusal_of(const PlannedCall& planned) const;
  std::string call_id_of(const PlannedCall& planned) const;
  void store_progress(std::function<void()> then);
  void store_step();
  void on_stored(const Status& status);
  void keep_files();
  void go_on();
  std::vector<Message> take_over_change();
  void end_run(std::string stop_reason, std::optional<Error> error);
  void finish();
  void tell_end(Slot& ended);
  void give_up(const Error& error);
  void resume_later();
  void join(const std::string& run_id, const SendMessage& request, Reply<Answer> reply);
  std::optional<std::string> find_accepted(const SendMessage& request,
                                           const std::vector<std::string>& tokens) const;
  Result<TurnSetup> turn_setup() const;
  Result<std::optional<DecidedCalls>> turn_decisions() const;
  Result<std::vector<std::int64_t>> turn_sequence_ids() const;
  Status change_prompt(MessageContent* first) const;
  Result<std::vector<Message>> turn_context() const;
  Result<std::vector<ChatMessage>> turn_history() const;
  void prepare_events(Slot& slot, std::vector<std::string> events, bool is_end, Batch& batch);
  void send_prepared(Slot& slot);
  void keep_unsaved(Slot& slot, const std::vector<StreamEvent>& events) const;
  std::vector<std::string> step_events(const RunChange& change) const;
  static std::vector<std::string> end_events(const Run& run);
  Status publish_again(const Run& run);
  Status recall_said();
  void publish(std::vector<std::string> events, bool is_last);
  void publish_to(Slot& slot, std::vector<std::string> events, bool is_last);

  AgentThread thread_;
  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  RunCallbacks& callbacks_;
  std::list<Waiting> waiting_;
  std::int64_t last_ticket_ = 0;
  std::unique_ptr<Slot> slot_;
  std::shared_ptr<Waiting> accepting_;  // on its way to the disk, to become the run under way
  bool is_cancelled_early_ = false;     // that run, where its client knows it already
  bool has_leftovers_ = false;          // a run is open on disk that is not under way
  bool will_resume_ = false;            // `resume` is called after an interval
  std::optional<Error> abandoned_;      // why nothing begins
  NextCallId next_call_id_;
  ThreadCompaction compaction_;
};

// The runs of an agent that have not ended, as they stand, until `visit` returns false.
// Errors: corruption, unavailable.
Status visit_open_runs(const AgentRecord& record, const std::function<bool(RunState)>& visit);

}  // namespace reverie
