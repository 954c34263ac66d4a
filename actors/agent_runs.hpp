// The runs of one agent, thread by thread: different conversations of it run side by side.

#pragma once

#include "actors/thread_runs.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

class AgentRuns {
 public:
  AgentRuns(AgentRecord& record, CommitQueue& commits, AgentPort& port);

  // ThreadRuns::send on the thread that the request names. Errors: those; conflict, with the run's
  // id in its text: the thread is busy, and the request does not want to wait (when_busy).
  void send(SendMessage request, std::string user_id, Reply<Answer> reply);

  // Ends the named runs, also those that wait; without names what is under way on the named thread,
  // or on any. Answers with what became of each, when that is stored. Errors: conflict (none is
  // active), unavailable.
  void cancel(const CancelRuns& request, Reply<Answer> reply);

  // ThreadRuns::expire_pending on the thread that the request names.
  void expire(ExpireApproval request, Reply<Answer> reply);

  // ThreadRuns::preview on the thread that the request names, whatever runs there.
  void preview(SendMessage request, std::string user_id, Reply<Answer> reply);

  // ThreadRuns::compact on the thread that the request names.
  void compact(CompactMessages request, Reply<Answer> reply);

  // Sends the events of a background run again, those behind the one that is named. Answers with
  // the run's id, like a streaming message. Errors: not_found; bad_request (no run of the thread is
  // under way, or not a background one); gone (it ended longer ago than its events are kept).
  void listen(const ResumeStream& request, Reply<Answer> reply);

  // Goes on with what a process that died has left: runs, and callbacks of those that have ended.
  void resume();

  RunCallbacks& callbacks() { return callbacks_; }

  void on_delta(const ModelDelta& message);
  void on_done(const ModelDone& message);
  void on_tool_done(const ToolDone& message);

  // For a call of the agent that belongs to no thread.
  std::int64_t new_call_id() { return next_call_id_++; }

  // The agent is being deleted: ends what runs, and answers all who wait.
  void abandon(const Error& why);
  // It was not: the disk did not take its deletion.
  void take_up();

  bool empty() const;
  // Also one that waits for its turn.
  bool is_running(const std::string& run_id) const;
  // Whether a run is under way on the thread or waits for it; "" is the default thread.
  bool is_busy(const std::string& conversation_id) const;

 private:
  // By "" for the default thread, else by the conversation's id.
  ThreadRuns& thread(const std::string& conversation_id);
  Result<std::string> run_to_resume(const ResumeStream& request);
  Result<Run> find_run(const std::string& run_id) const;
  std::int64_t new_call(const std::string& conversation_id);
  void cancel_pending(const CancelRuns& request, Reply<Answer> reply);
  ThreadRuns& thread_to_free(const CancelRuns& request);

  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  RunCallbacks callbacks_;
  std::int64_t next_call_id_ = 1;
  std::map<std::int64_t, ThreadRuns*> calls_;  // of models, under way
  // Kept until the agent leaves: what is under way elsewhere comes back to them.
  std::map<std::string, std::unique_ptr<ThreadRuns>> threads_;
};

}  // namespace reverie
