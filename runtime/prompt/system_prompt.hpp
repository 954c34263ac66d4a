// The system message: the agent's prompt with its memory rendered into it.

#pragma once

#include "config/clock.hpp"
#include "storage/records/block.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct PromptInput {
  std::string_view agent_id;
  std::string_view agent_type;
  std::string_view system;         // the prompt; {CORE_MEMORY} in it is replaced by the memory
  std::string_view provider_type;  // of the agent's model: Anthropic's are shown line numbers
  std::string_view timezone = "UTC";
  std::string_view conversation_id = "default";
  std::vector<const Block*> blocks;     // in the order of attachment
  bool is_git_backed = false;           // the blocks are files: shown by memory_filesystem
  std::vector<std::string> rule_texts;  // ToolRules::prompt_texts()

  // Of the moment; no part of the digest.
  Timestamp compiled_at;
  std::int64_t recall_count = 0;    // messages that are not in the context
  std::int64_t archival_count = 0;  // passages
  std::vector<std::string> archival_tags;
};

std::string compile_system_prompt(const PromptInput& input);

// Differs when the compiled text would differ in more than its metadata. 32 hex digits.
std::string prompt_digest(const PromptInput& input);

// The pieces of a compiled text, found by their tags; nothing for those that are not there.
struct PromptSections {
  std::string system_prompt;
  std::optional<std::string> core_memory;  // of git-backed memory: from its reminder to </memory>
  std::optional<std::string> memory_filesystem;  // the paths of files that are not shown
  std::optional<std::string> tool_usage_rules;
  std::optional<std::string> directories;
  std::optional<std::string> external_memory_summary;  // the metadata
};
PromptSections split_system_prompt(std::string_view compiled);

// An estimate without a tokenizer: a token is four bytes.
std::int64_t estimate_tokens(std::string_view text);

}  // namespace reverie
