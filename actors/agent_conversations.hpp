// The conversations of one agent: made, changed, forked and deleted. What is said in them is the
// work of AgentRuns.

#pragma once

#include "actors/agent_record.hpp"
#include "actors/commit_queue.hpp"
#include "actors/errors.hpp"
#include "runtime/requests/requests.hpp"

#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace reverie {

class AgentConversations {
 public:
  AgentConversations(AgentRecord& record, CommitQueue& commits)
    : record_(record), commits_(commits) {}

  // The requests that there is a `handle` for.
  template <class T>
  static constexpr bool handles =
    is_alternative<T, std::variant<CreateConversation, UpdateConversation, DeleteConversation,
                                   ForkConversation, RecompileConversation>>;

  // After record.load(). Errors of all: not_found, corruption, unavailable.

  // Errors: bad_request: a label that the agent does not have, a model that is no handle;
  // invalid_argument: wrong settings of the model.
  void handle(CreateConversation request, const std::string& user_id, Reply<Answer> reply);
  void handle(UpdateConversation request, const std::string& user_id, Reply<Answer> reply);

  // With its messages, unless a fork shows them, and its own blocks; runs and steps stay.
  // Errors: conflict: a run of it is under way.
  void handle(DeleteConversation request, const std::string& user_id, Reply<Answer> reply);

  // The new one shares the messages of the context and has a system message of its own.
  void handle(ForkConversation request, const std::string& user_id, Reply<Answer> reply);

  // Answers with the text of the system message. Not for the default thread, whose state is the
  // agent's (RecompileAgent).
  void handle(RecompileConversation request, const std::string& user_id, Reply<Answer> reply);

 private:
  // What a change writes, made of what is stored when its turn comes.
  struct Draft {
    Batch batch;
    Conversation conversation;
    std::optional<AgentActivity> activity;  // set: it has numbered messages
    std::string answer;                     // JSON
  };
  using Make = std::function<Status(Draft&)>;

  void commit(Make make, Reply<Answer> reply);
  Conversation new_conversation(const std::string& user_id) const;
  // Numbers and adds what a conversation begins with.
  Status start(Draft& draft, const CoreMemory& memory, Context shared);
  Status fork(Draft& draft, const ForkConversation& request, const std::string& user_id);
  Status check_no_run(const std::string& conversation_id) const;
  void erase(std::string conversation_id, Reply<Answer> reply);

  AgentRecord& record_;
  CommitQueue& commits_;
};

}  // namespace reverie
