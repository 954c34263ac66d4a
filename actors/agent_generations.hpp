// Calls of an agent's model that belong to no thread: asked by a program, answered, and forgotten.

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"
#include "actors/errors.hpp"
#include "runtime/requests/messages.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace reverie {

class AgentGenerations {
 public:
  AgentGenerations(AgentRecord& record, AgentPort& port) : record_(record), port_(port) {}

  // Answers with the text, its model and what it took. `call_id` is used for nothing else.
  // Errors: not_found, bad_request (the model); upstream (it failed).
  void start(const GenerateCompletion& request, const std::string& user_id, std::int64_t call_id,
             Reply<Answer> reply);

  // Whether the call was one of these.
  bool on_done(const ModelDone& message);

  // The agent is being deleted: answers all who wait.
  void abandon(const Error& why);

  bool empty() const { return waiting_.empty(); }

 private:
  struct Waiting {
    std::string model;  // handle
    std::string provider;
    Reply<Answer> reply;
  };
  struct Call {
    Waiting waiting;
    std::shared_ptr<Provider> provider;
    LlmRequest request;
  };
  Result<Call> call_for(const GenerateCompletion& request, const std::string& user_id) const;

  AgentRecord& record_;
  AgentPort& port_;
  std::map<std::int64_t, Waiting> waiting_;  // by call id
};

}  // namespace reverie
