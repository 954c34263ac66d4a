#pragma once

#include "storage/records/message.hpp"
#include "storage/table.hpp"

namespace reverie {

// messages: home of agent_id | agent_id / sequence_id -> Message
struct MessageTable {
  static constexpr std::string_view family = "messages";

  struct Key {
    std::string agent_id;
    std::uint64_t sequence_id = 0;
    auto parts() { return std::tie(agent_id, sequence_id); }
    auto parts() const { return std::tie(agent_id, sequence_id); }
    Result<Home> home() const { return home_of(agent_id); }
  };
  using Value = Message;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const Message&);
extern template Result<Message> decode(std::string_view);

}  // namespace reverie
