#include "actors/agent_state.hpp"

#include "actors/agent_deletion.hpp"
#include "actors/agent_lifecycle.hpp"
#include "actors/system_message.hpp"
#include "actors/thread_start.hpp"
#include "config/failpoint.hpp"
#include "config/json_text.hpp"
#include "config/log_line.hpp"
#include "runtime/git_memory/block_path.hpp"
#include "runtime/git_memory/git_backed.hpp"
#include "runtime/messages/api_messages.hpp"
#include "runtime/tools/stored_tools.hpp"
#include "runtime/views/views.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reverie {

namespace {

Error agent_not_found(const std::string& id) {
  return {Errc::not_found, "Agent with ID " + id + " not found", ""};
}

AgentConfigContext config_context(const Services& services, const Routed& routed) {
  const auto& models = services.settings->models;
  return {*services.store,
          *services.providers,
          *services.random,
          services.clock->now(),
          routed.org_id,
          routed.user_id,
          models.default_handle,
          models.default_embedding_handle,
          models.context_window_max};
}

Answer null_answer() {
  return {"null", ""};
}

}  // namespace

void AgentState::init(const Services& services, const std::string& agent_id, AgentPort& port) {
  services_ = &services;
  port_ = &port;
  record_ = std::make_unique<AgentRecord>(services, agent_id);
  commits_.init([this](Commit commit, CommitQueue::OnAnswer answer) {
    send_commit(std::move(commit), std::move(answer));
  });
  runs_ = std::make_unique<AgentRuns>(*record_, commits_, port);
  generations_ = std::make_unique<AgentGenerations>(*record_, port);
  conversations_ = std::make_unique<AgentConversations>(*record_, commits_);
  git_memory_ = std::make_unique<AgentGitMemory>(*record_, commits_, port);
  tool_trials_ = std::make_unique<AgentToolTrials>(
    *record_, commits_, port,
    [this](std::function<void()> kept) { git_memory_->sync_if_backed(std::move(kept)); });
}

void AgentState::send_commit(Commit commit, CommitQueue::OnAnswer answer) {
  HistoryCache& history = record_->history();
#ifdef REVERIE_DEBUG
  assert(history.is_as_stored());  // no other commit is under way
#endif
  auto writes = history.writes_of(commit);
  port_->commit(std::move(commit), [&history, writes = std::move(writes),
                                    answer = std::move(answer)](Result<CommitAnswer> done) mutable {
    if (!done)
      history.clear();
    else if (!done->conflict)
      history.apply(std::move(writes));
    answer(std::move(done));
  });
}

void AgentState::handle(Routed request, Reply<Answer> reply) {
  Request payload = std::move(request.payload);
  if (!payload.is<CreateAgent>()) {
    if (auto loaded = record_->load(); !loaded) return reply(std::move(loaded).error());
    if (record_->agent().org_id != request.org_id) return reply(agent_not_found(record_->id()));
  }
  std::visit(
    [&]<class T>(T& typed) {
      if constexpr (AgentConversations::handles<T>)
        conversations_->handle(std::move(typed), request.user_id, std::move(reply));
      else if constexpr (T::owner == Owner::agent)
        handle(std::move(typed), request, std::move(reply));
      else
        reply(Error{Errc::internal, "not a request of an agent", std::string(T::type_name)});
    },
    payload.any());
}

void AgentState::change(Edit edit, std::string user_id, bool answers_null, Reply<Answer> reply,
                        More more) {
  const auto changed = std::make_shared<Agent>();
  commits_.add(
    {[this, changed, edit = std::move(edit), more = std::move(more), user_id]() -> Result<Batch> {
       REVERIE_CHECK(record_->load());
       *changed = record_->agent();
       REVERIE_CHECK(edit(*changed));
       changed->updated_at = services_->clock->now();
       Batch batch;
       record_->tables().agents.put(batch, {record_->id()}, *changed, record_->version());
       REVERIE_CHECK(add_lifecycle_event(*record_, "updating", user_id, batch));
       if (more) REVERIE_CHECK(more(*changed, batch));
       return batch;
     },
     [this, changed, answers_null, reply](Status status) {
       if (!status) return reply(std::move(status).error());
       record_->stored(std::move(*changed));
       answer_kept(answers_null, reply);
     },
     [this](const RecordVersion&) {
       record_->forget();
       return true;
     }});
}

void AgentState::answer_kept(bool answers_null, Reply<Answer> reply) {
  git_memory_->sync_if_backed([this, answers_null, reply = std::move(reply)] {
    if (auto loaded = record_->load(); !loaded) return reply(std::move(loaded).error());
    answer_agent(answers_null, reply);
  });
}

void AgentState::answer_agent(bool answers_null, const Reply<Answer>& reply) const {
  if (answers_null) return reply(null_answer());
  ViewContext context{*services_->store, *services_->providers, record_->agent().org_id, ""};
  context.secrets = services_->secrets;
  auto json = agent_json(context, record_->id(), true);
  if (!json) return reply(std::move(json).error());
  reply(Answer{*std::move(json), ""});
}

void AgentState::handle(CreateAgent request, const Routed& routed, Reply<Answer> reply) {
  auto made = new_agent(request, config_context(*services_, routed));
  if (!made) return reply(std::move(made).error());
  auto secrets = secrets_of(request);
  if (!secrets) return reply(std::move(secrets).error());
  const More more = replace_secrets(*std::move(secrets), routed.user_id);
  const auto parts = std::make_shared<NewAgent>(*std::move(made));
  if (!is_git_backed(parts->agent.tags)) return create(parts, more, std::move(reply));
  git_memory_->move_labels(request.block_ids.value_or(std::vector<std::string>{}), routed.org_id,
                           routed.user_id, [this, parts, more, reply](Status status) {
                             if (!status) return reply(std::move(status).error());
                             create(parts, more, reply);
                           });
}

AgentState::More AgentState::replace_secrets(std::optional<SecretValues> secrets,
                                             std::string user_id) const {
  if (!secrets) return {};
  return [this, secrets = *std::move(secrets), user_id = std::move(user_id)](
           const Agent& agent, Batch& batch) -> Status {
    const SecretBox* box = services_->secrets;
    if (!box && secrets.empty()) return {};
    if (!box)
      return Error{Errc::unavailable, "this server has no key to store secrets with", "secrets"};
    REVERIE_TRY(const auto before, read_secrets(*services_->store, box, agent.id));
    REVERIE_TRY(const Home home, home_of(agent.id));
    const auto& table = record_->tables().secrets;
    table.erase_range(batch, home, key_bytes(agent.id));
    for (const AgentSecret& each :
         sealed_secrets(secrets, before, agent.id, agent.org_id, user_id, *box, *services_->random,
                        services_->clock->now()))
      table.put_unchecked(batch, {agent.id, each.name}, each);
    return {};
  };
}

// The agent, its blocks, its first messages and its context are one commit.
void AgentState::create(std::shared_ptr<NewAgent> made, More more, Reply<Answer> reply) {
  const auto build = [this, made, more]() -> Result<Batch> {
    const AgentTables& tables = record_->tables();
    Batch batch;
    NewAgent parts = *made;
    tables.agents.put(batch, {record_->id()}, parts.agent, 0);
    for (const Block& block : parts.blocks) tables.blocks.add(batch, {block.id}, block);
    REVERIE_TRY(AgentActivity activity,
                first_messages(*record_, parts.agent, parts.blocks, parts.messages, batch));
    tables.activity.put(batch, {record_->id()}, activity, 0);
    if (more) REVERIE_CHECK(more(parts.agent, batch));
    failpoint("agent.store");
    return batch;
  };
  commits_.add({build, [this, reply](Status status) {
                  failpoint("agent.stored");
                  record_->forget();
                  if (status) status = record_->load();
                  if (!status) return reply(std::move(status).error());
                  answer_kept(false, reply);
                }});
}

void AgentState::handle(ModifyAgent request, const Routed& routed, Reply<Answer> reply) {
  const Routed who{"", routed.org_id, routed.user_id, {}};
  auto edit = [this, request, who](Agent& agent) -> Status {
    REVERIE_CHECK(modify_agent(agent, request, config_context(*services_, who)));
    if (request.block_ids && is_git_backed(agent.tags))
      REVERIE_CHECK(check_labels(*record_, agent));
    agent.last_updated_by_id = who.user_id;
    return {};
  };
  auto secrets = secrets_of(request);
  if (!secrets) return reply(std::move(secrets).error());
  const More more = replace_secrets(*std::move(secrets), who.user_id);
  Agent changed = record_->agent();
  const bool was_git_backed = is_git_backed(changed.tags);
  if (auto status = modify_agent(changed, request, config_context(*services_, who)); !status)
    return reply(std::move(status).error());
  if (was_git_backed || !is_git_backed(changed.tags))
    return change(std::move(edit), who.user_id, false, std::move(reply), more);
  git_memory_->move_labels(changed.block_ids, who.org_id, who.user_id,
                           [this, edit, more, user = who.user_id, reply](Status status) {
                             if (!status) return reply(std::move(status).error());
                             change(edit, user, false, reply, more);
                           });
}

void AgentState::handle(DeleteAgent, const Routed&, Reply<Answer> reply) {
  runs_->abandon(agent_not_found(record_->id()));
  generations_->abandon(agent_not_found(record_->id()));
  tool_trials_->abandon(agent_not_found(record_->id()));
  commits_.add({[this]() -> Result<Batch> {
                  REVERIE_CHECK(record_->load());
                  return agent_deletion(*record_);
                },
                [this, reply](Status status) {
                  if (!status) {
                    runs_->take_up();
                    return reply(std::move(status).error());
                  }
                  runs_->abandon(agent_not_found(record_->id()));  // who has come behind it
                  record_->forget();
                  std::string json = R"({"message":)";
                  append_json_string(json, "Agent id=" + record_->id() + " successfully deleted");
                  // What is left of the repository goes at the next start of the server.
                  port_->remove_files([reply, json](const Status& removed) {
                    if (!removed)
                      log_warn("git: a repository is left error=\"{}\"", removed.error().message);
                    reply(Answer{json + "}", ""});
                  });
                },
                [this](const RecordVersion&) {
                  record_->forget();
                  return true;
                }});
}

void AgentState::handle(ModifyAgentBlock request, const Routed& routed, Reply<Answer> reply) {
  const auto memory = record_->memory();
  if (!memory) return reply(memory.error());
  const Block* block = memory->find(request.block_label);
  if (!block)
    return reply(Error{Errc::not_found,
                       "Block with label '" + request.block_label + "' not found for this agent",
                       ""});
  // The block's own actor makes the edit, wherever it lives: one writer for all who ask.
  ModifyBlock edit{block->id,
                   request.value,
                   request.limit,
                   request.label,
                   request.description,
                   request.read_only,
                   request.metadata,
                   request.tags,
                   request.hidden,
                   request.project_id,
                   {},
                   {}};
  port_->edit_block(Routed{edit.block_id, routed.org_id, routed.user_id, edit}, std::move(reply));
}

void AgentState::handle(AttachBlock request, const Routed& routed, Reply<Answer> reply) {
  auto edit = [this, block_id = request.block_id](Agent& agent) -> Status {
    const auto block = record_->tables().blocks.get({block_id});
    if (!block || block->value.org_id != agent.org_id)
      return Error{Errc::not_found, "Block with id '" + block_id + "' not found", ""};
    REVERIE_TRY(const CoreMemory memory, record_->memory());
    if (std::count(agent.block_ids.begin(), agent.block_ids.end(), block_id)) return {};
    if (memory.find(block->value.label))
      return Error{Errc::conflict,
                   "the agent already has a block with the label '" + block->value.label + "'", ""};
    if (is_git_backed(agent.tags)) REVERIE_CHECK(path_of_label(block->value.label));
    agent.block_ids.push_back(block_id);
    return {};
  };
  change(std::move(edit), routed.user_id, request.is_sdk_v1, std::move(reply));
}

void AgentState::handle(DetachBlock request, const Routed& routed, Reply<Answer> reply) {
  auto edit = [block_id = request.block_id](Agent& agent) -> Status {
    if (std::erase(agent.block_ids, block_id) == 0)
      return Error{Errc::not_found, "Block with id '" + block_id + "' is not attached", ""};
    return {};
  };
  change(std::move(edit), routed.user_id, request.is_sdk_v1, std::move(reply));
}

void AgentState::handle(AttachTool request, const Routed& routed, Reply<Answer> reply) {
  auto edit = [this, tool_id = request.tool_id](Agent& agent) -> Status {
    REVERIE_TRY(const ToolPointer tool, read_tool(*services_->store, agent.org_id, tool_id));
    attach_tool(agent, *tool);
    return {};
  };
  change(std::move(edit), routed.user_id, request.is_sdk_v1, std::move(reply));
}

// Also of a tool that is gone: the agent may still name it.
void AgentState::handle(DetachTool request, const Routed& routed, Reply<Answer> reply) {
  auto edit = [this, tool_id = request.tool_id](Agent& agent) -> Status {
    if (std::erase(agent.tool_ids, tool_id) > 0) return {};
    REVERIE_TRY([[maybe_unused]] const ToolPointer tool,
                read_tool(*services_->store, agent.org_id, tool_id));
    return {};
  };
  change(std::move(edit), routed.user_id, request.is_sdk_v1, std::move(reply));
}

void AgentState::handle(ModifyToolApproval request, const Routed& routed, Reply<Answer> reply) {
  auto edit = [this, name = request.tool_name,
               needs = request.requires_approval](Agent& agent) -> Status {
    REVERIE_TRY(const auto tools, record_->tools());
    const auto has_name = [&](const ToolPointer& tool) { return tool->name == name; };
    if (std::none_of(tools.begin(), tools.end(), has_name))
      return Error{Errc::not_found, "Tool with name '" + name + "' is not attached", ""};
    agent.tool_rules = with_approval_rule(agent.tool_rules, name, needs);
    return {};
  };
  change(std::move(edit), routed.user_id, request.is_sdk_v1, std::move(reply));
}

void AgentState::handle(RunAgentTool request, const Routed& routed, Reply<Answer> reply) {
  tool_trials_->start(request, routed.user_id, std::move(reply));
}

void AgentState::on_tool_done(const ToolDone& message) {
  if (!tool_trials_->on_done(message)) runs_->on_tool_done(message);
}

void AgentState::handle(SendMessage request, const Routed& routed, Reply<Answer> reply) {
  runs_->send(std::move(request), routed.user_id, std::move(reply));
}

void AgentState::handle(CompactMessages request, const Routed&, Reply<Answer> reply) {
  runs_->compact(std::move(request), std::move(reply));
}

void AgentState::handle(ResumeStream request, const Routed&, Reply<Answer> reply) {
  runs_->listen(request, std::move(reply));
}

void AgentState::handle(CancelRuns request, const Routed&, Reply<Answer> reply) {
  runs_->cancel(request, std::move(reply));
}

void AgentState::handle(ExpireApproval request, const Routed&, Reply<Answer> reply) {
  runs_->expire(std::move(request), std::move(reply));
}

void AgentState::handle(PreviewMessage request, const Routed& routed, Reply<Answer> reply) {
  runs_->preview(std::move(request.message), routed.user_id, std::move(reply));
}

void AgentState::handle(GenerateCompletion request, const Routed& routed, Reply<Answer> reply) {
  generations_->start(request, routed.user_id, runs_->new_call_id(), std::move(reply));
}

void AgentState::on_done(const ModelDone& message) {
  if (!generations_->on_done(message)) runs_->on_done(message);
}

void AgentState::handle(PauseAgent, const Routed& routed, Reply<Answer> reply) {
  set_paused(true, routed.user_id, std::move(reply));
}

void AgentState::handle(ResumeAgent, const Routed& routed, Reply<Answer> reply) {
  set_paused(false, routed.user_id, std::move(reply));
}

void AgentState::set_paused(bool is_paused, std::string user_id, Reply<Answer> reply) {
  const auto activity = std::make_shared<AgentActivity>();
  commits_.add({[this, activity, is_paused, user_id]() -> Result<Batch> {
                  REVERIE_CHECK(record_->load());
                  REVERIE_TRY(Batch batch, pause_change(*record_, is_paused, user_id, *activity));
                  failpoint("pause.store");
                  return batch;
                },
                [this, activity, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  failpoint("pause.stored");
                  record_->stored(std::move(*activity));
                  const ViewContext context{*services_->store, *services_->providers,
                                            record_->agent().org_id, ""};
                  auto json = answer_request(context, RetrieveLifecycle{record_->id()});
                  if (!json) return reply(std::move(json).error());
                  reply(Answer{*std::move(json), ""});
                },
                [this](const RecordVersion&) {
                  record_->forget();
                  return true;
                }});
}

void AgentState::handle(OpenGitMemory, const Routed&, Reply<Answer> reply) {
  if (!is_git_backed(record_->agent().tags))
    return reply(
      Error{Errc::not_found, "Agent with ID " + record_->id() + " has no git-backed memory", ""});
  git_memory_->sync([reply](const Result<std::int64_t>& bytes_left) {
    if (!bytes_left) return reply(bytes_left.error());
    reply(Answer{to_json(GitMemoryAccess{*bytes_left}).dump(), ""});
  });
}

void AgentState::handle(SyncGitMemory, const Routed&, Reply<Answer> reply) {
  git_memory_->sync_if_backed([reply] { reply(null_answer()); });
}

}  // namespace reverie
