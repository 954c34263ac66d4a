#include "runtime/requests/conversations.hpp"

namespace reverie {

Result<Thread> thread_of(const std::string& conversation_id,
                         const std::optional<std::string>& agent_id) {
  if (conversation_id.starts_with("agent-"))
    return Thread{conversation_id, std::string(default_thread)};
  if (!is_default_thread(conversation_id)) return Thread{conversation_id, conversation_id};
  if (!agent_id || agent_id->empty())
    return Error{Errc::bad_request,
                 "INVALID_ARGUMENT: agent_id is required with the conversation 'default'",
                 "agent_id"};
  return Thread{*agent_id, std::string(default_thread)};
}

}  // namespace reverie
