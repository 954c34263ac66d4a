#pragma once

#include "config/json.hpp"

#include <cstdint>

namespace reverie {

// A message's place in a conversation.
struct ConversationMessage {
  std::int64_t sequence_id = 0;  // of the message, in its agent

  static constexpr std::string_view type_name = "ConversationMessage";
  static constexpr auto fields() {
    return std::tuple{field(1, "sequence_id", &ConversationMessage::sequence_id)};
  }
  bool operator==(const ConversationMessage&) const = default;
};

// That a conversation shows a message which another thread has: the key says all.
struct SharedMessage {
  static constexpr std::string_view type_name = "SharedMessage";
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const SharedMessage&) const = default;
};

}  // namespace reverie
