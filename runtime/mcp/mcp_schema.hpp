// The schemas of MCP tools: what a server wrote, as models and our own checks can take it.

#pragma once

#include "config/raw_json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reverie {

enum class McpSchemaHealth : unsigned char {
  strict,      // a model can be held to it to the letter
  non_strict,  // it can be offered
  invalid      // no object: the tool cannot be offered
};
// As the API spells it.
std::string_view to_string(McpSchemaHealth health);

struct McpSchema {
  RawJson parameters;  // null: it is invalid
  McpSchemaHealth health = McpSchemaHealth::invalid;
  std::vector<std::string> reasons;  // why it is no better; at most ten
};

// Objects whose properties are named take no others, references say the type of what they refer
// to, and the whole is an object. Null: a tool without arguments.
McpSchema normalised_schema(const RawJson& input_schema);

// The name that a tool has here: letters, digits, _ and - alone, at most 48 of them. `attempt`: 0,
// and 1.. when the names before are taken.
std::string mcp_tool_name(std::string_view name, std::string_view server_name, int attempt);

}  // namespace reverie
