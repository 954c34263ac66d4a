// Requests on MCP servers: where they are, and the tools that they have. A server is named by its
// id or by its name.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What is absent or null stays as it is when a server is changed.
struct McpServerConfig {
  std::string type;  // stdio, sse, streamable_http; empty: told by what else is there
  std::optional<std::string> url;
  std::optional<std::string> auth_header;
  std::optional<std::string> auth_token;
  std::optional<std::map<std::string, std::string>> custom_headers;
  std::optional<std::string> command;
  std::optional<std::vector<std::string>> args;
  std::optional<std::map<std::string, std::string>> env;

  static constexpr std::string_view type_name = "McpServerConfig";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_type", &McpServerConfig::type, "stdio, sse or streamable_http."),
      field(2, "server_url", &McpServerConfig::url),
      field(3, "auth_header", &McpServerConfig::auth_header, "The header of the token."),
      field(4, "auth_token", &McpServerConfig::auth_token),
      field(5, "custom_headers", &McpServerConfig::custom_headers),
      field(6, "command", &McpServerConfig::command),
      field(7, "args", &McpServerConfig::args),
      field(8, "env", &McpServerConfig::env),
    };
  }
  bool operator==(const McpServerConfig&) const = default;
};

struct ListMcpServers {
  bool is_older = false;  // as the older routes show them: by name

  static constexpr std::string_view type_name = "ListMcpServers";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{field(1, "is_older", &ListMcpServers::is_older).from(In::server)};
  }
  bool operator==(const ListMcpServers&) const = default;
};

struct RetrieveMcpServer {
  std::string server;

  static constexpr std::string_view type_name = "RetrieveMcpServer";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{field(1, "mcp_server_id", &RetrieveMcpServer::server).from(In::path)};
  }
  bool operator==(const RetrieveMcpServer&) const = default;
};

// Those that are stored; the server is not asked.
struct ListMcpServerTools {
  std::string server;

  static constexpr std::string_view type_name = "ListMcpServerTools";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{field(1, "mcp_server_id", &ListMcpServerTools::server).from(In::path)};
  }
  bool operator==(const ListMcpServerTools&) const = default;
};

struct RetrieveMcpTool {
  std::string server;
  std::string tool_id;

  static constexpr std::string_view type_name = "RetrieveMcpTool";
  static constexpr Owner owner = Owner::reader;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_id", &RetrieveMcpTool::server).from(In::path),
      field(2, "tool_id", &RetrieveMcpTool::tool_id).from(In::path),
    };
  }
  bool operator==(const RetrieveMcpTool&) const = default;
};

struct CreateMcpServer {
  std::string name;
  McpServerConfig config;
  bool is_older = false;  // replaces one of the same name; answers with all

  static constexpr std::string_view type_name = "CreateMcpServer";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "server_name", &CreateMcpServer::name).required(),
      field(2, "config", &CreateMcpServer::config).required(),
      field(3, "is_older", &CreateMcpServer::is_older).from(In::server),
    };
  }
  bool operator==(const CreateMcpServer&) const = default;
};

struct ModifyMcpServer {
  std::string server;
  std::optional<std::string> name;
  McpServerConfig config;
  bool is_older = false;

  static constexpr std::string_view type_name = "ModifyMcpServer";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_id", &ModifyMcpServer::server).from(In::path),
      field(2, "server_name", &ModifyMcpServer::name),
      field(3, "config", &ModifyMcpServer::config).required(),
      field(4, "is_older", &ModifyMcpServer::is_older).from(In::server),
    };
  }
  bool operator==(const ModifyMcpServer&) const = default;
};

// With its tools.
struct DeleteMcpServer {
  std::string server;
  bool is_older = false;  // answers with those that are left

  static constexpr std::string_view type_name = "DeleteMcpServer";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_id", &DeleteMcpServer::server).from(In::path),
      field(2, "is_older", &DeleteMcpServer::is_older).from(In::server),
    };
  }
  bool operator==(const DeleteMcpServer&) const = default;
};

// Makes the stored tools what the server lists.
struct RefreshMcpServer {
  std::string server;
  std::optional<std::string> agent_id;  // whose secrets are the variables of the headers

  static constexpr std::string_view type_name = "RefreshMcpServer";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_id", &RefreshMcpServer::server).from(In::path),
      field(2, "agent_id", &RefreshMcpServer::agent_id,
            "The agent whose secrets are the variables of the headers.")
        .from(In::query),
    };
  }
  bool operator==(const RefreshMcpServer&) const = default;
};

struct RunMcpTool {
  std::string server;
  std::string tool;  // its id or, of the older routes, what the server calls it
  RawJson args;
  bool is_older = false;

  static constexpr std::string_view type_name = "RunMcpTool";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_id", &RunMcpTool::server).from(In::path),
      field(2, "tool_id", &RunMcpTool::tool).from(In::path),
      field(3, "args", &RunMcpTool::args, "By name."),
      field(4, "is_older", &RunMcpTool::is_older).from(In::server),
    };
  }
  static Status validate(const RunMcpTool& request);
  bool operator==(const RunMcpTool&) const = default;
};

// The tool of this name, from the server's list, as a tool of the organisation.
struct AddMcpTool {
  std::string server;
  std::string tool_name;  // the server's

  static constexpr std::string_view type_name = "AddMcpTool";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_name", &AddMcpTool::server).from(In::path),
      field(2, "mcp_tool_name", &AddMcpTool::tool_name).from(In::path),
    };
  }
  bool operator==(const AddMcpTool&) const = default;
};

// What a server lists now, stored or not. Nothing is changed.
struct ProbeMcpServer {
  std::string server;                     // empty: the one of `config`
  std::optional<McpServerConfig> config;  // of no stored server

  static constexpr std::string_view type_name = "ProbeMcpServer";
  static constexpr Owner owner = Owner::tools;
  static constexpr auto fields() {
    return std::tuple{
      field(1, "server", &ProbeMcpServer::server).from(In::server),
      field(2, "config", &ProbeMcpServer::config).from(In::server),
    };
  }
  bool operator==(const ProbeMcpServer&) const = default;
};

}  // namespace reverie
