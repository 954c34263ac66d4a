#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A package that a tool's code imports.
struct PackageRequirement {
  std::string name;
  std::optional<std::string> version;

  static constexpr std::string_view type_name = "PackageRequirement";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "name", &PackageRequirement::name).required(),
      field(2, "version", &PackageRequirement::version),
    };
  }
  bool operator==(const PackageRequirement&) const = default;
};

// Where a tool of type external_mcp comes from.
struct McpToolOrigin {
  std::string server_id;
  std::string tool_name;       // what the server calls it
  bool is_repeatable = false;  // the server says that a second call does no harm
  // What it says of itself is not what it said when somebody last looked: each call asks a person.
  bool needs_review = false;

  static constexpr std::string_view type_name = "McpToolOrigin";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "server_id", &McpToolOrigin::server_id),
      field(2, "tool_name", &McpToolOrigin::tool_name),
      field(3, "is_repeatable", &McpToolOrigin::is_repeatable),
      field(4, "needs_review", &McpToolOrigin::needs_review),
    };
  }
  bool operator==(const McpToolOrigin&) const = default;
};

// A tool that somebody brought to the server: code and what a model is told about it. The built-in
// ones are no records (runtime/tools/tools.hpp).
struct CustomTool {
  std::string id;  // "tool-<uuid>"
  std::string org_id;
  std::string name;  // of its organisation's tools no other has it
  std::string tool_type = "custom";
  std::optional<std::string> description;
  std::string source_type = "python";  // python, javascript, typescript
  std::string source_code;
  RawJson json_schema;  // {"name", "description", "parameters"}
  RawJson args_json_schema;
  std::vector<std::string> tags;
  std::int64_t return_char_limit = 50'000;  // characters
  std::optional<std::vector<PackageRequirement>> pip_requirements;
  std::optional<std::vector<PackageRequirement>> npm_requirements;
  std::optional<bool> default_requires_approval;
  std::optional<bool> enable_parallel_execution;
  RawJson metadata;
  std::optional<std::string> project_id;
  std::optional<std::string> created_by_id;
  std::optional<std::string> last_updated_by_id;
  Timestamp created_at;
  Timestamp updated_at;
  std::optional<McpToolOrigin> mcp;

  static constexpr std::string_view type_name = "CustomTool";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &CustomTool::id),
      field(2, "org_id", &CustomTool::org_id),
      field(3, "name", &CustomTool::name),
      field(4, "tool_type", &CustomTool::tool_type),
      field(5, "description", &CustomTool::description),
      field(6, "source_type", &CustomTool::source_type),
      field(7, "source_code", &CustomTool::source_code),
      field(8, "json_schema", &CustomTool::json_schema),
      field(9, "args_json_schema", &CustomTool::args_json_schema),
      field(10, "tags", &CustomTool::tags),
      field(11, "return_char_limit", &CustomTool::return_char_limit),
      field(12, "pip_requirements", &CustomTool::pip_requirements),
      field(13, "npm_requirements", &CustomTool::npm_requirements),
      field(14, "default_requires_approval", &CustomTool::default_requires_approval),
      field(15, "enable_parallel_execution", &CustomTool::enable_parallel_execution),
      field(16, "metadata", &CustomTool::metadata),
      field(17, "project_id", &CustomTool::project_id),
      field(18, "created_by_id", &CustomTool::created_by_id),
      field(19, "last_updated_by_id", &CustomTool::last_updated_by_id),
      field(20, "created_at", &CustomTool::created_at),
      field(21, "updated_at", &CustomTool::updated_at),
      field(22, "mcp", &CustomTool::mcp),
    };
  }
  bool operator==(const CustomTool&) const = default;
};

// Which tool of an organisation has a name.
struct ToolName {
  std::string tool_id;

  static constexpr std::string_view type_name = "ToolName";
  static constexpr auto fields() { return std::tuple{field(1, "tool_id", &ToolName::tool_id)}; }
  bool operator==(const ToolName&) const = default;
};

// What a list of tools filters by, beside the row of its index.
struct ToolSummary {
  std::string name;
  std::string tool_type;

  static constexpr std::string_view type_name = "ToolSummary";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "name", &ToolSummary::name),
      field(2, "tool_type", &ToolSummary::tool_type),
    };
  }
  bool operator==(const ToolSummary&) const = default;
};

}  // namespace reverie
