// The built-in tools. They are code, not data: every server has the same, under the same ids.

#pragma once

#include "runtime/tools/tool.hpp"

#include <span>
#include <string_view>

namespace reverie {

// All of them, in the order of their names. Made once; valid for the life of the process.
std::span<const Tool> builtin_tools();

// Nothing when there is none.
const Tool* find_builtin_tool(std::string_view name);
const Tool* find_builtin_tool_by_id(std::string_view id);

}  // namespace reverie
