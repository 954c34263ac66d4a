#include "runtime/llm/demo_situation.hpp"

#include "runtime/llm/demo_statements.hpp"
#include "runtime/llm/demo_text.hpp"
#include "runtime/llm/json_access.hpp"

#include <algorithm>
#include <cstddef>

namespace reverie::demo {

namespace {

// What a person said; nothing for a message that the server wrote in the user's name, as the
// heartbeats and alerts of the older agent types are.
std::optional<std::string> spoken_in(const ChatMessage& message) {
  if (message.role != ChatRole::user) return std::nullopt;
  if (message.text.starts_with('{')) {
    const auto json = parsed(message.text);
    const std::string_view type = json ? text_member(*json, "type") : std::string_view();
    if (type == "user_message") return std::string(text_member(*json, "message"));
    if (type == "heartbeat" || type == "login" || type == "system_alert") return std::nullopt;
  }
  return message.text;
}

// Tools return text, or the server's envelope around it.
bool says_failed(const ToolResult& result) {
  if (result.is_error) return true;
  if (!result.text.starts_with('{')) return false;
  const auto json = parsed(result.text);
  return json && text_member(*json, "status") == "Failed";
}

void add_calls(const ChatMessage& message, std::vector<CallMade>& calls) {
  for (const ToolCall& call : message.tool_calls) calls.push_back({call, "", false});
  for (const ToolResult& result : message.tool_results)
    for (CallMade& made : calls)
      if (made.call.id == result.tool_call_id) {
        made.result = result.text;
        made.is_error = says_failed(result);
      }
}

// A later fact takes the place of an earlier one that it contradicts.
void add_heard(std::vector<Fact>& heard, const std::vector<Fact>& facts) {
  for (const Fact& fact : facts) {
    std::erase_if(heard, [&](const Fact& each) { return each == fact || contradicts(each, fact); });
    heard.push_back(fact);
  }
}

}  // namespace

Situation situation_of(const LlmRequest& request) {
  Situation now;
  if (!request.messages.empty() && request.messages[0].role == ChatRole::system)
    now.blocks = memory_blocks_in(request.messages[0].text);
  if (const MemoryBlock* notebook = notebook_of(now.blocks)) {
    now.notebook = *notebook;
    now.known = facts_of(*notebook);
  }
  for (const ChatMessage& message : request.messages) {
    auto spoken = spoken_in(message);
    if (!spoken) {
      add_calls(message, now.calls);
      continue;
    }
    if (now.people_said++ > 0) add_heard(now.heard, now.facts);
    now.text = std::string(trimmed(*spoken));
    now.facts = facts_in(now.text);
    now.calls.clear();
  }
  now.request = request_in(now.text);
  return now;
}

}  // namespace reverie::demo
