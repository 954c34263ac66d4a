#include "runtime/memory/message_search.hpp"

#include "config/json.hpp"
#include "runtime/messages/api_messages.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/messages/speech.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include <utf8proc.h>

namespace reverie {

namespace {

constexpr std::string_view search_tool = "conversation_search";

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Case-folded for comparison; a text that is no UTF-8 as it is, in ASCII.
std::string folded(std::string_view text) {
  if (is_ascii(text)) return ascii_lower(text);
  utf8proc_uint8_t* bytes = nullptr;
  const auto options =
    static_cast<utf8proc_option_t>(UTF8PROC_CASEFOLD | UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  const utf8proc_ssize_t size =
    utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                 static_cast<utf8proc_ssize_t>(text.size()), &bytes, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(bytes, std::free);
  if (size < 0) return ascii_lower(text);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while ((begin = text.find_first_not_of(" \t\r\n", begin)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    words.push_back(folded(text.substr(begin, end - begin)));
    begin = end;
  }
  return words;
}

// What was said: the text, the speech of older agents, the results of tools.
std::string said_in(const Message& message) {
  std::string out = text_of(message);
  if (message.role == "user")
    if (auto inner = unpack_user_message(out)) return *std::move(inner);
  ApiMessageOptions older_agents;
  older_agents.text_is_assistant = false;
  const auto add = [&out](std::string_view text) {
    if (!out.empty()) out += '\n';
    out += text;
  };
  for (const StoredToolCall& call : message.tool_calls)
    if (const auto speech = speech_of(call.name, call.arguments, older_agents)) add(*speech);
  for (const StoredToolReturn& result : message.tool_returns)
    if (result.name != search_tool && result.name != older_agents.tool_name) add(result.text);
  return out;
}

bool is_search(const Message& message) {
  return std::any_of(message.tool_calls.begin(), message.tool_calls.end(),
                     [](const StoredToolCall& call) { return call.name == search_tool; });
}

bool has_role(const MessageQuery& query, const std::string& role) {
  if (query.roles.empty()) return role == "user" || role == "assistant";
  return std::find(query.roles.begin(), query.roles.end(), role) != query.roles.end();
}

bool has_words(const std::vector<std::string>& words, std::string_view text) {
  if (words.empty()) return true;
  const std::string haystack = folded(text);
  return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
    return haystack.find(word) != std::string::npos;
  });
}

}  // namespace

Result<MessageSearchResult> search_messages(const MessageSource& source,
                                            const MessageQuery& query) {
  const std::vector<std::string> words = words_of(query.text);
  MessageSearchResult result;
  std::size_t visited = 0;
  const auto visit = [&](const Message& message) {
    if (query.from && message.created_at < *query.from) return false;
    if (result.found.size() == query.results_max) return false;
    if (visited++ == query.visited_max) {
      result.is_complete = false;
      return false;
    }
    if (query.until && message.created_at > *query.until) return true;
    if (!has_role(query, message.role) || is_heartbeat(message) || is_search(message)) return true;
    std::string text = said_in(message);
    if (!text.empty() && has_words(words, text))
      result.found.push_back({message.role, std::move(text), message.created_at});
    return true;
  };
  REVERIE_CHECK(source.visit_newest_first(visit));
  return result;
}

}  // namespace reverie
