// Searching what an agent and others have said, by words: newest first, nothing but a walk over the
// messages.

#pragma once

#include "config/clock.hpp"
#include "runtime/memory/message_source.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct MessageQuery {
  std::string text;                // a message has to hold each of its words; empty: any message
  std::vector<std::string> roles;  // assistant, user, tool; empty: assistant and user
  std::optional<Timestamp> from;
  std::optional<Timestamp> until;  // inclusive
  std::size_t results_max = 5;
  std::size_t visited_max = 10'000;
};

struct FoundMessage {
  std::string role;
  std::string text;
  Timestamp created_at;
};

struct MessageSearchResult {
  std::vector<FoundMessage> found;  // newest first
  bool is_complete = true;          // false: older messages were not looked at
};

// Never finds system messages, what the loop wrote to itself, or searches and their results.
// Errors: those of the source.
Result<MessageSearchResult> search_messages(const MessageSource& source, const MessageQuery& query);

}  // namespace reverie
