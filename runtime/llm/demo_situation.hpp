// What the demo model sees in a request: who said what, what the memory holds, which of its own
// calls have been made since.

#pragma once

#include "runtime/llm/demo_facts.hpp"
#include "runtime/llm/demo_memory.hpp"
#include "runtime/llm/demo_questions.hpp"
#include "runtime/llm/provider.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie::demo {

// A call of this turn and what it gave.
struct CallMade {
  ToolCall call;
  std::string result;
  bool is_error = false;
};

struct Situation {
  std::vector<MemoryBlock> blocks;
  std::optional<MemoryBlock> notebook;  // where facts about the person are kept
  std::vector<Fact> known;              // from the notebook
  std::vector<Fact> heard;              // from what the person said before in this conversation
  std::string text;                     // what the person said last
  std::vector<Fact> facts;              // what that says about them
  Request request;                      // and what they want
  std::vector<CallMade> calls;          // since then
  std::size_t people_said = 0;          // how often the person spoke
};

Situation situation_of(const LlmRequest& request);

}  // namespace reverie::demo
