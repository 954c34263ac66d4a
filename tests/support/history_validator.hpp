// What OpenAI and Anthropic refuse in the messages of a request, checked without them.

#pragma once

#include "runtime/llm/json_access.hpp"
#include "runtime/llm/provider.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::testing {

inline bool is_word(std::string_view text, std::size_t size_max) {
  return !text.empty() && text.size() <= size_max
         && std::all_of(text.begin(), text.end(), [](char c) {
              return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
            });
}

inline bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

// The first rule that is broken, or an empty text.
inline std::string first_fault(const std::vector<ChatMessage>& history) {
  std::set<std::string> call_ids;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const ChatMessage& message = history[i];
    const std::string at = "message " + std::to_string(i) + ": ";
    if (message.role == ChatRole::system && i != 0) return at + "a system message in the middle";
    if (message.role == ChatRole::user && is_blank(message.text) && message.parts.empty())
      return at + "empty user text";
    if (message.role == ChatRole::assistant) {
      if (message.tool_calls.empty() && is_blank(message.text)) return at + "an empty answer";
      for (const ToolCall& call : message.tool_calls) {
        if (!call_ids.insert(call.id).second) return at + "the id " + call.id + " twice";
        if (!is_word(call.id, 40)) return at + "a bad id of a call: " + call.id;
        if (!is_word(call.name, 64)) return at + "a bad name of a tool: " + call.name;
        if (!is_json_object(call.arguments)) return at + "arguments that are no object";
      }
      const bool has_calls = !message.tool_calls.empty();
      const bool has_results = i + 1 < history.size() && history[i + 1].role == ChatRole::tool;
      if (has_calls != has_results) return at + "calls and results do not go together";
    }
    if (message.role == ChatRole::tool) {
      if (i == 0 || history[i - 1].role != ChatRole::assistant) return at + "results of no calls";
      const auto& calls = history[i - 1].tool_calls;
      if (calls.size() != message.tool_results.size()) return at + "not one result for each call";
      for (std::size_t k = 0; k < calls.size(); ++k) {
        if (calls[k].id != message.tool_results[k].tool_call_id)
          return at + "the results are not in the order of the calls";
        if (is_blank(message.tool_results[k].text)) return at + "an empty result";
      }
    }
  }
  return {};
}

}  // namespace reverie::testing
