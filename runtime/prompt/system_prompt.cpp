#include "runtime/prompt/system_prompt.hpp"

#include "runtime/agent_type.hpp"
#include "runtime/prompt/memory_filesystem.hpp"
#include "runtime/text.hpp"
#include "runtime/time_format.hpp"

#include <algorithm>
#include <utility>

#include <openssl/sha.h>

namespace reverie {

namespace {

constexpr std::string_view placeholder = "{CORE_MEMORY}";

constexpr std::string_view blocks_introduction =
  "These memory blocks are in your core memory. Their labels are how your tools name them.";
constexpr std::string_view line_number_warning =
  "The line numbers below (\"1→ \") are there for orientation. They are no part of the memory: "
  "never write them in the arguments of a tool.";
constexpr std::string_view rules_introduction =
  "These rules say when you can and must use your tools. Calls that break them are refused.";

// Anthropic's models edit memory by the line when they see the numbers.
bool shows_line_numbers(const PromptInput& input) {
  if (input.provider_type != "anthropic") return false;
  return input.agent_type == "letta_v1_agent" || input.agent_type == "memgpt_v2_agent"
         || input.agent_type == "sleeptime_agent";
}

void append_numbered(std::string& out, std::string_view value) {
  for (std::size_t number = 1; !value.empty(); ++number) {
    const std::size_t end = std::min(value.find('\n'), value.size());
    out += std::to_string(number) + "→ ";
    out.append(value.substr(0, end)).append("\n");
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

void append_block(std::string& out, const Block& block, bool is_numbered) {
  out.append("<").append(block.label).append(">\n<description>\n");
  out.append(block.description.value_or("")).append("\n</description>\n<metadata>\n");
  if (block.read_only) out += "- read_only=true\n";
  out += "- chars_current=" + std::to_string(count_characters(block.value)) + "\n";
  out += "- chars_limit=" + std::to_string(block.limit) + "\n</metadata>\n";
  if (is_numbered) out.append("<warning>\n").append(line_number_warning).append("\n</warning>\n");
  out += "<value>\n";
  if (is_numbered)
    append_numbered(out, block.value);
  else
    out.append(block.value).append("\n");
  out.append("</value>\n</").append(block.label).append(">\n\n");
}

std::string blocks_text(const PromptInput& input) {
  if (!agent_profile(input.agent_type).renders_blocks || input.blocks.empty()) return {};
  if (input.is_git_backed) return memory_filesystem_text(input.blocks);
  std::string out = "<memory_blocks>\n";
  out.append(blocks_introduction).append("\n\n");
  for (const Block* block : input.blocks) append_block(out, *block, shows_line_numbers(input));
  return out + "</memory_blocks>";
}

// Blocks and tool rules: what changes only when somebody changes it.
std::string memory_text(const PromptInput& input) {
  std::string out = blocks_text(input);
  if (!input.rule_texts.empty()) {
    if (!out.empty()) out += "\n\n";
    out.append("<tool_usage_rules>\n").append(rules_introduction).append("\n\n");
    for (const std::string& text : input.rule_texts) out.append(text).append("\n");
    out += "</tool_usage_rules>";
  }
  return out;
}

std::string metadata_text(const PromptInput& input) {
  std::string out = "<memory_metadata>\n- AGENT_ID: ";
  out.append(input.agent_id).append("\n- CONVERSATION_ID: ").append(input.conversation_id);
  out += "\n- System prompt last recompiled: " + local_time_text(input.compiled_at, input.timezone);
  out += "\n- " + std::to_string(input.recall_count)
         + " previous messages between you and the user are stored in recall memory\n";
  if (input.archival_count > 0)
    out += "- " + std::to_string(input.archival_count)
           + " total memories are stored in archival memory\n";
  if (!input.archival_tags.empty()) {
    std::vector<std::string> tags = input.archival_tags;
    std::sort(tags.begin(), tags.end());
    out += "- Available archival memory tags: ";
    for (const std::string& tag : tags) out += (&tag == &tags.front() ? "" : ", ") + tag;
    out += '\n';
  }
  return out + "</memory_metadata>";
}

// Takes what begins with `opening` and ends with `closing` out of the text.
std::optional<std::string> take_part(std::string& text, std::string_view opening,
                                     std::string_view closing) {
  const std::size_t begin = text.find(opening);
  if (begin == std::string::npos) return {};
  // The last one: what stands inside may be anything.
  const std::size_t end = text.rfind(closing);
  if (end == std::string::npos || end < begin) return {};
  std::string element = text.substr(begin, end + closing.size() - begin);
  text.erase(begin, element.size());
  return element;
}

std::optional<std::string> take_element(std::string& text, const std::string& name) {
  return take_part(text, "<" + name + ">", "</" + name + ">");
}

// Blocks are told from what a prompt itself says about <memory> by the line before them.
void take_memory(std::string& text, PromptSections& out) {
  out.core_memory = take_element(text, "memory_blocks");
  if (out.core_memory) return;
  out.core_memory = take_part(text, memory_filesystem_reminder, "</memory>");
  if (out.core_memory)
    out.memory_filesystem = take_element(*out.core_memory, "external_projection");
}

}  // namespace

std::string compile_system_prompt(const PromptInput& input) {
  std::string memory = memory_text(input);
  if (!memory.empty()) memory += "\n\n";
  memory += metadata_text(input);
  std::string out(input.system);
  const std::size_t at = out.find(placeholder);
  if (at != std::string::npos) return out.replace(at, placeholder.size(), memory);
  return out + (out.empty() ? "" : "\n\n") + memory;
}

std::string prompt_digest(const PromptInput& input) {
  const std::string text = std::string(input.system) + '\0' + memory_text(input);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    out += hex[digest[i] >> 4];
    out += hex[digest[i] & 15];
  }
  return out;
}

PromptSections split_system_prompt(std::string_view compiled) {
  std::string rest(compiled);
  PromptSections out;
  out.external_memory_summary = take_element(rest, "memory_metadata");
  out.directories = take_element(rest, "directories");
  out.tool_usage_rules = take_element(rest, "tool_usage_rules");
  take_memory(rest, out);
  out.system_prompt = std::string(stripped(rest));
  return out;
}

std::int64_t estimate_tokens(std::string_view text) {
  return static_cast<std::int64_t>((text.size() + 3) / 4);
}

}  // namespace reverie
