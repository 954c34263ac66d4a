// The rules of stored MCP servers: what a request makes of a record, where its server is, and how
// the API shows it. Without actors.

#pragma once

#include "config/error.hpp"
#include "runtime/mcp/mcp_transport.hpp"
#include "runtime/requests/mcp.hpp"
#include "runtime/tools/custom_tool.hpp"
#include "storage/records/mcp_server.hpp"
#include "storage/secret_box.hpp"
#include "storage/table.hpp"

#include <map>
#include <string>
#include <vector>

namespace reverie {

// What of a server is encrypted on the disk.
struct McpSecrets {
  std::string auth_token;
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> env;

  static constexpr std::string_view type_name = "McpSecrets";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "auth_token", &McpSecrets::auth_token),
      field(2, "headers", &McpSecrets::headers),
      field(3, "env", &McpSecrets::env),
    };
  }
  bool operator==(const McpSecrets&) const = default;
};

// In the place of each of their values in what the API shows. In a request it means the value that
// is stored already.
constexpr std::string_view hidden_secret = "[secret]";

// Puts what the request says over what is there. Errors: bad_request: it is no such server, or
// stdio is switched off.
Status configure_mcp_server(McpServer& server, McpSecrets& secrets, const std::string& name,
                            const McpServerConfig& config, const McpSettings& settings);

// Errors: unavailable: there is no box, and there are secrets.
Status seal_mcp_secrets(McpServer& server, const McpSecrets& secrets, const SecretBox* box);
// Errors: unavailable, corruption.
Result<McpSecrets> open_mcp_secrets(const McpServer& server, const SecretBox* box);

// `variables`: of the headers and of the environment. Without `is_call`, what names a variable that
// is not there is left out; else that is an error: invalid_argument, in words for the model.
Result<McpEndpoint> mcp_endpoint(const McpServer& server, const McpSecrets& secrets,
                                 const std::map<std::string, std::string>& variables, bool is_call);

// The API's StreamableHTTPMCPServer, SSEMCPServer or StdioMCPServer; and the server configs of the
// older routes.
void append_mcp_server(std::string& out, const McpServer& server, const McpSecrets& secrets);
void append_mcp_config(std::string& out, const McpServer& server, const McpSecrets& secrets);

// By its id or its name. Errors: not_found, corruption, unavailable.
Result<Stored<McpServer>> find_mcp_server(const Store& store, const std::string& org_id,
                                          const std::string& id_or_name);
// In the order of their making. Errors: corruption, unavailable.
Result<std::vector<McpServer>> all_mcp_servers(const Store& store, const std::string& org_id);
// All of them in the form of the older routes, by name: an object; or, without names, an array.
Result<std::string> mcp_configs_json(const Store& store, const SecretBox* box,
                                     const std::string& org_id, bool by_name);
// The ids of the server's tools, by what the server calls them. Errors: corruption, unavailable.
Result<std::map<std::string, std::string>> mcp_tool_ids(const Store& store,
                                                        const std::string& server_id);

}  // namespace reverie
