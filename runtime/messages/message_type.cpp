#include "runtime/messages/message_type.hpp"

#include <array>

namespace reverie {

namespace {

constexpr std::array<std::string_view, 11> type_names = {
  "system_message",
  "user_message",
  "assistant_message",
  "reasoning_message",
  "hidden_reasoning_message",
  "tool_call_message",
  "tool_return_message",
  "approval_request_message",
  "approval_response_message",
  "summary_message",
  "event_message",
};

}  // namespace

std::string_view to_string(MessageType type) {
  return type_names[static_cast<std::size_t>(type)];
}

std::optional<MessageType> parse_message_type(std::string_view name) {
  for (std::size_t i = 0; i < type_names.size(); ++i)
    if (type_names[i] == name) return static_cast<MessageType>(i);
  return {};
}

Result<MessageTypeSet> MessageTypeSet::parse(std::span<const std::string> names) {
  MessageTypeSet set = of({});
  for (const std::string& name : names) {
    const auto type = parse_message_type(name);
    if (!type) return Error{Errc::invalid_argument, "'" + name + "' is not a type of message", ""};
    set.types_.set(static_cast<std::size_t>(*type));
  }
  return set;
}

MessageTypeSet MessageTypeSet::of(std::initializer_list<MessageType> types) {
  MessageTypeSet set;
  set.types_.reset();
  for (const MessageType type : types) set.types_.set(static_cast<std::size_t>(type));
  return set;
}

}  // namespace reverie
