// The message that a thread begins with, made anew when what it shows has changed.

#pragma once

#include "actors/agent_record.hpp"

#include <optional>

namespace reverie {

// The system message that the context begins with, if it does. Errors: corruption, unavailable.
Result<std::optional<Message>> first_system_message(const AgentRecord& record,
                                                    const Context& context);

// Puts the system message of the default thread in front of `context`, or makes it anew when what
// it shows has changed. Writes the context when that gained a message. Updates `activity`, which
// the caller stores. Errors: corruption, unavailable.
Status refresh_system_message(const AgentRecord& record, AgentActivity& activity, Context context,
                              Batch& batch);

// The same for a conversation, which the caller stores too.
Status refresh_system_message(const AgentRecord& record, const CoreMemory& memory,
                              Conversation& conversation, AgentActivity& activity, Context context,
                              Batch& batch);

}  // namespace reverie
