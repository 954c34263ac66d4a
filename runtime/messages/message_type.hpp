// The types of the messages that the API shows.

#pragma once

#include "config/error.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reverie {

// Spelled as on the wire.
enum class MessageType : std::uint8_t {
  system_message,
  user_message,
  assistant_message,
  reasoning_message,
  hidden_reasoning_message,
  tool_call_message,
  tool_return_message,
  approval_request_message,
  approval_response_message,
  summary_message,
  event_message,
};

std::string_view to_string(MessageType type);
std::optional<MessageType> parse_message_type(std::string_view name);

// A choice of types; all of them unless made from a list.
class MessageTypeSet {
 public:
  MessageTypeSet() { types_.set(); }

  // Errors: invalid_argument for a name that is no type.
  static Result<MessageTypeSet> parse(std::span<const std::string> names);
  static MessageTypeSet of(std::initializer_list<MessageType> types);

  bool has(MessageType type) const { return types_[static_cast<std::size_t>(type)]; }

 private:
  std::bitset<16> types_;
};

}  // namespace reverie
