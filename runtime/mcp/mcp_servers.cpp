#include "runtime/mcp/mcp_servers.hpp"

#include "config/json_writer.hpp"
#include "runtime/agents/agent_secrets.hpp"
#include "runtime/mcp/mcp_variables.hpp"
#include "runtime/text.hpp"
#include "runtime/web/web_url.hpp"
#include "storage/tables/mcp_server_table.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t server_name_max = 256;  // characters
constexpr std::size_t entries_max = 100;       // headers, arguments or variables
constexpr std::size_t entry_bytes_max = 16 * 1024;
constexpr std::string_view stdio = "stdio";

Error refused_server(std::string message, const char* where) {
  return {Errc::bad_request, "INVALID_ARGUMENT: " + std::move(message), where};
}

using Texts = std::map<std::string, std::string>;

bool is_header_name(std::string_view name) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";  // RFC 9110
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
    return std::isalnum(c) || others.find(static_cast<char>(c)) != others.npos;
  });
}

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

Status check_header(const std::string& name, const std::string& value, const char* where) {
  if (!is_header_name(name)) return refused_server("'" + name + "' is no name of a header", where);
  if (has_control_character(value))
    return refused_server("the header '" + name + "' holds a control character", where);
  return {};
}

Status check_size(const Texts& texts, const char* where) {
  if (texts.size() > entries_max)
    return refused_server("more than " + std::to_string(entries_max) + " entries", where);
  for (const auto& [name, value] : texts)
    if (name.size() + value.size() > entry_bytes_max)
      return refused_server("'" + name + "' is too long", where);
  return {};
}

// The new values, with those in place of which the API shows "[secret]".
Texts with_hidden(const Texts& given, const Texts& before) {
  Texts out;
  for (const auto& [name, value] : given) {
    const auto stored = before.find(name);
    const bool is_kept = value == hidden_secret && stored != before.end();
    out.emplace(name, is_kept ? stored->second : value);
  }
  return out;
}

std::string type_of(const McpServer& server, const McpServerConfig& config) {
  if (!config.type.empty()) return config.type;
  if (!server.type.empty()) return server.type;
  return config.command ? std::string(stdio) : "streamable_http";
}

Status configure_stdio(McpServer& server, McpSecrets& secrets, const McpServerConfig& config,
                       const McpSettings& settings) {
  if (settings.disable_stdio)
    return refused_server(
      "MCP servers over stdio are switched off on this server (mcp.disable_stdio, "
      "MCP_DISABLE_STDIO)",
      "body.config.mcp_server_type");
  if (config.command) server.command = *config.command;
  if (config.args) server.args = *config.args;
  if (config.env) secrets.env = with_hidden(*config.env, secrets.env);
  std::size_t bytes = server.command.size();
  bool has_zero = server.command.find('\0') != std::string::npos;
  for (const std::string& arg : server.args) {
    bytes += arg.size();
    has_zero |= arg.find('\0') != std::string::npos;
  }
  if (server.command.empty() || has_zero || bytes > entry_bytes_max
      || server.args.size() > entries_max)
    return refused_server("expected a command and its arguments", "body.config.command");
  if (server.command.starts_with('-'))
    return refused_server("a command does not begin with -", "body.config.command");
  REVERIE_CHECK(check_size(secrets.env, "body.config.env"));
  if (auto fine = check_secret_names(secrets.env, "body.config.env"); !fine)
    return refused_server(fine.error().message, "body.config.env");
  server.url.clear();
  server.auth_header.reset();
  secrets.auth_token.clear();
  secrets.headers.clear();
  return {};
}

Status configure_http(McpServer& server, McpSecrets& secrets, const McpServerConfig& config) {
  const auto before = parse_web_url(server.url);
  if (config.url) server.url = *config.url;
  const auto url = parse_web_url(server.url);
  if (!url)
    return refused_server("'" + server.url + "' is no URL of http or https",
                          "body.config.server_url");
  // What was given to one host is not sent to another because the address was changed.
  if (before
      && (before->scheme != url->scheme || before->host != url->host || before->port != url->port))
    secrets = {};
  if (config.auth_header) server.auth_header = *config.auth_header;
  if (config.auth_token && *config.auth_token != hidden_secret)
    secrets.auth_token = *config.auth_token;
  if (config.custom_headers) secrets.headers = with_hidden(*config.custom_headers, secrets.headers);
  if (server.auth_header && server.auth_header->empty()) server.auth_header.reset();
  if (server.auth_header)
    REVERIE_CHECK(check_header(*server.auth_header, secrets.auth_token, "body.config.auth_header"));
  REVERIE_CHECK(check_header("Authorization", secrets.auth_token, "body.config.auth_token"));
  REVERIE_CHECK(check_size(secrets.headers, "body.config.custom_headers"));
  REVERIE_CHECK(check_size({{"token", secrets.auth_token}}, "body.config.auth_token"));
  for (const auto& [name, value] : secrets.headers)
    REVERIE_CHECK(check_header(name, value, "body.config.custom_headers"));
  server.command.clear();
  server.args.clear();
  secrets.env.clear();
  return {};
}

// A token for the header Authorization says what kind it is; alone it is a bearer's.
std::string header_value(std::string_view name, const std::string& token) {
  const bool is_bare = token.find(' ') == std::string::npos;
  return is_bare && lower_ascii(name) == "authorization" ? "Bearer " + token : token;
}

std::optional<std::string> shown_token(const McpSecrets& secrets) {
  if (secrets.auth_token.empty()) return std::nullopt;
  return std::string(hidden_secret);
}

std::optional<Texts> shown(const Texts& texts) {
  if (texts.empty()) return std::nullopt;
  Texts out;
  for (const auto& [name, value] : texts) out.emplace(name, hidden_secret);
  return out;
}

void append_connection(JsonObjectWriter& json, const McpServer& server, const McpSecrets& secrets) {
  if (server.type == stdio) {
    json.add("command", server.command).add("args", server.args).add("env", shown(secrets.env));
    return;
  }
  json.add("server_url", server.url)
    .add("auth_header", server.auth_header)
    .add("auth_token", shown_token(secrets))
    .add("custom_headers", shown(secrets.headers));
}

// Fills in the variables. Of what names one that is not there: nothing, or an error.
Status add_filled(const std::string& text, const Texts& variables, bool is_call,
                  const std::function<void(std::string)>& add) {
  auto filled = with_variables(text, variables);
  if (filled)
    add(*std::move(filled));
  else if (is_call)
    return std::move(filled).error();
  return {};
}

}  // namespace

Status configure_mcp_server(McpServer& server, McpSecrets& secrets, const std::string& name,
                            const McpServerConfig& config, const McpSettings& settings) {
  if (is_blank(name) || count_characters(name) > server_name_max || has_control_character(name))
    return refused_server("the name of a server is 1 to 256 characters", "body.server_name");
  server.name = name;
  server.type = type_of(server, config);
  if (server.type == stdio) return configure_stdio(server, secrets, config, settings);
  if (server.type == "sse" || server.type == "streamable_http")
    return configure_http(server, secrets, config);
  return refused_server("expected stdio, sse or streamable_http, got '" + server.type + "'",
                        "body.config.mcp_server_type");
}

Status seal_mcp_secrets(McpServer& server, const McpSecrets& secrets, const SecretBox* box) {
  server.sealed.clear();
  if (secrets == McpSecrets{}) return {};
  if (!box) return Error{Errc::unavailable, "no secrets are stored here", "mcp_servers"};
  server.sealed = box->seal(McpServerTable::place(server.id), encode(secrets));
  return {};
}

Result<McpSecrets> open_mcp_secrets(const McpServer& server, const SecretBox* box) {
  if (server.sealed.empty()) return McpSecrets{};
  if (!box) return Error{Errc::unavailable, "no secrets are stored here", "mcp_servers"};
  REVERIE_TRY(const std::string opened, box->open(McpServerTable::place(server.id), server.sealed));
  return decode<McpSecrets>(opened);
}

Result<McpEndpoint> mcp_endpoint(const McpServer& server, const McpSecrets& secrets,
                                 const Texts& variables, bool is_call) {
  McpEndpoint endpoint;
  endpoint.org_id = server.org_id;
  endpoint.server_id = server.id;
  if (server.type == stdio) {
    endpoint.kind = McpTransportKind::stdio;
    endpoint.command = server.command;
    endpoint.args = server.args;
    for (const auto& [name, value] : secrets.env)
      REVERIE_CHECK(add_filled(value, variables, is_call, [&](std::string filled) {
        endpoint.env.emplace(name, std::move(filled));
      }));
    return endpoint;
  }
  endpoint.kind = server.type == "sse" ? McpTransportKind::sse : McpTransportKind::streamable_http;
  endpoint.url = server.url;
  for (const auto& [name, value] : secrets.headers)
    REVERIE_CHECK(add_filled(value, variables, is_call, [&](std::string filled) {
      endpoint.headers.push_back({name, std::move(filled)});
    }));
  if (secrets.auth_token.empty()) return endpoint;
  const std::string header = server.auth_header.value_or("Authorization");
  REVERIE_CHECK(add_filled(secrets.auth_token, variables, is_call, [&](const std::string& filled) {
    endpoint.headers.push_back({header, header_value(header, filled)});
  }));
  return endpoint;
}

void append_mcp_server(std::string& out, const McpServer& server, const McpSecrets& secrets) {
  JsonObjectWriter json{out};
  json.add("id", server.id).add("server_name", server.name).add("mcp_server_type", server.type);
  append_connection(json, server, secrets);
}

void append_mcp_config(std::string& out, const McpServer& server, const McpSecrets& secrets) {
  JsonObjectWriter json{out};
  json.add("server_name", server.name).add("type", server.type);
  append_connection(json, server, secrets);
}

Result<Stored<McpServer>> find_mcp_server(const Store& store, const std::string& org_id,
                                          const std::string& id_or_name) {
  const Table<McpServerTable> servers{store};
  auto found = servers.get({org_id, id_or_name});
  if (found || found.error().code != Errc::not_found) return found;
  auto named = Table<McpServerNameTable>{store}.get({org_id, id_or_name});
  if (named) return servers.get({org_id, named->value.server_id});
  if (named.error().code != Errc::not_found) return std::move(named).error();
  return Error{Errc::not_found, "MCP server '" + id_or_name + "' not found", ""};
}

Result<std::vector<McpServer>> all_mcp_servers(const Store& store, const std::string& org_id) {
  std::vector<McpServer> servers;
  const Page<McpServerTable::Key> all{std::nullopt, Order::ascending,
                                      std::numeric_limits<std::size_t>::max()};
  REVERIE_CHECK(Table<McpServerTable>{store}.scan_page(
    Home::global, key_bytes(org_id), all, [&](const McpServerTable::Key&, McpServer&& server) {
      servers.push_back(std::move(server));
      return true;
    }));
  std::sort(servers.begin(), servers.end(), [](const McpServer& a, const McpServer& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return servers;
}

Result<std::string> mcp_configs_json(const Store& store, const SecretBox* box,
                                     const std::string& org_id, bool by_name) {
  REVERIE_TRY(const auto servers, all_mcp_servers(store, org_id));
  std::string out(1, by_name ? '{' : '[');
  for (const McpServer& server : servers) {
    REVERIE_TRY(const McpSecrets secrets, open_mcp_secrets(server, box));
    if (out.size() > 1) out += ',';
    if (by_name) {
      append_json_string(out, server.name);
      out += ':';
    }
    append_mcp_config(out, server, secrets);
  }
  return out += by_name ? '}' : ']';
}

Result<Texts> mcp_tool_ids(const Store& store, const std::string& server_id) {
  Texts ids;
  const Page<McpToolTable::Key> all{std::nullopt, Order::ascending,
                                    std::numeric_limits<std::size_t>::max()};
  REVERIE_CHECK(Table<McpToolTable>{store}.scan_page(
    Home::global, key_bytes(server_id), all, [&](const McpToolTable::Key& key, McpToolRow&& row) {
      ids.emplace(key.tool_name, std::move(row.tool_id));
      return true;
    }));
  return ids;
}

}  // namespace reverie
