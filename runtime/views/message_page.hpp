// Pages of the messages of one agent: of all that it has, or of one thread.

#pragma once

#include "runtime/views/view_parts.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct MessagePage {
  std::optional<std::string> conversation_id;  // none: all threads; "default" or "conv-...": one
  std::optional<std::string> group_id;
  PageRequest page;
  ApiMessageOptions options;
};

// The messages as they are shown, in the order of the page; cursors are relative to it. One that is
// shown as nothing takes no place, since the clients' iterators stop at an empty page. A
// conversation is read by itself, its agent's history otherwise: about 5 us for each message that
// is passed over. Errors: not_found (a cursor), corruption, unavailable.
Result<std::vector<std::string>> page_of_messages(const ViewContext& context, const Agent& agent,
                                                  const MessagePage& wanted);

// Errors: not_found, also when it belongs to another organisation; corruption, unavailable.
Result<Message> find_message(const ViewContext& context, const std::string& id);

// Adds what a message is shown as. Returns whether that is anything.
bool show_message(const Message& message, const ApiMessageOptions& options,
                  std::vector<std::string>& shown);

// `id` is that of a message's conversation, empty in the agent's default thread.
bool is_in_conversation(const std::optional<std::string>& wanted, std::string_view id);

// The types that a client names; none: all. One that names summaries gets them as such, others as
// messages of the user, which older clients know. Errors: invalid_argument.
Status choose_types(const std::vector<std::string>& names, ApiMessageOptions& options);

}  // namespace reverie
