// The built-in model `reverie/demo`: no language model, but a few rules that answer offline and
// always in the same way, so that a fresh server can be talked to and every feature tried. It
// says what it is. Told a name or a preference it writes it into a memory block with the tool
// that it is offered, and it knows only what the blocks in its prompt, or the conversation, say.

#pragma once

#include "runtime/llm/provider.hpp"

namespace reverie {

inline constexpr std::string_view demo_provider_name = "reverie";
inline constexpr std::string_view demo_handle = "reverie/demo";

ModelInfo demo_model_info();

// Unlike other providers it has no thread: `complete` calls back before it returns, on the
// thread of the caller. Text is streamed word by word. A message that starts with `/call NAME
// {json}` makes it call that tool. Never fails.
class DemoProvider final : public Provider {
 public:
  std::shared_ptr<LlmCall> complete(LlmRequest request, OnDelta on_delta,
                                    OnCompletion on_completion) override;
  // It is sent nowhere: shown in the dialect that most hosts speak.
  std::string request_json(const LlmRequest& request) const override;
};

// The whole answer to `request`, without the streaming.
Completion demo_completion(const LlmRequest& request);

}  // namespace reverie
