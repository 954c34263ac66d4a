// Requests on what an agent is doing, and on whether it may: its lifecycle, and the calls of all
// agents that wait for a decision.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reverie {

// It takes no more messages. What runs goes on to its end.
struct PauseAgent {
  std::string agent_id;

  static constexpr std::string_view type_name = "PauseAgent";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{field(1, "agent_id", &PauseAgent::agent_id).from(In::path)};
  }
  bool operator==(const PauseAgent&) const = default;
};

struct ResumeAgent {
  std::string agent_id;

  static constexpr std::string_view type_name = "ResumeAgent";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{field(1, "agent_id", &ResumeAgent::agent_id).from(In::path)};
  }
  bool operator==(const ResumeAgent&) const = default;
};

struct RetrieveLifecycle {
  std::string agent_id;

  static constexpr std::string_view type_name = "RetrieveLifecycle";
  static constexpr Owner owner = Owner::reader;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{field(1, "agent_id", &RetrieveLifecycle::agent_id).from(In::path)};
  }
  bool operator==(const RetrieveLifecycle&) const = default;
};

struct ListApprovals {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> agent_id;
  std::optional<std::string> conversation_id;
  std::optional<std::int64_t> min_age_s;

  static constexpr std::string_view type_name = "ListApprovals";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListApprovals::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListApprovals::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListApprovals::limit, "How many to return.").from(In::query),
      field(4, "order", &ListApprovals::order, "asc, the oldest first, or desc.").from(In::query),
      field(5, "agent_id", &ListApprovals::agent_id, "Of this agent alone.").from(In::query),
      field(6, "conversation_id", &ListApprovals::conversation_id,
            "Of this conversation alone; \"default\": of default threads.")
        .from(In::query),
      field(7, "min_age_s", &ListApprovals::min_age_s, "That wait for at least as long.")
        .from(In::query),
    };
  }
  bool operator==(const ListApprovals&) const = default;
};

// The server's own: the calls that this message asks for have waited too long.
struct ExpireApproval {
  std::string agent_id;
  std::string conversation_id;  // empty: the default thread
  std::string message_id;

  static constexpr std::string_view type_name = "ExpireApproval";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &ExpireApproval::agent_id),
      field(2, "conversation_id", &ExpireApproval::conversation_id),
      field(3, "message_id", &ExpireApproval::message_id),
    };
  }
  bool operator==(const ExpireApproval&) const = default;
};

}  // namespace reverie
