// core_memory_append, core_memory_replace, rethink_memory: the memory tools of older agents.

#include "runtime/tools/builtin_tool.hpp"
#include "runtime/tools/memory_edits.hpp"

#include <string>
#include <utility>

namespace reverie {

namespace {

ToolOutcome core_memory_append(const Json& arguments, NativeToolContext& context) {
  const std::string label = *text_argument(arguments, "label");
  const std::string content = *text_argument(arguments, "content");
  const auto block = find_editable(context.memory, label);
  if (!block) return failed_edit("core_memory_append", block.error());
  std::string value = (*block)->value;
  if (!value.empty()) value += '\n';
  value += content;
  context.memory.set_value(label, value, context.now);
  return tool_success(std::move(value));
}

ToolOutcome core_memory_replace(const Json& arguments, NativeToolContext& context) {
  const std::string label = *text_argument(arguments, "label");
  const std::string old_content = *text_argument(arguments, "old_content");
  const std::string new_content = *text_argument(arguments, "new_content");
  const auto block = find_editable(context.memory, label);
  if (!block) return failed_edit("core_memory_replace", block.error());
  std::string value = (*block)->value;
  std::size_t at = old_content.empty() ? std::string::npos : value.find(old_content);
  if (at == std::string::npos)
    return tool_error(
      "core_memory_replace", "ValueError",
      "Old content '" + old_content + "' not found in memory block '" + label + "'");
  for (; at != std::string::npos; at = value.find(old_content, at + new_content.size()))
    value.replace(at, old_content.size(), new_content);
  context.memory.set_value(label, value, context.now);
  return tool_success(std::move(value));
}

ToolOutcome rethink_memory(const Json& arguments, NativeToolContext& context) {
  return rewrite_block("rethink_memory", *text_argument(arguments, "target_block_label"),
                       *text_argument(arguments, "new_memory"), context);
}

}  // namespace

std::vector<BuiltinTool> core_memory_tools() {
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "core_memory_append", "letta_memory_core", "Append to the contents of core memory.",
    parameters({{"label", "string", "Section of the memory to be edited.", true},
                {"content", "string", "The text to add at the end of that section.", true}}),
    core_memory_append));
  tools.push_back(builtin_tool(
    "core_memory_replace", "letta_memory_core",
    "Replace a piece of text in core memory. To delete it, replace it with an empty string.",
    parameters({{"label", "string", "Section of the memory to be edited.", true},
                {"old_content", "string", "The text to replace, exactly as it stands there.", true},
                {"new_content", "string", "The text to put in its place; empty to delete.", true}}),
    core_memory_replace));
  tools.push_back(builtin_tool(
    "rethink_memory", "letta_memory_core",
    "Rewrite a memory block from scratch, keeping all that still matters.",
    parameters({{"new_memory", "string", "The complete new content of the block.", true},
                {"target_block_label", "string", "The label of the block.", true}}),
    rethink_memory));
  tools.back().is_listed = false;
  return tools;
}

}  // namespace reverie
