#include "actors/mcp_servers.hpp"

#include "config/ids.hpp"
#include "config/json_writer.hpp"
#include "config/log_line.hpp"
#include "runtime/agents/agent_secrets.hpp"
#include "runtime/tools/arguments.hpp"
#include "runtime/tools/execution_result.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "storage/tables/agent_table.hpp"

#include <utility>

namespace reverie {

namespace {

Error no_mcp_tool(const std::string& tool) {
  return {Errc::not_found, "the MCP server has no tool '" + tool + "'", ""};
}

// What an agent's headers may name; nobody else's.
Result<std::map<std::string, std::string>> variables_of(const Services& services,
                                                        const std::string& org_id,
                                                        const std::string& agent_id) {
  const Error none{Errc::not_found, "Agent with id '" + agent_id + "' not found", ""};
  const auto agent = Table<AgentTable>{*services.store}.get({agent_id});
  if (!agent) {
    const Errc code = agent.error().code;
    if (code == Errc::not_found || code == Errc::invalid_argument) return none;
    return agent.error();
  }
  if (agent->value.org_id != org_id) return none;
  REVERIE_TRY(const auto secrets, read_secrets(*services.store, services.secrets, agent_id));
  std::map<std::string, std::string> variables;
  for (const OpenSecret& each : secrets) variables.emplace(each.record.name, each.value);
  return variables;
}

}  // namespace

void McpServers::init(const Services& services, const std::string& org_id, CommitQueue& commits,
                      Port port) {
  services_ = &services;
  org_id_ = org_id;
  commits_ = &commits;
  port_ = std::move(port);
  servers_.emplace(*services.store);
  names_.emplace(*services.store);
  rows_.emplace(*services.store);
  tools_.emplace(*services.store);
  tool_names_.emplace(*services.store);
}

ToolAuthor McpServers::author(const Routed& routed) const {
  return {org_id_, routed.user_id, services_->clock->now()};
}

Result<McpSecrets> McpServers::secrets_of(const McpServer& server) const {
  return open_mcp_secrets(server, services_->secrets);
}

Result<std::string> McpServers::answer_of(const McpServer& server, bool is_older) const {
  REVERIE_TRY(const McpSecrets secrets, secrets_of(server));
  std::string out;
  if (is_older)
    append_mcp_config(out, server, secrets);
  else
    append_mcp_server(out, server, secrets);
  return out;
}

void McpServers::handle(const CreateMcpServer& request, const Routed& routed, Reply<Answer> reply) {
  const auto server = std::make_shared<McpServer>();
  const ToolAuthor who = author(routed);
  auto build = [this, server, request, who]() -> Result<Batch> {
    Batch batch;
    auto named = names_->get({org_id_, request.name});
    if (!named && named.error().code != Errc::not_found) return std::move(named).error();
    if (named && !request.is_older)
      return Error{Errc::conflict, "CONFLICT: an MCP server has the name '" + request.name + "'",
                   ""};
    std::int64_t version = 0;
    McpSecrets secrets;
    *server = {};
    if (named) {
      REVERIE_TRY(auto before, servers_->get({org_id_, named->value.server_id}));
      *server = std::move(before.value);
      version = before.version;
      REVERIE_TRY(secrets, secrets_of(*server));
    } else {
      REVERIE_TRY(const auto all, all_mcp_servers(*services_->store, org_id_));
      if (static_cast<std::int64_t>(all.size()) >= services_->settings->mcp.servers_max)
        return Error{Errc::bad_request, "INVALID_ARGUMENT: there are too many MCP servers",
                     "mcp.servers_max"};
      server->id = new_id(Prefix::mcp_server, *services_->random);
      server->org_id = org_id_;
      server->created_at = who.now;
      server->created_by_id = who.user_id;
    }
    REVERIE_CHECK(configure_mcp_server(*server, secrets, request.name, request.config,
                                       services_->settings->mcp));
    REVERIE_CHECK(seal_mcp_secrets(*server, secrets, services_->secrets));
    server->updated_at = who.now;
    server->last_updated_by_id = who.user_id;
    servers_->put(batch, {org_id_, server->id}, *server, version);
    if (!named) names_->put(batch, {org_id_, server->name}, {server->id}, 0);
    return batch;
  };
  auto all = [this, reply](Result<Answer> answer) {
    if (!answer) return reply(std::move(answer));
    auto json = mcp_configs_json(*services_->store, services_->secrets, org_id_, false);
    if (!json) return reply(std::move(json).error());
    reply(Answer{*std::move(json), ""});
  };
  store(server, std::move(build), routed, request.is_older,
        request.is_older ? Reply<Answer>(std::move(all)) : std::move(reply));
}

void McpServers::handle(const ModifyMcpServer& request, const Routed& routed, Reply<Answer> reply) {
  const auto server = std::make_shared<McpServer>();
  const ToolAuthor who = author(routed);
  auto build = [this, server, request, who]() -> Result<Batch> {
    REVERIE_TRY(auto before, find_mcp_server(*services_->store, org_id_, request.server));
    const std::string old_name = before.value.name;
    *server = std::move(before.value);
    REVERIE_TRY(McpSecrets secrets, secrets_of(*server));
    REVERIE_CHECK(configure_mcp_server(*server, secrets, request.name.value_or(old_name),
                                       request.config, services_->settings->mcp));
    REVERIE_CHECK(seal_mcp_secrets(*server, secrets, services_->secrets));
    server->updated_at = who.now;
    server->last_updated_by_id = who.user_id;
    Batch batch;
    servers_->put(batch, {org_id_, server->id}, *server, before.version);
    if (server->name == old_name) return batch;
    auto taken = names_->get({org_id_, server->name});
    if (taken)
      return Error{Errc::conflict, "CONFLICT: an MCP server has the name '" + server->name + "'",
                   ""};
    if (taken.error().code != Errc::not_found) return std::move(taken).error();
    REVERIE_TRY(const auto named, names_->get({org_id_, old_name}));
    names_->erase(batch, {org_id_, old_name}, named.version);
    names_->put(batch, {org_id_, server->name}, {server->id}, 0);
    return batch;
  };
  store(server, std::move(build), routed, request.is_older, std::move(reply));
}

// The record first, then what its server lists, if it can be reached.
void McpServers::store(std::shared_ptr<McpServer> server, std::function<Result<Batch>()> build,
                       const Routed& routed, bool is_older, Reply<Answer> reply) {
  const ToolAuthor who = author(routed);
  commits_->add({std::move(build), [this, server, who, is_older, reply](Status status) {
                   if (!status) return reply(std::move(status).error());
                   port_.forget(server->id);
                   refresh(
                     *server, {}, who, [this, server, is_older, reply](Result<McpSync> synced) {
                       if (!synced)
                         log_warn("mcp: the tools of a new server are not known id={} error=\"{}\"",
                                  server->id, synced.error().message);
                       auto json = answer_of(*server, is_older);
                       if (!json) return reply(std::move(json).error());
                       reply(Answer{*std::move(json), ""});
                     });
                 }});
}

void McpServers::handle(const DeleteMcpServer& request, const Routed&, Reply<Answer> reply) {
  const auto id = std::make_shared<std::string>();
  const auto build = [this, id, request]() -> Result<Batch> {
    REVERIE_TRY(const auto server, find_mcp_server(*services_->store, org_id_, request.server));
    *id = server.value.id;
    REVERIE_TRY(const auto named, names_->get({org_id_, server.value.name}));
    REVERIE_TRY(const auto tools, mcp_tool_ids(*services_->store, *id));
    Batch batch;
    servers_->erase(batch, {org_id_, *id}, server.version);
    names_->erase(batch, {org_id_, server.value.name}, named.version);
    std::string name;
    for (const auto& [tool_name, tool_id] : tools)
      REVERIE_CHECK(erase_tool(*id, tool_name, tool_id, batch, name));
    return batch;
  };
  commits_->add({build, [this, id, is_older = request.is_older, reply](Status status) {
                   if (!status) return reply(std::move(status).error());
                   port_.forget(*id);
                   if (!is_older) return reply(Answer{"null", ""});
                   auto json =
                     mcp_configs_json(*services_->store, services_->secrets, org_id_, false);
                   if (!json) return reply(std::move(json).error());
                   reply(Answer{*std::move(json), ""});
                 }});
}

void McpServers::handle(const RefreshMcpServer& request, const Routed& routed,
                        Reply<Answer> reply) {
  auto server = find_mcp_server(*services_->store, org_id_, request.server);
  if (!server) return reply(std::move(server).error());
  std::map<std::string, std::string> variables;
  if (request.agent_id) {
    auto theirs = variables_of(*services_, org_id_, *request.agent_id);
    if (!theirs) return reply(std::move(theirs).error());
    variables = *std::move(theirs);
  }
  refresh(server->value, variables, author(routed), [reply](Result<McpSync> synced) {
    if (synced) return reply(Answer{mcp_sync_json(*synced), ""});
    Error error = std::move(synced).error();
    const bool is_server = error.code == Errc::mcp_connection || error.code == Errc::mcp_timeout;
    if (is_server) error.code = Errc::mcp_unavailable;
    reply(std::move(error));
  });
}

void McpServers::handle(const RunMcpTool& request, const Routed& routed, Reply<Answer> reply) {
  auto server = find_mcp_server(*services_->store, org_id_, request.server);
  if (!server) return reply(std::move(server).error());
  std::string tool_id = request.tool;
  if (request.is_older) {
    const auto row = rows_->get({server->value.id, request.tool});
    if (!row)
      return reply(row.error().code == Errc::not_found ? no_mcp_tool(request.tool) : row.error());
    tool_id = row->value.tool_id;
  }
  auto tool = read_tool(*services_->store, org_id_, tool_id);
  if (!tool && tool.error().code != Errc::not_found) return reply(std::move(tool).error());
  if (!tool || !(*tool)->custom || !(*tool)->custom->mcp
      || (*tool)->custom->mcp->server_id != server->value.id)
    return reply(no_mcp_tool(request.tool));
  ExternalCall call;
  call.id = "call-" + new_uuid(*services_->random);
  call.tool = *std::move(tool);
  call.arguments = request.args.is_null() ? Json::object() : Json::parse(request.args.text);
  call.org_id = org_id_;
  call.user_id = routed.user_id;
  Trial trial{call.tool->return_char_limit, request.is_older, std::move(reply)};
  const std::string id = call.id;
  const auto parameters = Json::parse(call.tool->parameters.text, nullptr, false);
  const auto checked = check_arguments(call.tool->name, call.arguments, parameters);
  const std::string name = call.tool->name;
  trials_.emplace(id, std::move(trial));
  if (!checked)
    on_tool_done({id, std::make_shared<const ToolOutcome>(
                        tool_error(name, "TypeError", checked.error().message))});
  else
    port_.run_tool(std::move(call));
}

bool McpServers::on_tool_done(const ToolDone& message) {
  const auto trial = trials_.extract(message.call_id);
  if (!trial) return false;
  ToolOutcome outcome = *message.outcome;
  outcome.text = cut_tool_return(std::move(outcome.text), trial.mapped().return_char_limit);
  std::string json;
  if (trial.mapped().is_older)
    JsonObjectWriter{json}.add("result", outcome.text).add("success", !outcome.is_error);
  else
    json = execution_result_json(outcome);
  trial.mapped().reply(Answer{std::move(json), ""});
  return true;
}

void McpServers::handle(const AddMcpTool& request, const Routed& routed, Reply<Answer> reply) {
  auto server = find_mcp_server(*services_->store, org_id_, request.server);
  if (!server) return reply(std::move(server).error());
  refresh(server->value, {}, author(routed),
          [this, id = server->value.id, request, user = routed.user_id,
           reply](const Result<McpSync>& synced) {
            const auto row = rows_->get({id, request.tool_name});
            if (!row && row.error().code != Errc::not_found) return reply(row.error());
            if (!row) return reply(synced ? no_mcp_tool(request.tool_name) : synced.error());
            const auto tool = read_tool(*services_->store, org_id_, row->value.tool_id);
            if (!tool) return reply(tool.error());
            std::string json;
            append_tool_json(json, **tool, user);
            reply(Answer{std::move(json), ""});
          });
}

void McpServers::handle(const ProbeMcpServer& request, const Routed&, Reply<Answer> reply) {
  McpServer server;
  McpSecrets secrets;
  if (!request.server.empty()) {
    auto stored = find_mcp_server(*services_->store, org_id_, request.server);
    if (!stored) return reply(std::move(stored).error());
    server = std::move(stored->value);
    auto theirs = secrets_of(server);
    if (!theirs) return reply(std::move(theirs).error());
    secrets = *std::move(theirs);
  } else {
    server.org_id = org_id_;
    auto fine =
      configure_mcp_server(server, secrets, "a server", *request.config, services_->settings->mcp);
    if (!fine) return reply(std::move(fine).error());
  }
  auto endpoint = mcp_endpoint(server, secrets, {}, false);
  if (!endpoint) return reply(std::move(endpoint).error());
  const bool is_stored = !request.server.empty();
  list(*std::move(endpoint), [is_stored, reply](const Result<McpToolList>& listed) {
    if (!listed) return reply(listed.error());
    std::string tools = mcp_tools_json(*listed);
    if (is_stored) return reply(Answer{std::move(tools), ""});
    std::string json;
    JsonObjectWriter{json}.add("status", "success").add_json("tools", tools);
    reply(Answer{std::move(json), ""});
  });
}

void McpServers::list(McpEndpoint endpoint, OnList on_list) {
  if (!services_->mcp)
    return on_list(Error{Errc::unavailable, "no MCP servers are reached from here", "mcp"});
  questions_.emplace(++last_question_, std::move(on_list));
  port_.list_tools(last_question_, std::move(endpoint));
}

void McpServers::on_listed(const McpListed& message) {
  if (const auto question = questions_.extract(message.number)) question.mapped()(*message.list);
}

}  // namespace reverie
