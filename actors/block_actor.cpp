#include "actors/block_actor.hpp"

#include "actors/agent_git_memory.hpp"
#include "actors/ask.hpp"
#include "config/failpoint.hpp"
#include "config/json_text.hpp"
#include "runtime/agents/agent_config.hpp"
#include "runtime/git_memory/block_path.hpp"
#include "runtime/memory/core_memory.hpp"
#include "runtime/tools/native_tool.hpp"
#include "runtime/views/views.hpp"

#include <memory>
#include <utility>

namespace reverie {

namespace {

std::string block_json(const Block& block) {
  std::string json;
  append_block_json(json, block);
  return json;
}

// What the agent whose tool it is reads back (actors/agent_runs.cpp).
std::string edit_answer(const std::string& text, bool is_error) {
  std::string json = R"({"text":)";
  append_json_string(json, text);
  json += is_error ? R"(,"is_error":true})" : R"(,"is_error":false})";
  return json;
}

Block new_block(CreateBlock request, const Routed& routed, Timestamp now) {
  Block block;
  block.id = std::move(request.block_id);
  block.org_id = routed.org_id;
  block.label = std::move(request.label);
  block.value = std::move(request.value);
  block.limit = request.limit;
  block.description = std::move(request.description);
  block.read_only = request.read_only;
  if (!request.metadata.is_null()) block.metadata = std::move(request.metadata);
  block.tags = std::move(request.tags);
  block.hidden = request.hidden;
  block.is_template = request.is_template;
  block.template_name = std::move(request.template_name);
  block.project_id = std::move(request.project_id);
  block.template_id = std::move(request.template_id);
  block.base_template_id = std::move(request.base_template_id);
  block.deployment_id = std::move(request.deployment_id);
  block.entity_id = std::move(request.entity_id);
  block.created_by_id = routed.user_id;
  block.last_updated_by_id = routed.user_id;
  block.created_at = now;
  block.updated_at = now;
  std::erase(block.value, '\0');
  return block;
}

}  // namespace

void BlockState::init(const Services& services, std::string block_id, CommitQueue::Send send,
                      AskAgents ask_agents) {
  services_ = &services;
  id_ = std::move(block_id);
  blocks_.emplace(*services.store);
  operations_.emplace(*services.store);
  commits_.init(std::move(send));
  ask_agents_ = std::move(ask_agents);
}

void BlockState::handle(Routed request, Reply<Answer> reply) {
  Request payload = std::move(request.payload);
  std::visit(
    [&]<class T>(T& typed) {
      if constexpr (T::owner == Owner::block)
        handle(std::move(typed), request, std::move(reply));
      else
        reply(Error{Errc::internal, "not a request of a block", std::string(T::type_name)});
    },
    payload.any());
}

Result<Stored<Block>> BlockState::load(const std::string& org_id) const {
  auto block = blocks_->get({id_});
  if (block && block->value.org_id == org_id) return block;
  if (!block && block.error().code != Errc::not_found) return block;
  return Error{Errc::not_found, "Block with id '" + id_ + "' not found", ""};
}

void BlockState::answer_kept(const std::string& org_id, const std::string& git_agent_id,
                             std::function<void()> answer) {
  std::vector<Routed> requests;
  if (const auto agents = git_backed_agents(*services_->store, org_id, id_))
    for (const std::string& id : *agents)
      if (id != git_agent_id) requests.push_back({id, org_id, "", SyncGitMemory{id}});
  const bool is_waited_for = git_agent_id.empty() && !requests.empty();
  if (!is_waited_for) answer();
  if (requests.empty()) return;
  ++asked_;
  ask_agents_(std::move(requests), [this, is_waited_for, answer = std::move(answer)] {
    --asked_;
    if (is_waited_for) answer();
  });
}

Status BlockState::check_label(const std::string& org_id, const std::string& label) const {
  REVERIE_TRY(const auto agents, git_backed_agents(*services_->store, org_id, id_));
  if (!agents.empty()) REVERIE_CHECK(path_of_label(label));
  return {};
}

void BlockState::handle(CreateBlock request, const Routed& routed, Reply<Answer> reply) {
  const auto block =
    std::make_shared<Block>(new_block(std::move(request), routed, services_->clock->now()));
  commits_.add({[this, block]() -> Result<Batch> {
                  Batch batch;
                  blocks_->add(batch, {id_}, *block);
                  return batch;
                },
                [block, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  reply(Answer{block_json(*block), ""});
                }});
}

void BlockState::handle(const ModifyBlock& request, const Routed& routed, Reply<Answer> reply) {
  const auto block = std::make_shared<Block>();
  commits_.add(
    {[this, block, request, org = routed.org_id, user = routed.user_id]() -> Result<Batch> {
       REVERIE_TRY(auto stored, load(org));
       if (request.version != 0 && request.version != stored.version)
         return Error{Errc::conflict, "the block has changed meanwhile", "version"};
       if (request.label) REVERIE_CHECK(check_label(org, *request.label));
       *block = std::move(stored.value);
       REVERIE_CHECK(modify_block(*block, request));
       block->updated_at = services_->clock->now();
       block->last_updated_by_id = user;
       Batch batch;
       blocks_->put(batch, {id_}, *block, stored.version);
       failpoint("block.store");
       return batch;
     },
     [this, block, org = routed.org_id, from = request.git_agent_id, reply](Status status) {
       if (!status) return reply(std::move(status).error());
       failpoint("block.stored");
       answer_kept(org, from, [block, reply] { reply(Answer{block_json(*block), ""}); });
     }});
}

void BlockState::handle(const DeleteBlock&, const Routed& routed, Reply<Answer> reply) {
  commits_.add({[this, org = routed.org_id]() -> Result<Batch> {
                  REVERIE_TRY(const auto stored, load(org));
                  Batch batch;
                  blocks_->erase(batch, {id_}, stored.version);
                  return batch;
                },
                [this, org = routed.org_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  answer_kept(org, "", [reply] { reply(Answer{"null", ""}); });
                }});
}

// The answer is stored with the edit under its operation id: a repetition after a crash finds it.
void BlockState::handle(const EditBlock& request, const Routed& routed, Reply<Answer> reply) {
  const auto answer = std::make_shared<std::string>();
  commits_.add({[this, answer, request, org = routed.org_id]() -> Result<Batch> {
                  Batch batch;
                  if (auto done = operations_->get({id_, request.operation_id})) {
                    *answer = edit_answer(done->value.text, done->value.is_error);
                    return batch;
                  }
                  REVERIE_TRY(auto stored, load(org));
                  CoreMemory memory;
                  memory.load(std::move(stored.value), stored.version);
                  NativeToolContext context{
                    memory, nullptr, *services_->random, services_->clock->now(), id_, org};
                  const ToolOutcome outcome = run_native_tool(
                    request.tool_name, Json::parse(request.arguments, nullptr, false), context);
                  *answer = edit_answer(outcome.text, outcome.is_error);
                  for (const BlockChange& change : memory.changes())
                    if (change.kind == BlockChangeKind::modified)
                      blocks_->put(batch, {id_}, change.block, change.version);
                  operations_->put_unchecked(
                    batch, {id_, request.operation_id},
                    {outcome.text, outcome.is_error, services_->clock->now()});
                  return batch;
                },
                [this, answer, org = routed.org_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  failpoint("block_edit.stored");
                  answer_kept(org, "", [answer, reply] { reply(Answer{*answer, ""}); });
                }});
}

namespace {

using BlockPointer = BlockActor::stateful_pointer<BlockState>;

void ask_all(BlockPointer self, const RouterActor& router, std::vector<Routed> requests,
             std::function<void()> done) {
  const auto left = std::make_shared<std::size_t>(requests.size());
  const auto answered = [left, done = std::move(done)] {
    if (--*left == 0) done();
  };
  for (Routed& request : requests)
    ask(self, router, std::move(request))
      .then([answered](const Answer&) { answered(); },
            [answered](const caf::error&) { answered(); });
}

}  // namespace

BlockActor::behavior_type block_actor(BlockPointer self, const Services* services,
                                      const ShardActor& shard, const std::string& block_id) {
  const auto commit_to = [self, shard](Commit commit, CommitQueue::OnAnswer answer) {
    ask(self, shard, std::move(commit))
      .then([answer](const CommitAnswer& done) { answer(done); },
            [answer](const caf::error& error) { answer(from_caf(error)); });
  };
  const auto ask_agents = [self, services](std::vector<Routed> requests,
                                           std::function<void()> done) {
    ask_all(self, services->router, std::move(requests), std::move(done));
  };
  self->state.init(*services, block_id, commit_to, ask_agents);
  return {
    [self](Routed& request) {
      ++self->state.handled;
      auto promise = self->make_response_promise<Answer>();
      self->state.handle(std::move(request), reply_to(promise));
      return promise;
    },
    [self, shard, block_id](Tick) {
      if (self->state.is_idle()) self->send(shard, Leave{block_id, self->state.handled});
    },
  };
}

}  // namespace reverie
