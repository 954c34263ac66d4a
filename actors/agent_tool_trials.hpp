// Calls of an agent's tools that belong to no thread: made by a person or a program, answered, and
// forgotten.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"
#include "actors/commit_queue.hpp"
#include "actors/errors.hpp"
#include "runtime/requests/tools.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace reverie {

class AgentToolTrials {
 public:
  // Calls back when the files of the agent's memory are as its blocks are.
  using AfterEdit = std::function<void(std::function<void()> kept)>;

  AgentToolTrials(AgentRecord& record, CommitQueue& commits, AgentPort& port, AfterEdit after_edit)
    : record_(record), commits_(commits), port_(port), after_edit_(std::move(after_edit)) {}

  // Answers with what came of it. Errors: not_found (the agent has no such tool); unavailable,
  // corruption; of an edit of memory: conflict.
  void start(const RunAgentTool& request, const std::string& user_id, Reply<Answer> reply);

  // Whether the call was one of these.
  bool on_done(const ToolDone& message);

  // The agent is being deleted: answers all who wait.
  void abandon(const Error& why);

  bool empty() const { return waiting_.empty(); }

 private:
  void run_native(const Tool& tool, Json arguments, const std::string& user_id,
                  Reply<Answer> reply);

  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  AfterEdit after_edit_;
  std::map<std::string, Reply<Answer>> waiting_;  // by call id
};

}  // namespace reverie
