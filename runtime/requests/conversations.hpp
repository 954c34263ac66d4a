// Requests on conversations: the threads of an agent beside its default one.
//
// Where a path names a conversation, "default" and an agent's id mean the default thread of an
// agent (see thread_of). Sending, cancelling and compacting become the requests of
// runtime/requests/messages.hpp with their conversation_id.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "runtime/requests/messages.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace reverie {

// What stands for an agent's default thread where a conversation's id is expected.
inline constexpr std::string_view default_thread = "default";

inline bool is_default_thread(std::string_view conversation_id) {
  return conversation_id.empty() || conversation_id == default_thread;
}

// A thread as a client names it, and whom to ask about it.
struct Thread {
  std::string object_id;        // the agent; or the conversation, whose agent the router finds
  std::string conversation_id;  // "conv-..." or default_thread
};

// `agent_id` goes with "default"; an agent's id in place of the conversation's, as older clients
// send it, needs none. Errors: bad_request: no agent is named.
Result<Thread> thread_of(const std::string& conversation_id,
                         const std::optional<std::string>& agent_id);

struct ListConversations {
  std::optional<std::string> agent_id;
  std::optional<std::string> summary_search;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> archive_status;

  static constexpr std::string_view type_name = "ListConversations";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ListConversations::agent_id, "Of this agent alone.").from(In::query),
      field(2, "summary_search", &ListConversations::summary_search,
            "Part of the summary, in any case.")
        .from(In::query),
      field(3, "after", &ListConversations::after, "Id behind which the page starts.")
        .from(In::query),
      field(4, "limit", &ListConversations::limit, "How many to return.").from(In::query),
      field(5, "order", &ListConversations::order, "asc or desc.").from(In::query),
      field(6, "order_by", &ListConversations::order_by,
            "created_at, last_run_completion or last_message_at; those without are last.")
        .from(In::query),
      field(7, "archive_status", &ListConversations::archive_status,
            "unarchived (without another word), archived or all.")
        .from(In::query),
    };
  }
  bool operator==(const ListConversations&) const = default;
};

struct CreateConversation {
  std::string agent_id;
  std::optional<std::string> summary;
  std::optional<std::vector<std::string>> isolated_block_labels;
  std::optional<std::string> model;
  RawJson model_settings;
  bool hidden = false;
  std::optional<std::string> description;
  std::optional<std::int64_t> context_window_limit;

  static constexpr std::string_view type_name = "CreateConversation";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &CreateConversation::agent_id).from(In::query).required(),
      field(2, "summary", &CreateConversation::summary, "What it is about."),
      field(3, "isolated_block_labels", &CreateConversation::isolated_block_labels,
            "Labels of the agent's blocks that the conversation gets a copy of for itself."),
      field(4, "model", &CreateConversation::model, "Handle, in place of the agent's model."),
      field(5, "model_settings", &CreateConversation::model_settings),
      field(6, "hidden", &CreateConversation::hidden, "In no list."),
      field(7, "description", &CreateConversation::description, "A longer text about it."),
      field(8, "context_window_limit", &CreateConversation::context_window_limit,
            "Tokens, in place of the agent's."),
    };
  }
  bool operator==(const CreateConversation&) const = default;
};

struct RetrieveConversation {
  std::string conversation_id;

  static constexpr std::string_view type_name = "RetrieveConversation";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return conversation_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &RetrieveConversation::conversation_id).from(In::path),
    };
  }
  bool operator==(const RetrieveConversation&) const = default;
};

// What is null or absent stays.
struct UpdateConversation {
  std::string conversation_id;
  std::optional<std::string> summary;
  std::optional<std::string> model;
  RawJson model_settings;
  std::optional<Timestamp> last_message_at;
  std::optional<std::string> description;
  std::optional<std::int64_t> context_window_limit;
  std::optional<bool> archived;

  static constexpr std::string_view type_name = "UpdateConversation";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return conversation_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &UpdateConversation::conversation_id).from(In::path),
      field(2, "summary", &UpdateConversation::summary),
      field(3, "model", &UpdateConversation::model),
      field(4, "model_settings", &UpdateConversation::model_settings),
      field(5, "last_message_at", &UpdateConversation::last_message_at),
      field(6, "description", &UpdateConversation::description, "A longer text about it."),
      field(7, "context_window_limit", &UpdateConversation::context_window_limit,
            "Tokens, in place of the agent's."),
      field(8, "archived", &UpdateConversation::archived,
            "In lists of the archived alone; it can be talked to all the same."),
    };
  }
  bool operator==(const UpdateConversation&) const = default;
};

struct DeleteConversation {
  std::string conversation_id;

  static constexpr std::string_view type_name = "DeleteConversation";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return conversation_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &DeleteConversation::conversation_id).from(In::path),
    };
  }
  bool operator==(const DeleteConversation&) const = default;
};

// A new conversation that goes on from where another, or the default thread, stands.
struct ForkConversation {
  std::string conversation_id;
  std::optional<std::string> agent_id;
  std::optional<std::string> message_id;
  bool hidden = false;

  static constexpr std::string_view type_name = "ForkConversation";
  static constexpr Owner owner = Owner::agent;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &ForkConversation::conversation_id).from(In::path),
      field(2, "agent_id", &ForkConversation::agent_id, "With \"default\": the agent.")
        .from(In::query),
      field(3, "message_id", &ForkConversation::message_id,
            "The last message that the fork has; the newest when absent.")
        .from(In::query),
      field(4, "hidden", &ForkConversation::hidden, "In no list.").from(In::query),
    };
  }
  bool operator==(const ForkConversation&) const = default;
};

struct RecompileConversation {
  std::string conversation_id;
  std::optional<std::string> agent_id;
  std::optional<bool> dry_run;

  static constexpr std::string_view type_name = "RecompileConversation";
  static constexpr Owner owner = Owner::agent;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &RecompileConversation::conversation_id).from(In::path),
      field(2, "agent_id", &RecompileConversation::agent_id, "With \"default\": the agent."),
      field(3, "dry_run", &RecompileConversation::dry_run, "Only show it.").from(In::query),
    };
  }
  bool operator==(const RecompileConversation&) const = default;
};

struct ListConversationMessages {
  std::string conversation_id;
  std::optional<std::string> agent_id;
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> group_id;
  std::optional<bool> include_err;
  std::vector<std::string> include_return_message_types;

  static constexpr std::string_view type_name = "ListConversationMessages";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &ListConversationMessages::conversation_id).from(In::path),
      field(2, "agent_id", &ListConversationMessages::agent_id, "With \"default\": the agent.")
        .from(In::query),
      field(3, "before", &ListConversationMessages::before, "Id before which the page ends.")
        .from(In::query),
      field(4, "after", &ListConversationMessages::after, "Id behind which the page starts.")
        .from(In::query),
      field(5, "limit", &ListConversationMessages::limit, "How many to return.").from(In::query),
      field(6, "order", &ListConversationMessages::order, "asc or desc.").from(In::query),
      field(7, "order_by", &ListConversationMessages::order_by, "The field to sort by.")
        .from(In::query),
      field(8, "group_id", &ListConversationMessages::group_id).from(In::query),
      field(9, "include_err", &ListConversationMessages::include_err).from(In::query),
      field(10, "include_return_message_types",
            &ListConversationMessages::include_return_message_types)
        .from(In::query),
    };
  }
  bool operator==(const ListConversationMessages&) const = default;
};

// The body of an agent's messages, and who it is for.
struct SendConversationMessage : SendMessage {
  std::string thread_id;             // of the path
  std::optional<std::string> agent;  // with "default"

  static constexpr std::string_view type_name = "ConversationMessageRequest";
  static constexpr auto fields() {
    return std::tuple_cat(
      std::tuple{
        field(1, "conversation_id", &SendConversationMessage::thread_id).from(In::path),
        field(22, "agent_id", &SendConversationMessage::agent, "With \"default\": the agent."),
      },
      body_fields());
  }
};

struct CancelConversation {
  std::string conversation_id;
  std::optional<std::string> agent_id;

  static constexpr std::string_view type_name = "CancelConversation";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &CancelConversation::conversation_id).from(In::path),
      field(2, "agent_id", &CancelConversation::agent_id, "With \"default\": the agent.")
        .from(In::query),
    };
  }
};

struct StreamConversation {
  std::string conversation_id;
  std::optional<std::string> agent_id;
  std::optional<std::string> run_id;
  std::optional<std::string> otid;
  std::int64_t starting_after = 0;
  std::optional<bool> include_pings;

  static constexpr std::string_view type_name = "StreamConversation";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &StreamConversation::conversation_id).from(In::path),
      field(2, "agent_id", &StreamConversation::agent_id, "With \"default\": the agent."),
      field(3, "run_id", &StreamConversation::run_id, "In place of the run under way."),
      field(4, "otid", &StreamConversation::otid, "Of the message that started the run."),
      field(5, "starting_after", &StreamConversation::starting_after,
            "The seq_id of the last event that the client has."),
      field(6, "include_pings", &StreamConversation::include_pings),
    };
  }
};

struct CompactConversation {
  std::string conversation_id;
  std::optional<std::string> agent_id;
  RawJson compaction_settings;

  static constexpr std::string_view type_name = "CompactConversation";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "conversation_id", &CompactConversation::conversation_id).from(In::path),
      field(2, "agent_id", &CompactConversation::agent_id, "With \"default\": the agent."),
      field(3, "compaction_settings", &CompactConversation::compaction_settings,
            "In place of the agent's, field by field."),
    };
  }
};

}  // namespace reverie
