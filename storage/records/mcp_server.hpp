#pragma once

#include "config/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A server of the Model Context Protocol, whose tools become tools of the organisation.
struct McpServer {
  std::string id;  // "mcp_server-<uuid>"
  std::string org_id;
  std::string name;  // of its organisation's servers no other has it
  std::string type;  // stdio, sse, streamable_http
  std::string url;   // empty: stdio
  std::optional<std::string> auth_header;
  std::string sealed;  // McpSecrets, by SecretBox; empty: there are none
  std::string command;
  std::vector<std::string> args;
  std::optional<std::string> created_by_id;
  std::optional<std::string> last_updated_by_id;
  Timestamp created_at;
  Timestamp updated_at;

  static constexpr std::string_view type_name = "McpServer";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "id", &McpServer::id),
      field(2, "org_id", &McpServer::org_id),
      field(3, "name", &McpServer::name),
      field(4, "type", &McpServer::type),
      field(5, "url", &McpServer::url),
      field(6, "auth_header", &McpServer::auth_header),
      field(7, "sealed", &McpServer::sealed),
      field(8, "command", &McpServer::command),
      field(9, "args", &McpServer::args),
      field(10, "created_by_id", &McpServer::created_by_id),
      field(11, "last_updated_by_id", &McpServer::last_updated_by_id),
      field(12, "created_at", &McpServer::created_at),
      field(13, "updated_at", &McpServer::updated_at),
    };
  }
  bool operator==(const McpServer&) const = default;
};

// Which server of an organisation has a name.
struct McpServerName {
  std::string server_id;

  static constexpr std::string_view type_name = "McpServerName";
  static constexpr auto fields() {
    return std::tuple{field(1, "server_id", &McpServerName::server_id)};
  }
  bool operator==(const McpServerName&) const = default;
};

// Which tool of the organisation is a server's.
struct McpToolRow {
  std::string tool_id;

  static constexpr std::string_view type_name = "McpToolRow";
  static constexpr auto fields() { return std::tuple{field(1, "tool_id", &McpToolRow::tool_id)}; }
  bool operator==(const McpToolRow&) const = default;
};

}  // namespace reverie
