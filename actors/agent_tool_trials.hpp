// Calls of an agent's tools that belong to no thread: made by a person or a program, answered, and
// forgotten.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"
#include "actors/errors.hpp"
#include "runtime/requests/tools.hpp"

#include <map>
#include <string>

namespace reverie {

class AgentToolTrials {
 public:
  AgentToolTrials(AgentRecord& record, AgentPort& port) : record_(record), port_(port) {}

  // Answers with what came of it. Errors: not_found (the agent has no such tool); bad_request: it
  // is one that works on the agent's memory, which only a turn changes; unavailable.
  void start(const RunAgentTool& request, const std::string& user_id, Reply<Answer> reply);

  // Whether the call was one of these.
  bool on_done(const ToolDone& message);

  // The agent is being deleted: answers all who wait.
  void abandon(const Error& why);

  bool empty() const { return waiting_.empty(); }

 private:
  AgentRecord& record_;
  AgentPort& port_;
  std::map<std::string, Reply<Answer>> waiting_;  // by call id
};

}  // namespace reverie
