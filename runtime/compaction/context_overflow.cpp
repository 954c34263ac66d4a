#include "runtime/compaction/context_overflow.hpp"

#include "runtime/run_failure.hpp"

#include <string>

namespace reverie {

bool is_fixed_part_too_large(const RequestBytes& bytes, const TokenScale& scale,
                             std::int64_t context_window) {
  return context_window > 0 && scale.tokens_at_least(bytes.system + bytes.tools) >= context_window;
}

Error context_overflow(const RequestBytes& bytes, std::int64_t memory_bytes,
                       const TokenScale& scale, std::int64_t context_window) {
  const auto part = [&](const char* name, std::int64_t size) {
    return std::string(name) + " " + std::to_string(scale.tokens(size));
  };
  const bool is_fixed = scale.tokens(bytes.system + bytes.tools) >= context_window;
  std::string message =
    is_fixed ? "what the agent always sends does not fit" : "the message does not fit";
  message += " the model's context window of " + std::to_string(context_window) + " tokens: ";
  message += part("system prompt", bytes.system - memory_bytes) + ", ";
  message += part("memory blocks", memory_bytes) + ", ";
  message += part("tools", bytes.tools) + ", ";
  message += part("conversation", bytes.messages);
  message += " tokens, estimated";
  return {Errc::llm_context_window, std::move(message),
          is_fixed ? std::string(fixed_part) : "llm/conversation"};
}

}  // namespace reverie
