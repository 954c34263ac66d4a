#include "actors/tools_actor.hpp"

#include "actors/ask.hpp"
#include "config/ids.hpp"
#include "runtime/tools/execution_result.hpp"
#include "runtime/tools/openapi_tools.hpp"
#include "runtime/tools/tools.hpp"

#include <memory>
#include <utility>

#include <caf/send.hpp>

namespace reverie {

namespace {

// What the API says of a tool that cannot be deleted or changed: as of a wrong argument.
Error no_such_tool(const std::string& tool_id) {
  return {Errc::bad_request, "INVALID_ARGUMENT: Tool with id '" + tool_id + "' not found", ""};
}

Error is_built_in(const std::string& name) {
  return {Errc::bad_request,
          "INVALID_ARGUMENT: '" + name + "' is built in and cannot be changed or deleted", ""};
}

std::string tool_json(const CustomTool& stored, const std::string& user_id) {
  std::string out;
  append_tool_json(out, *make_tool(stored), user_id);
  return out;
}

// What is wrong with somebody's source is a 400 of the API, not a malformed request.
Error of_source(Error error) {
  if (error.code == Errc::invalid_argument) {
    error.code = Errc::bad_request;
    error.message = "INVALID_ARGUMENT: " + error.message;
  }
  return error;
}

}  // namespace

void ToolsState::init(const Services& services, std::string org_id, Port port) {
  services_ = &services;
  org_id_ = std::move(org_id);
  port_ = std::move(port);
  tools_.emplace(*services.store);
  names_.emplace(*services.store);
  mcp_tools_.emplace(*services.store);
  commits_.init(port_.commit);
  mcp_.init(services, org_id_, commits_,
            {port_.list_mcp_tools, port_.forget_mcp_server, port_.run_tool});
}

void ToolsState::handle(Routed request, Reply<Answer> reply) {
  if (request.org_id != org_id_)
    return reply(Error{Errc::internal, "the request is another organisation's", org_id_});
  Request payload = std::move(request.payload);
  std::visit(
    [&]<class T>(T& typed) {
      if constexpr (requires { mcp_.handle(typed, request, reply); })
        mcp_.handle(typed, request, std::move(reply));
      else if constexpr (T::owner == Owner::tools)
        handle(std::move(typed), request, std::move(reply));
      else
        reply(Error{Errc::internal, "not a request about tools", std::string(T::type_name)});
    },
    payload.any());
}

ToolAuthor ToolsState::author(const Routed& routed) const {
  return {org_id_, routed.user_id, services_->clock->now()};
}

void ToolsState::derive(std::string source, OnSchema on_schema) {
  if (!services_->sandbox)
    return on_schema(Error{
      Errc::unavailable, "a schema cannot be read from source code here: send a json_schema", ""});
  questions_.emplace(++last_question_, std::move(on_schema));
  port_.derive_schema(last_question_, std::move(source));
}

void ToolsState::on_schema(const SchemaDerived& message) {
  if (const auto question = questions_.extract(message.number)) question.mapped()(*message.schema);
}

Result<Stored<CustomTool>> ToolsState::find(const std::string& tool_id) const {
  if (const Tool* builtin = find_builtin_tool_by_id(tool_id)) return is_built_in(builtin->name);
  auto tool = tools_->get({tool_id});
  if (tool && tool->value.org_id == org_id_) return tool;
  if (!tool && tool.error().code != Errc::not_found) return tool;
  return no_such_tool(tool_id);
}

Result<std::optional<Stored<ToolName>>> ToolsState::find_name(const std::string& tool_name) const {
  auto found = names_->get({org_id_, tool_name});
  if (found) return std::optional{*std::move(found)};
  if (found.error().code == Errc::not_found) return std::optional<Stored<ToolName>>{};
  return std::move(found).error();
}

void ToolsState::handle(CreateTool request, const Routed& routed, Reply<Answer> reply) {
  const auto must_derive = needs_schema(request);
  if (!must_derive) return reply(must_derive.error());
  const ToolAuthor who = author(routed);
  if (!*must_derive) return create(request, "", who, std::move(reply));
  std::string source = request.source_code;
  derive(std::move(source),
         [this, request = std::move(request), who, reply](const Result<std::string>& schema) {
           if (!schema) return reply(of_source(schema.error()));
           create(request, *schema, who, reply);
         });
}

void ToolsState::create(const CreateTool& request, const std::string& schema, const ToolAuthor& who,
                        Reply<Answer> reply) {
  auto made = new_tool(request, schema, who);
  if (!made) return reply(std::move(made).error());
  const auto tool = std::make_shared<CustomTool>(*std::move(made));
  const auto build = [this, tool, request]() -> Result<Batch> {
    Batch batch;
    REVERIE_CHECK(put(batch, *tool, request));
    return batch;
  };
  commits_.add({build, [tool, user = who.user_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  reply(Answer{tool_json(*tool, user), ""});
                }});
}

// As a new tool, or in the place of the one that has its name.
Status ToolsState::put(Batch& batch, CustomTool& tool, const CreateTool& request) const {
  REVERIE_TRY(const auto named, find_name(tool.name));
  if (named) {
    REVERIE_TRY(const auto before, find(named->value.tool_id));
    if (before.value.mcp)
      return Error{Errc::bad_request,
                   "INVALID_ARGUMENT: '" + tool.name + "' is the name of an MCP server's tool", ""};
    tool = replaced_tool(before.value, std::move(tool), request);
    tools_->put(batch, {tool.id}, tool, before.version);
    return {};
  }
  tool.id = new_id(Prefix::tool, *services_->random);
  tools_->add(batch, {tool.id}, tool);
  names_->put(batch, {org_id_, tool.name}, {tool.id}, 0);
  return {};
}

// All of them or none.
void ToolsState::handle(const CreateToolsFromOpenapi& request, const Routed& routed,
                        Reply<Answer> reply) {
  auto requests = tools_of_openapi(request);
  if (!requests) return reply(std::move(requests).error());
  const ToolAuthor who = author(routed);
  const auto tools = std::make_shared<std::vector<CustomTool>>();
  for (const CreateTool& each : *requests) {
    auto made = new_tool(each, "", who);
    if (!made) {
      Error error = std::move(made).error();
      const Json schema = Json::parse(each.json_schema.text);
      error.message += " (" + schema.at("name").get<std::string>() + ")";
      error.where = "body.document";
      return reply(std::move(error));
    }
    tools->push_back(*std::move(made));
  }
  const auto build = [this, tools, requests = *std::move(requests)]() -> Result<Batch> {
    Batch batch;
    for (std::size_t i = 0; i < tools->size(); ++i)
      REVERIE_CHECK(put(batch, (*tools)[i], requests[i]));
    return batch;
  };
  commits_.add({build, [tools, user = who.user_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  std::string out = "[";
                  for (const CustomTool& each : *tools)
                    out += (out.size() > 1 ? "," : "") + tool_json(each, user);
                  reply(Answer{out + "]", ""});
                }});
}

void ToolsState::handle(const ModifyTool& request, const Routed& routed, Reply<Answer> reply) {
  const auto tool = std::make_shared<CustomTool>();
  const ToolAuthor who = author(routed);
  const auto build = [this, tool, request, who]() -> Result<Batch> {
    REVERIE_TRY(const auto before, find(request.tool_id));
    REVERIE_TRY(*tool, modified_tool(before.value, request, who));
    Batch batch;
    tools_->put(batch, {tool->id}, *tool, before.version);
    if (tool->name == before.value.name) return batch;
    REVERIE_TRY(const auto taken, find_name(tool->name));
    if (taken)
      return Error{Errc::conflict, "CONFLICT: another tool has the name '" + tool->name + "'", ""};
    REVERIE_TRY(const auto old_name, find_name(before.value.name));
    if (old_name) names_->erase(batch, {org_id_, before.value.name}, old_name->version);
    names_->put(batch, {org_id_, tool->name}, {tool->id}, 0);
    return batch;
  };
  commits_.add({build, [tool, user = who.user_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  reply(Answer{tool_json(*tool, user), ""});
                }});
}

// Agents that have it go on without it: they name it by its id, which nothing has any more.
void ToolsState::handle(const DeleteTool& request, const Routed&, Reply<Answer> reply) {
  const auto build = [this, tool_id = request.tool_id]() -> Result<Batch> {
    REVERIE_TRY(const auto tool, find(tool_id));
    REVERIE_TRY(const auto named, find_name(tool.value.name));
    Batch batch;
    tools_->erase(batch, {tool_id}, tool.version);
    if (named) names_->erase(batch, {org_id_, tool.value.name}, named->version);
    // It comes back when its server is asked again.
    if (const auto& mcp = tool.value.mcp)
      mcp_tools_->erase_unchecked(batch, {mcp->server_id, mcp->tool_name});
    return batch;
  };
  commits_.add({build, [reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  reply(Answer{"null", ""});
                }});
}

void ToolsState::handle(const GenerateToolSchema& request, const Routed&, Reply<Answer> reply) {
  if (source_type_of(request.source_type) != "python")
    return reply(Error{Errc::bad_request,
                       "INVALID_ARGUMENT: a schema is read from Python source alone",
                       "body.source_type"});
  derive(request.code, [reply](const Result<std::string>& schema) {
    if (!schema) return reply(of_source(schema.error()));
    reply(Answer{*schema, ""});
  });
}

void ToolsState::handle(const RunToolSource& request, const Routed& routed, Reply<Answer> reply) {
  auto function = function_to_run(request);
  if (!function) return reply(std::move(function).error());
  CustomTool stored;
  stored.id = builtin_tool_id("source");
  stored.org_id = org_id_;
  stored.name = *std::move(function);
  stored.source_type = source_type_of(request.source_type);
  stored.source_code = request.source_code;
  stored.json_schema = request.json_schema;
  stored.args_json_schema = request.args_json_schema;
  stored.pip_requirements = request.pip_requirements;
  stored.npm_requirements = request.npm_requirements;
  ExternalCall call;
  call.id = "call-" + new_uuid(*services_->random);
  call.tool = make_tool(std::move(stored));
  call.arguments = request.args.is_null() ? Json::object() : Json::parse(request.args.text);
  call.org_id = org_id_;
  call.user_id = routed.user_id;
  call.variables = request.env_vars;
  if (!services_->external || !services_->external->runs(*call.tool))
    return reply(Error{Errc::unavailable, "no code runs on this server", "sandbox"});
  trials_.emplace(call.id, Trial{call.tool->name, call.tool->return_char_limit, std::move(reply)});
  port_.run_tool(std::move(call));
}

void ToolsState::on_tool_done(const ToolDone& message) {
  if (mcp_.on_tool_done(message)) return;
  const auto trial = trials_.extract(message.call_id);
  if (!trial) return;
  ToolOutcome outcome = *message.outcome;
  outcome.text = cut_tool_return(std::move(outcome.text), trial.mapped().return_char_limit);
  trial.mapped().reply(
    Answer{trial_message_json(outcome, trial.mapped().tool_name, services_->clock->now()), ""});
}

namespace {

using ToolsPointer = ToolsActor::stateful_pointer<ToolsState>;

// On a thread of the sandbox or of a tool: an actor that has ended gets nothing.
template <class Message>
void send_back(const caf::weak_actor_ptr& actor, Message message) {
  if (const auto to = actor.lock())
    caf::anon_send(caf::actor_cast<caf::actor>(to), std::move(message));
}

ToolsState::Port port_of(ToolsPointer self, const Services* services, const ShardActor& shard) {
  ToolsState::Port port;
  port.commit = [self, shard](Commit commit, CommitQueue::OnAnswer answer) {
    ask(self, shard, std::move(commit))
      .then([answer](const CommitAnswer& done) { answer(done); },
            [answer](const caf::error& error) { answer(from_caf(error)); });
  };
  port.derive_schema = [self, services](std::int64_t number, std::string source) {
    const caf::weak_actor_ptr actor{self->ctrl()};
    services->sandbox->derive_schema(
      std::move(source), "", [actor, number](Result<std::string> schema) {
        send_back(actor, SchemaDerived{
                           number, std::make_shared<const Result<std::string>>(std::move(schema))});
      });
  };
  port.run_tool = [self, services](ExternalCall call) {
    const caf::weak_actor_ptr actor{self->ctrl()};
    const std::string id = call.id;
    services->external->run(std::move(call), [actor, id](ToolOutcome outcome) {
      send_back(actor, ToolDone{id, std::make_shared<const ToolOutcome>(std::move(outcome))});
    });
  };
  port.list_mcp_tools = [self, services](std::int64_t number, McpEndpoint endpoint) {
    const caf::weak_actor_ptr actor{self->ctrl()};
    services->mcp->list_tools(std::move(endpoint), [actor, number](Result<McpToolList> list) {
      send_back(actor,
                McpListed{number, std::make_shared<const Result<McpToolList>>(std::move(list))});
    });
  };
  port.forget_mcp_server = [services](const std::string& server_id) {
    if (services->mcp) services->mcp->forget(server_id);
  };
  return port;
}

}  // namespace

ToolsActor::behavior_type tools_actor(ToolsPointer self, const Services* services,
                                      const ShardActor& shard, const std::string& org_id) {
  self->state.init(*services, org_id, port_of(self, services, shard));
  return {
    [self](Routed& request) {
      ++self->state.handled;
      auto promise = self->make_response_promise<Answer>();
      self->state.handle(std::move(request), reply_to(promise));
      return promise;
    },
    [self](const ToolDone& message) { self->state.on_tool_done(message); },
    [self](const SchemaDerived& message) { self->state.on_schema(message); },
    [self](const McpListed& message) { self->state.on_listed(message); },
    [self, shard, org_id](Tick) {
      if (self->state.is_idle()) self->send(shard, Leave{org_id, self->state.handled});
    },
  };
}

}  // namespace reverie
