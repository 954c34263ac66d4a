// The rules of tools that people bring: what a request makes of a record, and when it is refused.
// Without storage and actors.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "runtime/requests/tools.hpp"
#include "storage/records/tool.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace reverie {

// 48: the longest name that all vendors take, with room for what they put in front.
constexpr std::size_t tool_name_size_max = 48;

struct ToolAuthor {
  std::string org_id;
  std::string user_id;
  Timestamp now;
};

// "json" is what an older server calls a Python tool whose schema it has.
std::string source_type_of(const std::optional<std::string>& requested);

// Whether the schema has to be read from the source (Sandbox::derive_schema).
// Errors: bad_request: it cannot be, and is not given.
Result<bool> needs_schema(const CreateTool& request);

// The tool as the request says; `derived` is the schema that was read from the source, where that
// was needed. Without an id, created now. Errors: bad_request: the schema has no name or one that
// the source does not define, the name is one that no tool can have.
Result<CustomTool> new_tool(const CreateTool& request, std::string_view derived,
                            const ToolAuthor& author);

// `made` in the place of the tool that has its name. What the request did not say stays.
CustomTool replaced_tool(const CustomTool& before, CustomTool made, const CreateTool& request);

// A source that changes alone keeps its schema. Errors: those of new_tool.
Result<CustomTool> modified_tool(CustomTool tool, const ModifyTool& request,
                                 const ToolAuthor& author);

// The function that a request runs. Errors: bad_request: there is none.
Result<std::string> function_to_run(const RunToolSource& request);

}  // namespace reverie
