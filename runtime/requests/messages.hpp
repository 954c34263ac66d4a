// Requests on messages and on an agent's runs.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace reverie {

// Starts a run, or joins the one that the same input started.
struct SendMessage {
  std::string agent_id;
  // "conv-...": that conversation. "default": the agent's default thread, as clients of
  // conversations name it: refused while it is busy. None: the same thread, and the request waits.
  std::optional<std::string> conversation_id;
  RawJson messages;
  RawJson input;
  std::int64_t max_steps = 50;
  bool use_assistant_message = true;
  std::string assistant_message_tool_name = "send_message";
  std::string assistant_message_tool_kwarg = "message";
  std::optional<std::vector<std::string>> include_return_message_types;
  RawJson client_tools;
  RawJson client_skills;
  std::optional<std::string> override_model;
  std::optional<std::string> override_system;
  std::optional<std::string> system;
  bool include_compaction_messages = false;
  std::optional<bool> streaming;
  bool stream_tokens = false;
  std::optional<bool> include_pings;
  bool background = false;
  bool return_logprobs = false;
  std::optional<std::int64_t> top_logprobs;
  bool return_token_ids = false;
  std::string idempotency_key;
  bool is_retry = false;
  std::string http_request_id;
  // What becomes of the message while another one of its thread is being answered: "reject",
  // "queue" or "interrupt". None: refused where the thread is named, else queued.
  std::optional<std::string> when_busy;
  bool is_async = false;                    // answered with the run, as soon as that is there
  std::optional<std::string> callback_url;  // of an asynchronous one: told when the run has ended

  static constexpr std::string_view type_name = "SendMessage";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  // What clients send in the body, whatever thread it is for.
  static constexpr auto body_fields() {
    return std::tuple{
      field(2, "messages", &SendMessage::messages, "The input, oldest first."),
      field(3, "input", &SendMessage::input, "Text or content parts: one user message."),
      field(4, "max_steps", &SendMessage::max_steps, "Model calls at most."),
      field(5, "use_assistant_message", &SendMessage::use_assistant_message),
      field(6, "assistant_message_tool_name", &SendMessage::assistant_message_tool_name),
      field(7, "assistant_message_tool_kwarg", &SendMessage::assistant_message_tool_kwarg),
      field(8, "include_return_message_types", &SendMessage::include_return_message_types),
      field(9, "client_tools", &SendMessage::client_tools),
      field(10, "client_skills", &SendMessage::client_skills),
      field(11, "override_model", &SendMessage::override_model),
      field(12, "override_system", &SendMessage::override_system),
      field(13, "system", &SendMessage::system),
      field(14, "include_compaction_messages", &SendMessage::include_compaction_messages),
      field(15, "streaming", &SendMessage::streaming),
      field(16, "stream_tokens", &SendMessage::stream_tokens),
      field(17, "include_pings", &SendMessage::include_pings),
      field(18, "background", &SendMessage::background),
      field(23, "return_logprobs", &SendMessage::return_logprobs),
      field(24, "top_logprobs", &SendMessage::top_logprobs),
      field(25, "return_token_ids", &SendMessage::return_token_ids),
      field(
        26, "when_busy", &SendMessage::when_busy,
        "reject, queue or interrupt: what becomes of the message while another one is answered."),
      field(19, "idempotency_key", &SendMessage::idempotency_key).from(In::server),
      field(20, "is_retry", &SendMessage::is_retry, "The client says that it repeats a request.")
        .from(In::server),
      field(21, "http_request_id", &SendMessage::http_request_id).from(In::server),
    };
  }
  static constexpr auto fields() {
    return std::tuple_cat(
      std::tuple{
        field(1, "agent_id", &SendMessage::agent_id).from(In::path),
        field(22, "conversation_id", &SendMessage::conversation_id).from(In::server),
        field(27, "callback_url", &SendMessage::callback_url).from(In::server),
        field(28, "is_async", &SendMessage::is_async).from(In::server),
      },
      body_fields());
  }
  bool operator==(const SendMessage&) const = default;
};

// The body of a message, and who is told of its end.
struct SendAsyncMessage : SendMessage {
  static constexpr std::string_view type_name = "AsyncMessageRequest";
  static constexpr auto fields() {
    return std::tuple_cat(
      std::tuple{
        field(1, "agent_id", &SendMessage::agent_id).from(In::path),
        field(27, "callback_url", &SendMessage::callback_url,
              "Gets a POST with the result when the run has ended; http or https."),
      },
      body_fields());
  }
};

// What the first call of the model would be sent for this message, without sending it.
struct PreviewMessage {
  SendMessage message;

  static constexpr std::string_view type_name = "PreviewMessage";
  static constexpr Owner owner = Owner::agent;
  static constexpr auto fields() {
    return std::tuple{field(1, "message", &PreviewMessage::message)};
  }
  bool operator==(const PreviewMessage&) const = default;
};

// One call of the agent's model, beside its threads: nothing is read from them and nothing stored.
struct GenerateCompletion {
  std::string agent_id;
  std::string prompt;
  std::optional<std::string> system_prompt;
  std::optional<std::string> override_model;
  RawJson response_schema;

  static constexpr std::string_view type_name = "GenerateRequest";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static Status validate(const GenerateCompletion& request) {
    if (!request.prompt.empty()) return {};
    return Error{Errc::invalid_argument, "expected at least 1 character", "prompt"};
  }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &GenerateCompletion::agent_id).from(In::path),
      field(2, "prompt", &GenerateCompletion::prompt),
      field(3, "system_prompt", &GenerateCompletion::system_prompt),
      field(4, "override_model", &GenerateCompletion::override_model,
            "A handle, in place of the agent's model."),
      field(5, "response_schema", &GenerateCompletion::response_schema,
            "A JSON Schema that the answer has to follow."),
    };
  }
  bool operator==(const GenerateCompletion&) const = default;
};

struct CancelRuns {
  std::string agent_id;
  std::optional<std::string> conversation_id;  // as in SendMessage: of this thread alone
  std::optional<std::vector<std::string>> run_ids;

  static constexpr std::string_view type_name = "CancelRuns";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &CancelRuns::agent_id).from(In::path),
      field(2, "run_ids", &CancelRuns::run_ids),
      field(3, "conversation_id", &CancelRuns::conversation_id).from(In::server),
    };
  }
  bool operator==(const CancelRuns&) const = default;
};

// Makes the context of a thread of the agent smaller now.
struct CompactMessages {
  std::string agent_id;
  std::optional<std::string> conversation_id;  // as in SendMessage
  RawJson compaction_settings;                 // in place of the agent's, field by field

  static constexpr std::string_view type_name = "CompactMessages";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &CompactMessages::agent_id).from(In::path),
      field(2, "compaction_settings", &CompactMessages::compaction_settings),
      field(3, "conversation_id", &CompactMessages::conversation_id).from(In::server),
    };
  }
  bool operator==(const CompactMessages&) const = default;
};

struct ListMessages {
  std::string agent_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> group_id;
  std::optional<bool> use_assistant_message;
  std::optional<std::string> assistant_message_tool_name;
  std::optional<std::string> assistant_message_tool_kwarg;
  std::optional<bool> include_err;
  std::optional<std::string> conversation_id;
  std::vector<std::string> include_return_message_types;

  static constexpr std::string_view type_name = "ListMessages";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ListMessages::agent_id).from(In::path),
      field(2, "before", &ListMessages::before, "Id before which the page ends.").from(In::query),
      field(3, "after", &ListMessages::after, "Id behind which the page starts.").from(In::query),
      field(4, "limit", &ListMessages::limit, "How many to return.").from(In::query),
      field(5, "order", &ListMessages::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListMessages::order_by, "The field to sort by.").from(In::query),
      field(7, "group_id", &ListMessages::group_id).from(In::query),
      field(8, "use_assistant_message", &ListMessages::use_assistant_message).from(In::query),
      field(9, "assistant_message_tool_name", &ListMessages::assistant_message_tool_name)
        .from(In::query),
      field(10, "assistant_message_tool_kwarg", &ListMessages::assistant_message_tool_kwarg)
        .from(In::query),
      field(11, "include_err", &ListMessages::include_err).from(In::query),
      field(12, "conversation_id", &ListMessages::conversation_id).from(In::query),
      field(13, "include_return_message_types", &ListMessages::include_return_message_types)
        .from(In::query),
    };
  }
  bool operator==(const ListMessages&) const = default;
};

// Of all agents of the organisation.
struct ListAllMessages {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> conversation_id;
  std::vector<std::string> include_return_message_types;

  static constexpr std::string_view type_name = "ListAllMessages";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListAllMessages::before, "Id before which the page ends.")
        .from(In::query),
      field(2, "after", &ListAllMessages::after, "Id behind which the page starts.")
        .from(In::query),
      field(3, "limit", &ListAllMessages::limit, "How many to return.").from(In::query),
      field(4, "order", &ListAllMessages::order, "asc or desc.").from(In::query),
      field(5, "conversation_id", &ListAllMessages::conversation_id).from(In::query),
      field(6, "include_return_message_types", &ListAllMessages::include_return_message_types)
        .from(In::query),
    };
  }
  bool operator==(const ListAllMessages&) const = default;
};

struct RetrieveMessage {
  std::string message_id;

  static constexpr std::string_view type_name = "RetrieveMessage";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return message_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "message_id", &RetrieveMessage::message_id).from(In::path),
    };
  }
  bool operator==(const RetrieveMessage&) const = default;
};

struct ModifyMessage {
  std::string agent_id;
  std::string message_id;
  RawJson content;
  std::optional<std::string> message_type;

  static constexpr std::string_view type_name = "ModifyMessage";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ModifyMessage::agent_id).from(In::path),
      field(2, "message_id", &ModifyMessage::message_id).from(In::path),
      field(3, "content", &ModifyMessage::content),
      field(4, "message_type", &ModifyMessage::message_type),
    };
  }
  bool operator==(const ModifyMessage&) const = default;
};

}  // namespace reverie
