// Requests on tools and models.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"
#include "storage/records/tool.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct ListTools {
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::optional<std::int64_t> limit;
  std::optional<std::string> order;
  std::optional<std::string> order_by;
  std::optional<std::string> name;
  std::vector<std::string> names;
  std::vector<std::string> tool_ids;
  std::optional<std::string> search;
  std::vector<std::string> tool_types;
  std::vector<std::string> exclude_tool_types;
  std::optional<bool> return_only_letta_tools;

  static constexpr std::string_view type_name = "ListTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "before", &ListTools::before, "Id before which the page ends.").from(In::query),
      field(2, "after", &ListTools::after, "Id behind which the page starts.").from(In::query),
      field(3, "limit", &ListTools::limit, "How many to return.").from(In::query),
      field(4, "order", &ListTools::order, "asc or desc.").from(In::query),
      field(5, "order_by", &ListTools::order_by, "The field to sort by.").from(In::query),
      field(6, "name", &ListTools::name).from(In::query),
      field(7, "names", &ListTools::names).from(In::query),
      field(8, "tool_ids", &ListTools::tool_ids).from(In::query),
      field(9, "search", &ListTools::search).from(In::query),
      field(10, "tool_types", &ListTools::tool_types).from(In::query),
      field(11, "exclude_tool_types", &ListTools::exclude_tool_types).from(In::query),
      field(12, "return_only_letta_tools", &ListTools::return_only_letta_tools).from(In::query),
    };
  }
  bool operator==(const ListTools&) const = default;
};

struct CountTools {
  std::optional<std::string> name;
  std::vector<std::string> names;
  std::vector<std::string> tool_ids;
  std::optional<std::string> search;
  std::vector<std::string> tool_types;
  std::vector<std::string> exclude_tool_types;
  std::optional<bool> return_only_letta_tools;

  static constexpr std::string_view type_name = "CountTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "name", &CountTools::name).from(In::query),
      field(2, "names", &CountTools::names).from(In::query),
      field(3, "tool_ids", &CountTools::tool_ids).from(In::query),
      field(4, "search", &CountTools::search).from(In::query),
      field(5, "tool_types", &CountTools::tool_types).from(In::query),
      field(6, "exclude_tool_types", &CountTools::exclude_tool_types).from(In::query),
      field(7, "return_only_letta_tools", &CountTools::return_only_letta_tools).from(In::query),
    };
  }
  bool operator==(const CountTools&) const = default;
};

struct RetrieveTool {
  std::string tool_id;

  static constexpr std::string_view type_name = "RetrieveTool";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "tool_id", &RetrieveTool::tool_id).from(In::path),
    };
  }
  bool operator==(const RetrieveTool&) const = default;
};

// Makes a tool, or replaces the one of the same name.
struct CreateTool {
  std::string source_code;
  std::optional<std::string> source_type;
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> tags;
  RawJson json_schema;
  RawJson args_json_schema;
  std::optional<std::int64_t> return_char_limit;
  std::optional<std::vector<PackageRequirement>> pip_requirements;
  std::optional<std::vector<PackageRequirement>> npm_requirements;
  std::optional<bool> default_requires_approval;
  std::optional<bool> enable_parallel_execution;

  static constexpr std::string_view type_name = "CreateTool";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "source_code", &CreateTool::source_code, "The code, with the tool as its function.")
        .required(),
      field(2, "source_type", &CreateTool::source_type,
            "python, typescript, javascript, or http: the source is a request."),
      field(3, "description", &CreateTool::description),
      field(4, "tags", &CreateTool::tags),
      field(5, "json_schema", &CreateTool::json_schema,
            "Name, description and parameters; absent: read from Python source."),
      field(6, "args_json_schema", &CreateTool::args_json_schema,
            "Of the arguments alone; the rest is read from the source."),
      field(7, "return_char_limit", &CreateTool::return_char_limit,
            "Characters of a result, 1 to 1000000."),
      field(8, "pip_requirements", &CreateTool::pip_requirements),
      field(9, "npm_requirements", &CreateTool::npm_requirements),
      field(10, "default_requires_approval", &CreateTool::default_requires_approval),
      field(11, "enable_parallel_execution", &CreateTool::enable_parallel_execution),
    };
  }
  static Status validate(const CreateTool& request);
  bool operator==(const CreateTool&) const = default;
};

// Makes a tool of each operation of an OpenAPI 3 document, or replaces the ones of the same names.
struct CreateToolsFromOpenapi {
  RawJson document;
  std::vector<std::string> operations;
  std::optional<std::string> server_url;
  std::optional<std::string> name_prefix;
  std::map<std::string, std::string> headers;
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> default_requires_approval;

  static constexpr std::string_view type_name = "CreateToolsFromOpenapi";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "document", &CreateToolsFromOpenapi::document, "An OpenAPI 3 document as JSON.")
        .required(),
      field(2, "operations", &CreateToolsFromOpenapi::operations,
            "Their operationIds, or the names that their tools have; empty: all."),
      field(3, "server_url", &CreateToolsFromOpenapi::server_url,
            "In place of the document's servers."),
      field(4, "name_prefix", &CreateToolsFromOpenapi::name_prefix,
            "In front of the names of the tools."),
      field(5, "headers", &CreateToolsFromOpenapi::headers,
            "Of every request, such as Authorization: Bearer ${TOKEN}; a variable is the agent's."),
      field(6, "tags", &CreateToolsFromOpenapi::tags),
      field(7, "default_requires_approval", &CreateToolsFromOpenapi::default_requires_approval),
    };
  }
  static Status validate(const CreateToolsFromOpenapi& request);
  bool operator==(const CreateToolsFromOpenapi&) const = default;
};

// What is absent or null stays.
struct ModifyTool {
  std::string tool_id;
  std::optional<std::string> source_code;
  std::optional<std::string> source_type;
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> tags;
  RawJson json_schema;
  RawJson args_json_schema;
  std::optional<std::int64_t> return_char_limit;
  std::optional<std::vector<PackageRequirement>> pip_requirements;
  std::optional<std::vector<PackageRequirement>> npm_requirements;
  RawJson metadata;
  std::optional<bool> default_requires_approval;
  std::optional<bool> enable_parallel_execution;

  static constexpr std::string_view type_name = "ModifyTool";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "tool_id", &ModifyTool::tool_id).from(In::path),
      field(2, "source_code", &ModifyTool::source_code),
      field(3, "source_type", &ModifyTool::source_type),
      field(4, "description", &ModifyTool::description),
      field(5, "tags", &ModifyTool::tags),
      field(6, "json_schema", &ModifyTool::json_schema),
      field(7, "args_json_schema", &ModifyTool::args_json_schema),
      field(8, "return_char_limit", &ModifyTool::return_char_limit),
      field(9, "pip_requirements", &ModifyTool::pip_requirements),
      field(10, "npm_requirements", &ModifyTool::npm_requirements),
      field(11, "metadata_", &ModifyTool::metadata),
      field(12, "default_requires_approval", &ModifyTool::default_requires_approval),
      field(13, "enable_parallel_execution", &ModifyTool::enable_parallel_execution),
    };
  }
  static Status validate(const ModifyTool& request);
  bool operator==(const ModifyTool&) const = default;
};

struct DeleteTool {
  std::string tool_id;

  static constexpr std::string_view type_name = "DeleteTool";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{field(1, "tool_id", &DeleteTool::tool_id).from(In::path)};
  }
  bool operator==(const DeleteTool&) const = default;
};

// What a model would be told about the last function of the source.
struct GenerateToolSchema {
  std::string code;
  std::optional<std::string> source_type;

  static constexpr std::string_view type_name = "GenerateToolSchema";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "code", &GenerateToolSchema::code).required(),
      field(2, "source_type", &GenerateToolSchema::source_type),
    };
  }
  bool operator==(const GenerateToolSchema&) const = default;
};

// Runs a function that is no tool yet.
struct RunToolSource {
  std::string source_code;
  RawJson args;
  std::map<std::string, std::string> env_vars;
  std::optional<std::string> name;  // absent: that of the schema, or of the last function
  std::optional<std::string> source_type;
  RawJson args_json_schema;
  RawJson json_schema;
  std::optional<std::vector<PackageRequirement>> pip_requirements;
  std::optional<std::vector<PackageRequirement>> npm_requirements;

  static constexpr std::string_view type_name = "RunToolSource";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "source_code", &RunToolSource::source_code).required(),
      field(2, "args", &RunToolSource::args, "By name.").required(),
      field(3, "env_vars", &RunToolSource::env_vars),
      field(4, "name", &RunToolSource::name),
      field(5, "source_type", &RunToolSource::source_type),
      field(6, "args_json_schema", &RunToolSource::args_json_schema),
      field(7, "json_schema", &RunToolSource::json_schema),
      field(8, "pip_requirements", &RunToolSource::pip_requirements),
      field(9, "npm_requirements", &RunToolSource::npm_requirements),
    };
  }
  static Status validate(const RunToolSource& request);
  bool operator==(const RunToolSource&) const = default;
};

// Runs a tool that the agent has as the agent would, without a turn.
struct RunAgentTool {
  std::string agent_id;
  std::string tool_name;
  RawJson args;

  static constexpr std::string_view type_name = "RunAgentTool";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &RunAgentTool::agent_id).from(In::path),
      field(2, "tool_name", &RunAgentTool::tool_name).from(In::path),
      field(3, "args", &RunAgentTool::args, "By name."),
    };
  }
  static Status validate(const RunAgentTool& request);
  bool operator==(const RunAgentTool&) const = default;
};

// The tools that fit best to a text.
struct SearchTools {
  std::optional<std::string> query;
  std::string search_mode = "hybrid";
  std::optional<std::vector<std::string>> tool_types;
  std::optional<std::vector<std::string>> tags;
  std::int64_t limit = 50;

  static constexpr std::string_view type_name = "SearchTools";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "query", &SearchTools::query),
      field(2, "search_mode", &SearchTools::search_mode, "vector, fts or hybrid."),
      field(3, "tool_types", &SearchTools::tool_types),
      field(4, "tags", &SearchTools::tags),
      field(5, "limit", &SearchTools::limit, "1 to 100."),
    };
  }
  static Status validate(const SearchTools& request);
  bool operator==(const SearchTools&) const = default;
};

struct AddBaseTools {
  static constexpr std::string_view type_name = "AddBaseTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const AddBaseTools&) const = default;
};

struct ListChatModels {
  std::vector<std::string> provider_category;
  std::optional<std::string> provider_name;
  std::optional<std::string> provider_type;

  static constexpr std::string_view type_name = "ListChatModels";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "provider_category", &ListChatModels::provider_category).from(In::query),
      field(2, "provider_name", &ListChatModels::provider_name).from(In::query),
      field(3, "provider_type", &ListChatModels::provider_type).from(In::query),
    };
  }
  bool operator==(const ListChatModels&) const = default;
};

struct ListEmbeddingModels {
  static constexpr std::string_view type_name = "ListEmbeddingModels";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() { return std::tuple{}; }
  bool operator==(const ListEmbeddingModels&) const = default;
};

// Writes a backup of all that is stored into a new directory, while the server runs.
struct CreateBackup {
  std::string path;

  static constexpr std::string_view type_name = "CreateBackup";
  static constexpr Owner owner = Owner::scanner;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "path", &CreateBackup::path, "A directory that is not there yet.").required(),
    };
  }
  bool operator==(const CreateBackup&) const = default;
};

}  // namespace reverie
