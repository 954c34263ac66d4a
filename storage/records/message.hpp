#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A piece of what a message says.
struct ContentPart {
  std::string type =
    "text";               // "text", "reasoning", "redacted_reasoning", "omitted_reasoning", "image"
  std::string text;       // of text and reasoning; the data of redacted_reasoning
  std::string signature;  // replayed to the model that made it
  RawJson source;         // of an image: the API's LettaImage, with its data

  static constexpr std::string_view type_name = "ContentPart";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "type", &ContentPart::type),
      field(2, "text", &ContentPart::text),
      field(3, "signature", &ContentPart::signature),
      field(4, "source", &ContentPart::source),
    };
  }
  bool operator==(const ContentPart&) const = default;
};

// A call that the model made.
struct StoredToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // a JSON object as text

  static constexpr std::string_view type_name = "StoredToolCall";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &StoredToolCall::id),
      field(2, "name", &StoredToolCall::name),
      field(3, "arguments", &StoredToolCall::arguments),
    };
  }
  bool operator==(const StoredToolCall&) const = default;
};

// What became of a call.
struct StoredToolReturn {
  std::string tool_call_id;
  std::string name;
  std::string status = "success";  // "success" or "error"
  std::string text;                // what the tool returned, cut to its limit
  std::vector<std::string> stdout_lines;
  std::vector<std::string> stderr_lines;
  RawJson parts = {};  // the content parts that a client gave in place of a text

  static constexpr std::string_view type_name = "StoredToolReturn";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "tool_call_id", &StoredToolReturn::tool_call_id),
      field(2, "name", &StoredToolReturn::name),
      field(3, "status", &StoredToolReturn::status),
      field(4, "text", &StoredToolReturn::text),
      field(5, "stdout_lines", &StoredToolReturn::stdout_lines),
      field(6, "stderr_lines", &StoredToolReturn::stderr_lines),
      field(7, "parts", &StoredToolReturn::parts),
    };
  }
  bool operator==(const StoredToolReturn&) const = default;
};

// What was decided about a call that had to wait: a person's word, or what a client that ran the
// call itself has to say.
struct StoredApproval {
  std::string tool_call_id;
  std::optional<bool> approve;               // none: `returned` is set
  std::optional<std::string> reason;         // of a denial
  std::optional<StoredToolReturn> returned;  // by the client

  static constexpr std::string_view type_name = "StoredApproval";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "tool_call_id", &StoredApproval::tool_call_id),
      field(2, "approve", &StoredApproval::approve),
      field(3, "reason", &StoredApproval::reason),
      field(4, "returned", &StoredApproval::returned),
    };
  }
  bool operator==(const StoredApproval&) const = default;
};

// What a model is told of a message: its part of a stored one, which can be read without the rest.
struct MessageContent {
  std::string role = "user";  // system, user, assistant, tool, approval, summary
  std::vector<ContentPart> content;
  std::vector<StoredToolCall> tool_calls;
  std::vector<StoredToolReturn> tool_returns;
  std::optional<std::string> name;
  std::optional<std::string> model;  // that said it, for replaying signatures
  Timestamp created_at;

  static constexpr std::string_view type_name = "MessageContent";
  static constexpr auto fields() {
    return std::tuple{
      field(4, "role", &MessageContent::role),
      field(5, "content", &MessageContent::content),
      field(6, "tool_calls", &MessageContent::tool_calls),
      field(7, "tool_returns", &MessageContent::tool_returns),
      field(8, "name", &MessageContent::name),
      field(15, "model", &MessageContent::model),
      field(17, "created_at", &MessageContent::created_at),
    };
  }
  bool operator==(const MessageContent&) const = default;
};

// A message as it is stored: one answer of the model, one input, the returns of one step's tools.
// The API shows it as one or more messages (runtime/messages/).
struct Message : MessageContent {
  std::string id;  // "message-<uuid>"
  std::string agent_id;
  std::string org_id;
  std::int64_t sequence_id = 0;  // 1.. in the agent, also the last part of its key
  std::optional<std::string> otid;
  std::optional<std::string> sender_id;
  std::optional<std::string> group_id;
  std::optional<std::string> conversation_id;  // none: the agent's default thread
  std::optional<std::string> step_id;
  std::optional<std::string> run_id;
  std::optional<bool> is_err;
  // Of a message of the role approval: with tool_calls it asks, with approvals it answers.
  std::vector<StoredApproval> approvals;
  std::optional<std::string> approval_request_id;  // that the answer names, if it does

  static constexpr std::string_view type_name = "StoredMessage";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &Message::id),
      field(2, "agent_id", &Message::agent_id),
      field(3, "sequence_id", &Message::sequence_id),
      field(4, "role", &Message::role),
      field(5, "content", &Message::content),
      field(6, "tool_calls", &Message::tool_calls),
      field(7, "tool_returns", &Message::tool_returns),
      field(8, "name", &Message::name),
      field(9, "otid", &Message::otid),
      field(10, "sender_id", &Message::sender_id),
      field(11, "group_id", &Message::group_id),
      field(12, "conversation_id", &Message::conversation_id),
      field(13, "step_id", &Message::step_id),
      field(14, "run_id", &Message::run_id),
      field(15, "model", &Message::model),
      field(16, "is_err", &Message::is_err),
      field(17, "created_at", &Message::created_at),
      field(18, "org_id", &Message::org_id),
      field(19, "approvals", &Message::approvals),
      field(20, "approval_request_id", &Message::approval_request_id),
    };
  }
  bool operator==(const Message&) const = default;
};

}  // namespace reverie
