// /v1/mcp-servers, and the older routes below /v1/tools/mcp, which know a server by its name.

#include "actors/ask.hpp"
#include "actors/errors.hpp"
#include "config/json_writer.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"
#include "net/sse.hpp"

namespace reverie {

namespace {

// To who makes and changes the tools of the organisation.
template <Record R>
void pass_to_servers(Call<R> call) {
  std::string org_id = call.identity().org_id;
  forward(call, std::move(org_id), call.take_request());
}

// 204, as the contract has it.
void delete_mcp_server(Call<DeleteMcpServer> call) {
  Routed routed{call.identity().org_id, call.identity().org_id, call.identity().user_id,
                call.take_request()};
  ask(&call.bridge(), call.services().router, std::move(routed))
    .then(
      [call](const Answer&) {
        call.reply(HttpResponse{204, ""});
      },
      [call](const caf::error& error) { call.fail(from_caf(error)); });
}

// A server as the older routes are told about it.
struct OlderMcpServer {
  std::string name;
  std::optional<std::string> type;
  std::optional<std::string> url;
  std::optional<std::string> auth_header;
  std::optional<std::string> auth_token;
  std::optional<std::map<std::string, std::string>> custom_headers;
  std::optional<std::string> command;
  std::optional<std::vector<std::string>> args;
  std::optional<std::map<std::string, std::string>> env;

  static constexpr std::string_view type_name = "OlderMcpServer";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "server_name", &OlderMcpServer::name).required(),
      field(2, "type", &OlderMcpServer::type),
      field(3, "server_url", &OlderMcpServer::url),
      field(4, "auth_header", &OlderMcpServer::auth_header),
      field(5, "auth_token", &OlderMcpServer::auth_token),
      field(6, "custom_headers", &OlderMcpServer::custom_headers),
      field(7, "command", &OlderMcpServer::command),
      field(8, "args", &OlderMcpServer::args),
      field(9, "env", &OlderMcpServer::env),
    };
  }
};

// The same without a name of its own, since a path has it.
struct OlderMcpUpdate {
  std::string server;
  std::optional<std::string> name;
  std::optional<std::string> url;
  std::optional<std::string> auth_header;
  std::optional<std::string> auth_token;
  std::optional<std::string> token;
  std::optional<std::map<std::string, std::string>> custom_headers;
  std::optional<OlderMcpServer> stdio;

  static constexpr std::string_view type_name = "OlderMcpUpdate";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_name", &OlderMcpUpdate::server).from(In::path),
      field(2, "server_name", &OlderMcpUpdate::name),
      field(3, "server_url", &OlderMcpUpdate::url),
      field(4, "auth_header", &OlderMcpUpdate::auth_header),
      field(5, "auth_token", &OlderMcpUpdate::auth_token),
      field(6, "token", &OlderMcpUpdate::token),
      field(7, "custom_headers", &OlderMcpUpdate::custom_headers),
      field(8, "stdio_config", &OlderMcpUpdate::stdio),
    };
  }
};

struct NamedMcpServer {
  std::string server;
  std::optional<std::string> agent_id;

  static constexpr std::string_view type_name = "NamedMcpServer";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_name", &NamedMcpServer::server).from(In::path),
      field(2, "agent_id", &NamedMcpServer::agent_id).from(In::query),
    };
  }
};

struct NamedMcpTool {
  std::string server;
  std::string tool_name;
  RawJson args;

  static constexpr std::string_view type_name = "NamedMcpTool";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "mcp_server_name", &NamedMcpTool::server).from(In::path),
      field(2, "tool_name", &NamedMcpTool::tool_name).from(In::path),
      field(3, "args", &NamedMcpTool::args, "By name."),
    };
  }
  static Status validate(const NamedMcpTool& request) {
    return RunMcpTool::validate({request.server, request.tool_name, request.args, true});
  }
};

struct NoInput {
  static constexpr std::string_view type_name = "NoInput";
  static constexpr auto fields() { return std::tuple{}; }
};

McpServerConfig config_of(OlderMcpServer given) {
  return {given.type.value_or(""),         std::move(given.url),
          std::move(given.auth_header),    std::move(given.auth_token),
          std::move(given.custom_headers), std::move(given.command),
          std::move(given.args),           std::move(given.env)};
}

void to_servers(const CallBase& call, Request request) {
  forward(call, call.identity().org_id, std::move(request));
}

void list_older(Call<NoInput> call) {
  forward(call, "", ListMcpServers{true});
}

void add_older(Call<OlderMcpServer> call) {
  OlderMcpServer given = call.take_request();
  std::string name = given.name;
  to_servers(call, CreateMcpServer{std::move(name), config_of(std::move(given)), true});
}

void update_older(Call<OlderMcpUpdate> call) {
  OlderMcpUpdate given = call.take_request();
  ModifyMcpServer request;
  request.server = std::move(given.server);
  request.name = std::move(given.name);
  request.is_older = true;
  if (given.stdio) {
    request.config = config_of(*std::move(given.stdio));
  } else {
    request.config.url = std::move(given.url);
    request.config.auth_header = std::move(given.auth_header);
    request.config.auth_token = given.auth_token ? std::move(given.auth_token) : given.token;
    request.config.custom_headers = std::move(given.custom_headers);
  }
  to_servers(call, std::move(request));
}

void delete_older(Call<NamedMcpServer> call) {
  to_servers(call, DeleteMcpServer{call.request().server, true});
}

void resync_older(Call<NamedMcpServer> call) {
  to_servers(call, RefreshMcpServer{call.request().server, call.request().agent_id});
}

void list_tools_older(Call<NamedMcpServer> call) {
  to_servers(call, ProbeMcpServer{call.request().server, std::nullopt});
}

void execute_older(Call<NamedMcpTool> call) {
  NamedMcpTool given = call.take_request();
  to_servers(call, RunMcpTool{std::move(given.server), std::move(given.tool_name),
                              std::move(given.args), true});
}

void test_older(Call<OlderMcpServer> call) {
  to_servers(call, ProbeMcpServer{"", config_of(call.take_request())});
}

std::string attempt_event(std::string_view event, std::string_view name, std::string_view json) {
  std::string text;
  {
    JsonObjectWriter object{text};
    object.add("event", event);
    if (!name.empty()) object.add_json(name, json);
  }
  return sse_event(text);
}

std::string text_json(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

// What becomes of an attempt to reach a server, as it happens. Ends by itself: a list has its time.
void tell_attempt(const CallBase& call, ProbeMcpServer probe) {
  const std::shared_ptr<EventStream> stream = call.stream();
  stream->send(attempt_event("connection_attempt", "", ""));
  Routed routed{call.identity().org_id, call.identity().org_id, call.identity().user_id,
                std::move(probe)};
  ask(&call.bridge(), call.services().router, std::move(routed))
    .then(
      [stream](const Answer& answer) {
        // Of one that is not stored: {"status", "tools"}.
        const Json json = Json::parse(answer.json, nullptr, false);
        const Json tools = json.is_object() ? json.value("tools", Json::array()) : json;
        stream->send(attempt_event("success", "tools", tools.dump()));
        stream->close();
      },
      [stream](const caf::error& error) {
        stream->send(attempt_event("error", "message", text_json(from_caf(error).message)));
        stream->close();
      });
}

struct ConnectMcpServer {
  std::string server;

  static constexpr std::string_view type_name = "ConnectMcpServer";
  static constexpr auto fields() {
    return std::tuple{field(1, "mcp_server_id", &ConnectMcpServer::server).from(In::path)};
  }
};

void connect_mcp_server(Call<ConnectMcpServer> call) {
  tell_attempt(call, {call.request().server, std::nullopt});
}

void connect_older(Call<OlderMcpServer> call) {
  tell_attempt(call, {"", config_of(call.take_request())});
}

Json any_mcp_server(Json& components) {
  Json one_of = Json::array();
  for (const char* name : {"StdioMCPServer", "SSEMCPServer", "StreamableHTTPMCPServer"}) {
    components[name] = {{"type", "object"}, {"title", name}};
    one_of.push_back({{"$ref", "#/components/schemas/" + std::string(name)}});
  }
  return {{"anyOf", std::move(one_of)}};
}

Json any_mcp_servers(Json& components) {
  return {{"type", "array"}, {"items", any_mcp_server(components)}};
}

Json mcp_config(Json& components, std::initializer_list<const char*> names) {
  Json one_of = Json::array();
  for (const char* name : names) {
    components[name] = {{"type", "object"}, {"title", name}};
    one_of.push_back({{"$ref", "#/components/schemas/" + std::string(name)}});
  }
  return {{"anyOf", std::move(one_of)}};
}

Json any_mcp_config(Json& components) {
  return mcp_config(components,
                    {"StdioServerConfig", "SSEServerConfig", "StreamableHTTPServerConfig"});
}

Json any_mcp_configs(Json& components) {
  return {{"type", "array"}, {"items", any_mcp_config(components)}};
}

Json named_mcp_configs(Json& components) {
  return {{"type", "object"},
          {"additionalProperties", mcp_config(components, {"SSEServerConfig", "StdioServerConfig",
                                                           "StreamableHTTPServerConfig"})}};
}

Json anything(Json&) {
  return Json::object();
}

Route without_content(Route route) {
  route.response = nullptr;
  route.status = 204;
  return route;
}

}  // namespace

RouteTable mcp_server_routes() {
  const char* const tag = "mcp-servers";
  return {
    route(Method::get, "/v1/mcp-servers/", "mcp_list_mcp_servers", tag, any_mcp_servers,
          pass_on<ListMcpServers>),
    route(Method::post, "/v1/mcp-servers/", "mcp_create_mcp_server", tag, any_mcp_server,
          pass_to_servers<CreateMcpServer>),
    route(Method::get, "/v1/mcp-servers/connect/{mcp_server_id}", "mcp_connect_mcp_server", tag,
          returns_stream, connect_mcp_server),
    route(Method::get, "/v1/mcp-servers/{mcp_server_id}", "mcp_retrieve_mcp_server", tag,
          any_mcp_server, pass_on<RetrieveMcpServer>),
    route(Method::patch, "/v1/mcp-servers/{mcp_server_id}", "mcp_update_mcp_server", tag,
          any_mcp_server, pass_to_servers<ModifyMcpServer>),
    without_content(route(Method::del, "/v1/mcp-servers/{mcp_server_id}", "mcp_delete_mcp_server",
                          tag, returns_null, delete_mcp_server)),
    route(Method::patch, "/v1/mcp-servers/{mcp_server_id}/refresh", "mcp_refresh_mcp_server_tools",
          tag, anything, pass_to_servers<RefreshMcpServer>),
    route(Method::get, "/v1/mcp-servers/{mcp_server_id}/tools", "mcp_list_tools_for_mcp_server",
          tag, returns<std::vector<ApiObject<"Tool">>>, pass_on<ListMcpServerTools>),
    route(Method::get, "/v1/mcp-servers/{mcp_server_id}/tools/{tool_id}", "mcp_retrieve_mcp_tool",
          tag, returns<ApiObject<"Tool">>, pass_on<RetrieveMcpTool>),
    route(Method::post, "/v1/mcp-servers/{mcp_server_id}/tools/{tool_id}/run", "mcp_run_tool", tag,
          returns<ApiObject<"ToolExecutionResult">>, pass_to_servers<RunMcpTool>),
    route(Method::get, "/v1/tools/mcp/servers", "list_mcp_servers", "tools", named_mcp_configs,
          list_older),
    route(Method::put, "/v1/tools/mcp/servers", "add_mcp_server", "tools", any_mcp_configs,
          add_older),
    route(Method::post, "/v1/tools/mcp/servers/connect", "connect_mcp_server", "tools",
          returns_stream, connect_older),
    route(Method::post, "/v1/tools/mcp/servers/test", "test_mcp_server", "tools", anything,
          test_older),
    route(Method::patch, "/v1/tools/mcp/servers/{mcp_server_name}", "update_mcp_server", "tools",
          any_mcp_config, update_older),
    route(Method::del, "/v1/tools/mcp/servers/{mcp_server_name}", "delete_mcp_server", "tools",
          any_mcp_configs, delete_older),
    route(Method::post, "/v1/tools/mcp/servers/{mcp_server_name}/resync", "resync_mcp_server_tools",
          "tools", anything, resync_older),
    route(Method::get, "/v1/tools/mcp/servers/{mcp_server_name}/tools", "list_mcp_tools_by_server",
          "tools", returns<std::vector<ApiObject<"MCPTool">>>, list_tools_older),
    route(Method::post, "/v1/tools/mcp/servers/{mcp_server_name}/tools/{tool_name}/execute",
          "execute_mcp_tool", "tools", anything, execute_older),
    route(Method::post, "/v1/tools/mcp/servers/{mcp_server_name}/{mcp_tool_name}", "add_mcp_tool",
          "tools", returns<ApiObject<"Tool">>, pass_to_servers<AddMcpTool>),
  };
}

}  // namespace reverie
