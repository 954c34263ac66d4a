#pragma once

#include "storage/records/conversation.hpp"
#include "storage/table.hpp"

namespace reverie {

// conversations: home of agent_id | agent_id / conversation_id -> Conversation
//
// One that is known by its id alone is found through `children`, as runs and messages are.
struct ConversationTable {
  static constexpr std::string_view family = "conversations";

  struct Key {
    std::string agent_id;
    std::string conversation_id;
    auto parts() { return std::tie(agent_id, conversation_id); }
    auto parts() const { return std::tie(agent_id, conversation_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = Conversation;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Conversation&);
extern template Result<Conversation> decode(std::string_view);

}  // namespace reverie
