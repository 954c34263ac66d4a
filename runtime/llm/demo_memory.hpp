// The demo model's view of an agent's memory: the blocks as its system prompt shows them, and the
// tool calls that change them.

#pragma once

#include "runtime/llm/demo_facts.hpp"
#include "runtime/llm/provider.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reverie::demo {

struct MemoryBlock {
  std::string label;
  std::string value;  // without the line numbers that some prompts show
  bool is_read_only = false;
};

// The blocks between <memory_blocks> and </memory_blocks>, in their order.
std::vector<MemoryBlock> memory_blocks_in(std::string_view system_prompt);

// Where facts about the person are kept: the block `human` if there is one that can be written,
// else the first that can; null when there is none.
const MemoryBlock* notebook_of(const std::vector<MemoryBlock>& blocks);

// The facts of a block's lines. Free text becomes facts without a key.
std::vector<Fact> facts_of(const MemoryBlock& block);

// Whether the block says so already.
bool is_known(const Fact& fact, const MemoryBlock& block);

struct WantedCall {
  std::string tool;
  std::string arguments;  // JSON text

  bool operator==(const WantedCall&) const = default;
};

// The calls that write `facts` into `block`, with the first of these tools that `tools` has: for
// new lines memory_insert, core_memory_append, memory, memory_rethink or rethink_memory, else a
// replacement; for changed lines memory_replace, core_memory_replace or the same others. What the
// block says already needs no call. Empty when no tool fits.
std::vector<WantedCall> calls_to_store(const std::vector<Fact>& facts, const MemoryBlock& block,
                                       const std::vector<ToolSpec>& tools);

// The calls that take the lines about `subject` ("my name", "that I like tea") out of `block`.
std::vector<WantedCall> calls_to_forget(std::string_view subject, const MemoryBlock& block,
                                        const std::vector<ToolSpec>& tools);

bool has_tool(const std::vector<ToolSpec>& tools, std::string_view name);

}  // namespace reverie::demo
