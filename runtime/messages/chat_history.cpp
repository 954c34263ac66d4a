#include "runtime/messages/chat_history.hpp"

#include "runtime/llm/json_access.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace reverie {

namespace {

// The longest that every vendor takes: OpenAI's ids of calls end at 40, its names at 64.
constexpr std::size_t call_id_size_max = 40;
constexpr std::size_t call_name_size_max = 64;

constexpr std::string_view missing_result =
  "The result of this call was lost: it was interrupted before it could be recorded. What it did "
  "may have happened or not.";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

// Letters, digits, '_' and '-' alone, which all vendors take in names of tools and ids of calls.
std::string word_of(std::string_view text, std::size_t size_max, std::string_view fallback) {
  std::string out(text.substr(0, size_max));
  for (char& c : out)
    if (!is_word(c)) c = '_';
  return out.empty() ? std::string(fallback) : out;
}

// A speaker's name is sent as it is or not at all.
std::string speaker_of(const std::optional<std::string>& name) {
  if (!name || name->empty() || name->size() > call_name_size_max) return {};
  for (const char c : *name)
    if (std::isspace(static_cast<unsigned char>(c)) != 0
        || std::string_view("<|\\/>").find(c) != std::string_view::npos)
      return {};
  return *name;
}

std::vector<Reasoning> reasoning_of(const MessageContent& message) {
  std::vector<Reasoning> out;
  for (const ContentPart& part : message.content) {
    if (part.type == "reasoning") out.push_back({part.text, part.signature, ""});
    if (part.type == "redacted_reasoning") out.push_back({"", part.signature, part.text});
  }
  return out;
}

bool has_image(const MessageContent& message) {
  return std::any_of(message.content.begin(), message.content.end(),
                     [](const ContentPart& part) { return part.type == "image"; });
}

// 20 % of the window at four characters a token, but never less than 5000.
std::string cap_return(const std::string& text, std::int64_t context_window) {
  if (context_window <= 0) return text;
  const std::int64_t limit = std::max<std::int64_t>(5000, context_window / 5 * 4);
  if (static_cast<std::int64_t>(text.size()) <= limit) return text;  // bytes: never fewer
  const std::int64_t count = count_characters(text);
  if (count <= limit) return text;
  return std::string(first_characters(text, limit)) + "... [truncated "
         + std::to_string(count - limit) + " chars]";
}

}  // namespace

ChatHistory::ChatHistory(ChatHistoryOptions options) : options_(std::move(options)) {}

void ChatHistory::add(const MessageContent& message) {
  if (message.role == "system") {
    add_system(message);
  } else if (message.role == "user" && has_image(message)) {
    add_user_with_images(message);
  } else if (message.role == "user" || message.role == "summary") {
    add_user(message, text_of(message));
  } else if (message.role == "assistant" || asks_for_approval(message)) {
    add_assistant(message);  // what answers an approval is in the returns that follow it
  } else if (message.role == "tool") {
    add_returns(message);
  }
}

std::vector<ChatMessage> ChatHistory::finish() && {
  close_calls();
  return std::move(out_);
}

void ChatHistory::add_system(const MessageContent& message) {
  if (!out_.empty() || !held_.empty()) {
    // Only the first may be a system message for all vendors.
    add_user(message, "<system-message>\n" + text_of(message) + "\n</system-message>");
    return;
  }
  ChatMessage system;
  system.role = ChatRole::system;
  system.text = text_of(message);
  push(std::move(system));
}

void ChatHistory::add_user(const MessageContent& message, std::string text) {
  if (is_blank(text)) return;
  ChatMessage user;
  user.text = std::move(text);
  user.name = speaker_of(message.name);
  push(std::move(user));
}

void ChatHistory::add_user_with_images(const MessageContent& message) {
  ChatMessage user;
  user.text = text_of(message);
  user.name = speaker_of(message.name);
  for (const ContentPart& part : message.content) {
    if (auto image = stored_image(part))
      user.parts.push_back({"", std::move(image)});
    else if (!is_blank(part.text))
      user.parts.push_back({part.text, std::nullopt});
  }
  if (!user.parts.empty()) push(std::move(user));
}

void ChatHistory::add_assistant(const MessageContent& message) {
  // A call that waits for approval is stored behind its siblings of the same answer.
  const bool is_sibling = message.role == "approval" && !open_.empty() && held_.empty();
  if (is_sibling) {
    add_calls(out_.back(), message.tool_calls);
    return;
  }
  close_calls();
  ChatMessage assistant;
  assistant.role = ChatRole::assistant;
  assistant.text = text_of(message);
  if (is_blank(assistant.text)) assistant.text.clear();
  if (message.model && *message.model == options_.model)
    assistant.reasoning = reasoning_of(message);
  add_calls(assistant, message.tool_calls);
  if (assistant.text.empty() && assistant.tool_calls.empty()) return;
  out_.push_back(std::move(assistant));
}

void ChatHistory::add_calls(ChatMessage& target, const std::vector<StoredToolCall>& calls) {
  for (const StoredToolCall& call : calls) {
    const bool is_repeated = std::any_of(
      open_.begin(), open_.end(), [&](const OpenCall& open) { return open.stored_id == call.id; });
    if (is_repeated) continue;
    const std::string id = unique_call_id(call.id);
    target.tool_calls.push_back({id, word_of(call.name, call_name_size_max, "unknown"),
                                 is_json_object(call.arguments) ? call.arguments : "{}"});
    open_.push_back({call.id, {id, std::string(missing_result), true}, false});
  }
}

void ChatHistory::add_returns(const MessageContent& message) {
  for (const StoredToolReturn& result : message.tool_returns) {
    const auto open = std::find_if(open_.begin(), open_.end(), [&](const OpenCall& call) {
      return call.stored_id == result.tool_call_id && !call.is_answered;
    });
    if (open == open_.end()) continue;
    open->is_answered = true;
    open->result.is_error = result.status != "success";
    open->result.text =
      packaged_tool_return(cap_return(result.text, options_.context_window), open->result.is_error,
                           message.created_at, options_.timezone);
    open->result.images = images_in_parts(result.parts);
  }
  if (std::all_of(open_.begin(), open_.end(),
                  [](const OpenCall& call) { return call.is_answered; }))
    close_calls();
}

// Puts the results behind the last assistant message, then what had to wait for them.
void ChatHistory::close_calls() {
  if (!open_.empty()) {
    ChatMessage results;
    results.role = ChatRole::tool;
    for (OpenCall& call : open_) results.tool_results.push_back(std::move(call.result));
    open_.clear();
    out_.push_back(std::move(results));
  }
  for (ChatMessage& message : held_) out_.push_back(std::move(message));
  held_.clear();
}

void ChatHistory::push(ChatMessage message) {
  (open_.empty() ? out_ : held_).push_back(std::move(message));
}

// Anthropic wants the ids of a whole request to differ; some local servers count from 0 each time.
std::string ChatHistory::unique_call_id(const std::string& stored_id) {
  const std::string base = word_of(stored_id, call_id_size_max, "call");
  std::string id = base;
  for (int& count = repeats_[base]; !call_ids_.insert(id).second;) {
    const std::string suffix = "_" + std::to_string(++count + 1);
    id = base.substr(0, call_id_size_max - suffix.size()) + suffix;
  }
  return id;
}

std::vector<ChatMessage> chat_history(std::span<const Message> messages,
                                      const ChatHistoryOptions& options) {
  ChatHistory history(options);
  for (const Message& message : messages) history.add(message);
  return std::move(history).finish();
}

}  // namespace reverie
