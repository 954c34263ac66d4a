// What the conversations of an agent are made of on disk: their first message, what they share
// with each other, and their end. Each function adds to the caller's batch.

#pragma once

#include "actors/agent_record.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

// Gives a new conversation copies of these blocks of the agent for itself.
// Errors: bad_request: there is no block of that label.
Status isolate_blocks(const AgentRecord& record, const CoreMemory& memory,
                      const std::vector<std::string>& labels, const std::string& user_id,
                      Conversation& conversation, Batch& batch);

// The same of all blocks that another conversation has for itself. Errors: corruption, unavailable.
Status copy_isolated_blocks(const AgentRecord& record, const Conversation& source,
                            const std::string& user_id, Conversation& conversation, Batch& batch);

// What a fork takes over of a thread: its context without the system message, up to and with
// `last_message_id`, and with what the tools have returned that this message calls.
// Errors: not_found: the message is not in the context.
Result<Context> context_to_share(const AgentRecord& record, Context context,
                                 const std::optional<std::string>& last_message_id);

// The messages are shared and not copied: they keep their ids, as clients of forks expect, and a
// fork costs two small rows for each.
void share_messages(const AgentRecord& record, const Context& context,
                    const std::string& conversation_id, Batch& batch);

// A thread, "" for the default one, shows the message no more. When it was the thread's own, it
// passes to a fork that shows it, or is deleted. Errors: corruption, unavailable.
Status release_message(const AgentRecord& record, const std::string& thread_id, Message message,
                       Batch& batch);

// Takes up to `conversation_batch_max` messages from a conversation. Returns whether none is left.
// Errors: corruption, unavailable.
constexpr std::size_t conversation_batch_max = 1'000;  // about half of what a group holds
Result<bool> release_messages(const AgentRecord& record, const std::string& conversation_id,
                              Batch& batch);

// Deletes all rows of a conversation but its messages. Errors: corruption, unavailable.
Status erase_conversation(const AgentRecord& record, const Stored<Conversation>& conversation,
                          Batch& batch);

}  // namespace reverie
