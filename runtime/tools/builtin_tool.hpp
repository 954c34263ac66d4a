// How a built-in tool is written down: what a model is told about it, and the function behind it.
// Each family of tools is one file; tools.cpp lists the families.

#pragma once

#include "config/json.hpp"
#include "runtime/tools/native_tool.hpp"
#include "runtime/tools/outcome.hpp"
#include "runtime/tools/tool.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace reverie {

// `arguments` have been checked against the tool's parameters.
using NativeFunction = ToolOutcome (*)(const Json& arguments, NativeToolContext& context);

struct BuiltinTool {
  Tool tool;
  Json parameters;               // tool.parameters, parsed
  NativeFunction run = nullptr;  // none: an ExternalTools runs it, or nobody does
  bool is_listed = true;         // false: agents of old may call it, new ones cannot get it
};

struct Parameter {
  std::string_view name;
  std::string_view type;  // string, integer, boolean, array (of strings)
  std::string_view description;
  bool is_required = false;
  std::string_view choices = "";  // JSON array: the values of a string or of an array's items
  std::string_view items = "";    // JSON Schema of an array's items, in place of strings
};

// The JSON Schema of an object with these members, in this order.
RawJson parameters(std::initializer_list<Parameter> members);

BuiltinTool builtin_tool(std::string_view name, std::string_view tool_type,
                         std::string_view description, RawJson parameters,
                         NativeFunction run = nullptr);

// Nothing when there is none; the unlisted ones are found too.
const BuiltinTool* find_builtin(std::string_view name);

// Members of checked arguments. Absent and null: nothing, or the fallback.
std::optional<std::string> text_argument(const Json& arguments, std::string_view name);
std::int64_t integer_argument(const Json& arguments, std::string_view name, std::int64_t fallback);

// The families.
std::vector<BuiltinTool> core_memory_tools();     // core_memory_tools.cpp
std::vector<BuiltinTool> memory_block_tools();    // memory_block_tools.cpp
std::vector<BuiltinTool> memory_command_tools();  // memory_command_tool.cpp
std::vector<BuiltinTool> memory_patch_tools();    // memory_patch_tool.cpp
std::vector<BuiltinTool> conversation_tools();    // conversation_tools.cpp
std::vector<BuiltinTool> archival_tools();        // archival_tools.cpp
std::vector<BuiltinTool> code_and_web_tools();    // code_and_web_tools.cpp
std::vector<BuiltinTool> file_tools();            // file_tools.cpp
std::vector<BuiltinTool> multi_agent_family();    // multi_agent_tools.cpp
std::vector<BuiltinTool> voice_tools();           // voice_tools.cpp

}  // namespace reverie
