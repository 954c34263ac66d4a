// What the messages of the Model Context Protocol mean: tools, and what a call of one came to.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "runtime/tools/outcome.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct McpToolInfo {
  std::string name;  // as the server calls it
  std::optional<std::string> title;
  std::string description;
  RawJson input_schema;   // an object, as the server wrote it
  RawJson output_schema;  // null: it says none
  RawJson annotations;
  bool is_repeatable =
    false;  // the server says that it only reads, or that twice is as good as once

  bool operator==(const McpToolInfo&) const = default;
};

struct McpToolList {
  std::vector<McpToolInfo> tools;     // in the server's order, each name once
  std::vector<std::string> left_out;  // names of those that are over a limit
  bool is_cut = false;                // there were more than are named in either
};

struct McpListLimits {
  std::size_t tools_max = 256;
  std::size_t tool_bytes_max = 64 * 1024;  // description and schemas of one
};

// The version that is offered; older ones are accepted.
constexpr std::string_view mcp_version = "2025-06-18";

Json initialize_params();

struct McpServerInfo {
  std::string version;  // of the protocol
  bool has_tools = false;
};
// Errors: mcp_connection: it is no answer, or of a version that we do not speak.
Result<McpServerInfo> read_initialize(const Json& result);

// Adds a page of the answers to tools/list. The cursor of the next one; nothing: it was the last,
// or the list is full. Errors: mcp_connection: it is no such page.
Result<std::optional<std::string>> add_tools(McpToolList& list, const Json& result,
                                             const McpListLimits& limits);

Json call_params(std::string_view tool_name, const Json& arguments, std::string_view call_id);

// What a model is told: the texts of the result, and what else there is of it in a few words.
ToolOutcome outcome_of_mcp(std::string_view tool_name, const Json& result);

}  // namespace reverie
