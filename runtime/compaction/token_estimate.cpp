#include "runtime/compaction/token_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace reverie {

namespace {

// Role, brackets and names around one message, call or tool.
constexpr std::int64_t frame_bytes = 16;

// A picture of the size to which the vendors shrink larger ones: 1,600 tokens of 4 bytes.
constexpr std::int64_t image_bytes = 6'400;

std::int64_t size_of(const std::string& text) {
  return static_cast<std::int64_t>(text.size());
}

std::int64_t images_in(const RawJson& parts) {
  constexpr std::string_view mark = R"("image")";
  std::int64_t count = 0;
  for (auto at = parts.text.find(mark); at != std::string::npos; at = parts.text.find(mark, at + 1))
    ++count;
  return count;
}

std::int64_t bytes_of(const ChatMessage& message) {
  std::int64_t bytes = frame_bytes + size_of(message.text) + size_of(message.name);
  for (const ChatPart& part : message.parts)
    if (part.image) bytes += image_bytes;
  for (const Reasoning& thought : message.reasoning)
    bytes += size_of(thought.text) + size_of(thought.signature) + size_of(thought.redacted_data);
  for (const ToolCall& call : message.tool_calls)
    bytes += frame_bytes + size_of(call.id) + size_of(call.name) + size_of(call.arguments);
  for (const ToolResult& result : message.tool_results)
    bytes += frame_bytes + size_of(result.tool_call_id) + size_of(result.text)
             + static_cast<std::int64_t>(result.images.size()) * image_bytes;
  return bytes;
}

}  // namespace

RequestBytes bytes_of(const LlmRequest& request) {
  RequestBytes bytes;
  for (const ChatMessage& message : request.messages)
    (message.role == ChatRole::system ? bytes.system : bytes.messages) += bytes_of(message);
  for (const ToolSpec& tool : request.tools) bytes.tools += bytes_of(tool);
  return bytes;
}

std::int64_t bytes_of(const ToolSpec& tool) {
  return frame_bytes + size_of(tool.name) + size_of(tool.description)
         + size_of(tool.parameters.text);
}

std::int64_t bytes_of(const Message& message, std::int64_t context_window) {
  std::int64_t bytes = frame_bytes;
  for (const ContentPart& part : message.content)
    bytes += part.type == "image" ? image_bytes : size_of(part.text) + size_of(part.signature);
  for (const StoredToolCall& call : message.tool_calls)
    bytes += frame_bytes + size_of(call.id) + size_of(call.name) + size_of(call.arguments);
  // Longer returns are cut in requests (runtime/messages/chat_history.cpp).
  const std::int64_t return_max = std::max<std::int64_t>(5000, context_window * 4 / 5);
  for (const StoredToolReturn& result : message.tool_returns) {
    bytes +=
      frame_bytes + size_of(result.tool_call_id) + std::min(size_of(result.text), return_max);
    bytes += images_in(result.parts) * image_bytes;
  }
  return bytes;
}

TokenScale::TokenScale(std::int64_t tokens, std::int64_t bytes) {
  if (tokens <= 0 || bytes <= 0) return;
  counted_tokens_ = tokens;
  counted_bytes_ = bytes;
  // A token has 1 to 16 bytes: a provider that counts otherwise counts something else as well.
  rate_ = std::clamp(static_cast<double>(tokens) / static_cast<double>(bytes), 1.0 / 16, 1.0);
}

std::int64_t TokenScale::tokens(std::int64_t bytes) const {
  if (bytes < counted_bytes_)
    return static_cast<std::int64_t>(
      std::ceil(static_cast<double>(counted_tokens_) * static_cast<double>(bytes)
                / static_cast<double>(counted_bytes_)));
  const auto more = static_cast<double>(bytes - counted_bytes_);
  return counted_tokens_ + static_cast<std::int64_t>(std::ceil(more * rate_));
}

std::int64_t TokenScale::tokens_at_least(std::int64_t bytes) const {
  return std::min(tokens(bytes), bytes / 4);
}

std::int64_t TokenScale::bytes(std::int64_t tokens) const {
  return static_cast<std::int64_t>(static_cast<double>(tokens) / rate_);
}

}  // namespace reverie
