#include "runtime/tools/tools.hpp"

#include "runtime/tools/builtin_tool.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace reverie {

namespace {

std::vector<BuiltinTool> make_builtins() {
  std::vector<BuiltinTool> all;
  for (auto* family : {core_memory_tools, memory_block_tools, memory_command_tools,
                       memory_patch_tools, conversation_tools, archival_tools, code_and_web_tools,
                       file_tools, multi_agent_family, voice_tools}) {
    std::vector<BuiltinTool> tools = family();
    std::move(tools.begin(), tools.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const BuiltinTool& a, const BuiltinTool& b) { return a.tool.name < b.tool.name; });
  return all;
}

const std::vector<BuiltinTool>& builtins() {
  static const std::vector<BuiltinTool> all = make_builtins();
  return all;
}

std::vector<Tool> listed_tools() {
  std::vector<Tool> out;
  for (const BuiltinTool& each : builtins())
    if (each.is_listed) out.push_back(each.tool);
  return out;
}

}  // namespace

std::span<const Tool> builtin_tools() {
  static const std::vector<Tool> tools = listed_tools();
  return tools;
}

const Tool* find_builtin_tool(std::string_view name) {
  const auto tools = builtin_tools();
  const auto found =
    std::lower_bound(tools.begin(), tools.end(), name,
                     [](const Tool& tool, std::string_view wanted) { return tool.name < wanted; });
  return found != tools.end() && found->name == name ? &*found : nullptr;
}

const Tool* find_builtin_tool_by_id(std::string_view id) {
  for (const Tool& tool : builtin_tools())
    if (tool.id == id) return &tool;
  return nullptr;
}

const BuiltinTool* find_builtin(std::string_view name) {
  for (const BuiltinTool& each : builtins())
    if (each.tool.name == name) return &each;
  return nullptr;
}

}  // namespace reverie
