// How many tokens a request has, before a model has counted them.

#pragma once

#include "runtime/llm/provider.hpp"
#include "storage/records/message.hpp"

#include <cstdint>

namespace reverie {

// Bytes that a request makes a model read, by what they come from.
struct RequestBytes {
  std::int64_t system = 0;
  std::int64_t tools = 0;
  std::int64_t messages = 0;

  std::int64_t all() const { return system + tools + messages; }
};
RequestBytes bytes_of(const LlmRequest& request);
std::int64_t bytes_of(const ToolSpec& tool);

// Of one stored message as it will be in a request.
std::int64_t bytes_of(const Message& message, std::int64_t context_window);

// Bytes -> tokens: a guess with a margin until a provider has counted once; from then on what it
// counted, and its rate for what is more or less than that.
class TokenScale {
 public:
  TokenScale() = default;
  // The last request that a provider counted, and what it counted. Zeros: none yet.
  TokenScale(std::int64_t tokens, std::int64_t bytes);

  std::int64_t tokens(std::int64_t bytes) const;
  // Without the margin, and by no provider's word alone: what is larger than a window by this
  // does not fit.
  std::int64_t tokens_at_least(std::int64_t bytes) const;
  std::int64_t bytes(std::int64_t tokens) const;  // about as many as are that many tokens

 private:
  double rate_ = 1.3 / 4;  // tokens per byte; 1.3: the margin, 4: bytes of an English token
  std::int64_t counted_tokens_ = 0;
  std::int64_t counted_bytes_ = 0;
};

// What a compaction is asked to stay under: of the window, the rest is for the answer.
constexpr std::int64_t compaction_threshold(std::int64_t context_window) {
  return context_window * 9 / 10;
}

}  // namespace reverie
