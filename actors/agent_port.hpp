// What an agent does to the world outside of it. Its state calls this and knows no actors; the
// actor implements it with messages, a test with what it likes.

#pragma once

#include "actors/commit_queue.hpp"
#include "actors/messages.hpp"
#include "runtime/callback_sender.hpp"
#include "runtime/tools/external_tool.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace reverie {

class AgentPort {
 public:
  virtual ~AgentPort() = default;

  virtual void commit(Commit commit, CommitQueue::OnAnswer answer) = 0;

  // Pieces and the end of the answer come back as ModelDelta and ModelDone with this call id.
  virtual void ask_model(const std::string& provider, AskModel message) = 0;
  virtual void cancel_model(const std::string& provider, std::int64_t call_id) = 0;

  // ToolDone comes back, with the call's id.
  virtual void run_tool(ExternalCall call) = 0;
  virtual void cancel_tool(const std::string& call_id) = 0;

  // ResumeRuns comes back after an interval: the disk has taken nothing.
  virtual void resume_later() = 0;

  // To those who listen to the run.
  virtual void publish(RunEvents events) = 0;

  // CallbackDone comes back, with the run's number.
  virtual void send_callback(std::int64_t run_sequence_id, CallbackCall call) = 0;

  // To a block that lives in another home, or to the agent itself.
  virtual void edit_block(Routed request, std::function<void(Result<Answer>)> answer) = 0;

  // To the agent's repository.
  virtual void keep_files(KeepFiles message, std::function<void(Result<FilesKept>)> answer) = 0;
  virtual void remove_files(std::function<void(Status)> answer) = 0;
};

}  // namespace reverie
