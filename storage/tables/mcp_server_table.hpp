#pragma once

#include "storage/records/mcp_server.hpp"
#include "storage/table.hpp"

#include <string>

namespace reverie {

// mcp_servers: the global home | org_id | server_id -> McpServer
struct McpServerTable {
  static constexpr std::string_view family = "mcp_servers";

  struct Key {
    std::string org_id;
    std::string server_id;
    auto parts() { return std::tie(org_id, server_id); }
    auto parts() const { return std::tie(org_id, server_id); }
    Result<Home> home() const { return Home::global; }
  };
  using Value = McpServer;

  // What its secrets are bound to (SecretBox).
  static std::string place(const std::string& server_id) {
    return std::string(family) + '/' + server_id;
  }
};

// mcp_server_names: the global home | org_id | name -> McpServerName. One row for each server,
// written with it.
struct McpServerNameTable {
  static constexpr std::string_view family = "mcp_server_names";

  struct Key {
    std::string org_id;
    std::string name;
    auto parts() { return std::tie(org_id, name); }
    auto parts() const { return std::tie(org_id, name); }
    Result<Home> home() const { return Home::global; }
  };
  using Value = McpServerName;
};

// mcp_tools: the global home | server_id | what the server calls the tool -> McpToolRow. One row
// for each tool of type external_mcp, written with it.
struct McpToolTable {
  static constexpr std::string_view family = "mcp_tools";

  struct Key {
    std::string server_id;
    std::string tool_name;
    auto parts() { return std::tie(server_id, tool_name); }
    auto parts() const { return std::tie(server_id, tool_name); }
    Result<Home> home() const { return Home::global; }
  };
  using Value = McpToolRow;
};

// Compiled once, in storage/tables.cpp.
extern template std::string encode(const McpServer&);
extern template Result<McpServer> decode(std::string_view);
extern template std::string encode(const McpServerName&);
extern template Result<McpServerName> decode(std::string_view);
extern template std::string encode(const McpToolRow&);
extern template Result<McpToolRow> decode(std::string_view);

}  // namespace reverie
