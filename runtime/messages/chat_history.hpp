// The stored messages of a context -> what a model is sent.
//
// Whatever is stored, the result is accepted by every provider: each call is followed by exactly
// its result, in the order of the calls, and nothing is empty. The same messages give the same
// bytes, so that a provider's prompt cache holds.

#pragma once

#include "runtime/llm/provider.hpp"
#include "runtime/messages/image.hpp"
#include "storage/records/message.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace reverie {

struct ChatHistoryOptions {
  std::string model;  // as in Message::model: thoughts are replayed to the model that had them
  std::string timezone = "UTC";     // of the times in tool returns
  std::int64_t context_window = 0;  // tokens; caps long tool returns in the request. 0: no cap
};

// Takes messages one by one, oldest first; the system message is the first.
class ChatHistory {
 public:
  explicit ChatHistory(ChatHistoryOptions options);

  void add(const MessageContent& message);
  std::vector<ChatMessage> finish() &&;

 private:
  struct OpenCall {
    std::string stored_id;  // of the call, before it was made fit for every provider
    ToolResult result;
    bool is_answered = false;
  };

  void add_system(const MessageContent& message);
  void add_user(const MessageContent& message, std::string text);
  void add_user_with_images(const MessageContent& message);
  void add_assistant(const MessageContent& message);
  void add_returns(const MessageContent& message);
  void add_calls(ChatMessage& target, const std::vector<StoredToolCall>& calls);
  void close_calls();
  void push(ChatMessage message);
  std::string unique_call_id(const std::string& stored_id);

  ChatHistoryOptions options_;
  std::vector<ChatMessage> out_;
  std::vector<OpenCall> open_;     // of the last assistant message in out_
  std::vector<ChatMessage> held_;  // came between a call and its return
  std::set<std::string> call_ids_;
  std::map<std::string, int> repeats_;  // of an id, so that the next one is found at once
};

std::vector<ChatMessage> chat_history(std::span<const Message> messages,
                                      const ChatHistoryOptions& options);

}  // namespace reverie
