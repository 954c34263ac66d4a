// The JSON envelopes in which a model reads what no person wrote: tool returns, heartbeats, alerts.
// Two spaces of indentation, members in this order, non-ASCII text as it is: byte for byte the same
// for the same input, so that a provider's prompt cache holds.

#pragma once

#include "config/clock.hpp"
#include "storage/records/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// {"status": "OK"|"Failed", "message": ..., "time": ...}. A text that is a JSON object stays one.
std::string packaged_tool_return(std::string_view text, bool is_error, Timestamp time,
                                 std::string_view timezone);

// {"type": "heartbeat", "reason": ..., "time": ...}
std::string packaged_heartbeat(std::string_view reason, Timestamp time, std::string_view timezone);

// {"type": "login", "last_login": ..., "time": ...}
std::string packaged_login(Timestamp time, std::string_view timezone);

// {"type": "system_alert", "message": ..., "time": ...[, "compaction_stats": ...]}. The message
// begins with a note to the model of what it is that follows.
std::string packaged_summary(std::string_view summary, const RawJson& compaction_stats,
                             Timestamp time, std::string_view timezone);

struct Summary {
  std::string text;
  RawJson compaction_stats;
};

// What packaged_summary() made; a text of another form is the summary itself.
Summary unpack_summary(std::string_view text);

// The inner text of {"type": "user_message", "message": ...}, a form of older agents and imports;
// nothing for any other text.
std::optional<std::string> unpack_user_message(std::string_view text);

// The texts of all text parts, one per line.
std::string text_of(const MessageContent& message);

}  // namespace reverie
