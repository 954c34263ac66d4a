// Stored messages -> the messages of the API, as JSON text.
//
// One stored message is shown as zero or more API messages with its id: thoughts, text, calls.
// Their otids are the message's UUID with the lowest 7 bits replaced by their place in it.

#pragma once

#include "runtime/messages/message_type.hpp"
#include "storage/records/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct ApiMessageOptions {
  MessageTypeSet types;
  // Plain text of the model is an assistant_message; else (older agents) it is a reasoning_message
  // and the tool below is how the agent speaks. See AgentProfile.
  bool text_is_assistant = true;
  bool use_assistant_message = true;  // older agents: show calls of that tool as their text
  std::string tool_name = "send_message";
  std::string tool_kwarg = "message";
  bool shows_summaries = false;  // summary_message; else a summary is a user_message
  bool reversed = false;         // newest first: the parts of one message are reversed too
};

// Appends the API's messages to a comma-separated list: a comma stands before each but the first of
// an empty `out` or one that ends with '['. Returns how many there were.
std::size_t append_api_messages(std::string& out, const Message& message,
                                const ApiMessageOptions& options);

// The same, each as a text of its own.
void append_api_message_texts(std::vector<std::string>& texts, const Message& message,
                              const ApiMessageOptions& options);

// "message-<uuid>" and 0..127 -> the uuid with that number in its lowest 7 bits. An id of another
// form is given back without its prefix.
std::string message_otid(std::string_view message_id, std::size_t index);

// The members that all API messages begin with, up to "run_id" and without a comma or brace behind.
struct MessageHead {
  std::string_view id;
  std::string_view date;  // to_iso_seconds()
  std::string_view name;  // empty: null, as all below
  std::string_view type;
  std::string_view otid;
  std::string_view sender_id;
  std::string_view step_id;
  std::string_view run_id;
  bool is_err = false;
};
void append_message_head(std::string& out, const MessageHead& head);

// True for a message that the loop wrote to itself, not a person: it is in lists, never in a stream
// or an answer.
bool is_heartbeat(const Message& message);

}  // namespace reverie
