#pragma once

#include "storage/records/conversation_message.hpp"
#include "storage/table.hpp"

namespace reverie {

// conversation_messages: home of agent_id | agent_id / conversation_id / position
//                        -> ConversationMessage
//
// What a conversation's list of messages is read from; the agent's default thread has no rows. The
// position is the message's sequence number, and 0 for the system message: that of a fork is newer
// than the messages which it shares, and comes before them all the same.
struct ConversationMessageTable {
  static constexpr std::string_view family = "conversation_messages";

  struct Key {
    std::string agent_id;
    std::string conversation_id;
    std::uint64_t position = 0;
    auto parts() { return std::tie(agent_id, conversation_id, position); }
    auto parts() const { return std::tie(agent_id, conversation_id, position); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = ConversationMessage;
};

// shared_messages: home of agent_id | agent_id / sequence_id / conversation_id -> SharedMessage
//
// A message belongs to one thread, named in its record; a fork of that thread shows it too. These
// rows say who does, so that deleting a thread leaves what others still show.
struct SharedMessageTable {
  static constexpr std::string_view family = "shared_messages";

  struct Key {
    std::string agent_id;
    std::uint64_t sequence_id = 0;
    std::string conversation_id;
    auto parts() { return std::tie(agent_id, sequence_id, conversation_id); }
    auto parts() const { return std::tie(agent_id, sequence_id, conversation_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = SharedMessage;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const ConversationMessage&);
extern template Result<ConversationMessage> decode(std::string_view);
extern template std::string encode(const SharedMessage&);
extern template Result<SharedMessage> decode(std::string_view);

}  // namespace reverie
