#include "actors/agent_record.hpp"

#include "runtime/prompt/system_prompt.hpp"
#include "runtime/tools/tools.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// Whether one walk from the first to the last finds them faster than a read of each: it costs
// half as much for a row, and more to begin.
bool are_in_a_row(const std::vector<std::int64_t>& ids) {
  constexpr std::size_t row_min = 6;
  return ids.size() >= row_min && std::is_sorted(ids.begin(), ids.end())
         && static_cast<std::size_t>(ids.back() - ids.front()) < ids.size() + ids.size() / 2;
}

}  // namespace

void add_message(const AgentTables& tables, Batch& batch, const Message& message) {
  const auto sequence = static_cast<std::uint64_t>(message.sequence_id);
  tables.messages.add(batch, {message.agent_id, sequence}, message);
  tables.children.add(batch, {message.id}, {message.agent_id, message.sequence_id});
}

AgentRecord::AgentRecord(const Services& services, std::string agent_id)
  : services_(&services), id_(std::move(agent_id)), tables_(*services.store) {}

Status AgentRecord::load() {
  if (agent_) return {};
  auto agent = tables_.agents.get({id_});
  if (!agent) {
    if (agent.error().code != Errc::not_found) return std::move(agent).error();
    return Error{Errc::not_found, "Agent with ID " + id_ + " not found", ""};
  }
  REVERIE_TRY(auto activity, tables_.activity.get({id_}));
  activity_ = std::move(activity);
  agent_ = *std::move(agent);
  return derive();
}

void AgentRecord::stored(Agent agent) {
  const std::int64_t version = agent_ ? agent_->version + 1 : 1;
  agent_ = Stored<Agent>{std::move(agent), version};
  // What was stored was checked before; a failure here would be seen by load() too.
  (void)derive();
}

void AgentRecord::stored(AgentActivity activity) {
  const std::int64_t version = activity_ ? activity_->version + 1 : 1;
  activity_ = Stored<AgentActivity>{std::move(activity), version};
}

Result<CoreMemory> AgentRecord::memory() const {
  std::vector<BlockTable::Key> keys;
  for (const std::string& block_id : agent().block_ids) keys.push_back({block_id});
  REVERIE_TRY(auto blocks, tables_.blocks.multi_get(keys));
  REVERIE_TRY(const Home home, home_of(id_));
  CoreMemory memory;
  for (auto& block : blocks) {
    if (!block) continue;  // was deleted; the agent still names it
    const auto block_home = home_of(block->value.id);
    memory.load(std::move(block->value), block->version, block_home && *block_home == home);
  }
  return memory;
}

Result<Context> AgentRecord::context(const std::string& conversation_id) const {
  auto context = tables_.contexts.get({id_, conversation_id});
  if (context) return std::move(context->value);
  if (context.error().code == Errc::not_found) return Context{};
  return std::move(context).error();
}

Result<std::vector<Message>> AgentRecord::messages(
  const std::vector<std::int64_t>& sequence_ids) const {
  if (are_in_a_row(sequence_ids)) return message_row(sequence_ids);
  std::vector<MessageTable::Key> keys;
  for (const std::int64_t id : sequence_ids) keys.push_back({id_, static_cast<std::uint64_t>(id)});
  REVERIE_TRY(auto found, tables_.messages.multi_get(keys));
  std::vector<Message> messages;
  for (auto& message : found)
    if (message) messages.push_back(std::move(message->value));
  return messages;
}

Result<std::vector<Message>> AgentRecord::message_row(
  const std::vector<std::int64_t>& sequence_ids) const {
  REVERIE_TRY(const Home home, home_of(id_));
  const MessageTable::Key before{id_, static_cast<std::uint64_t>(sequence_ids.front() - 1)};
  const auto rows = static_cast<std::size_t>(sequence_ids.back() - sequence_ids.front() + 1);
  std::vector<Message> messages;
  messages.reserve(sequence_ids.size());
  auto wanted = sequence_ids.begin();
  const auto take = [&](const MessageTable::Key& key, Message&& message) {
    const auto id = static_cast<std::int64_t>(key.sequence_id);
    while (wanted != sequence_ids.end() && *wanted < id) ++wanted;
    if (wanted == sequence_ids.end()) return false;
    if (*wanted == id) messages.push_back(std::move(message));
    return true;
  };
  REVERIE_CHECK(
    tables_.messages.scan_page(home, key_bytes(id_), {before, Order::ascending, rows}, take));
  return messages;
}

Timestamp AgentRecord::next_time() const {
  const Timestamp now = services_->clock->now();
  if (!activity_) return now;
  return std::max(now, activity_->value.last_message_at + std::chrono::microseconds{1});
}

std::string AgentRecord::new_child(Prefix prefix) const {
  auto id = new_child_id(prefix, id_, *services_->random);
  assert(id);  // the agent's own id was checked when it was routed here
  return *std::move(id);
}

AgentRecord::Prompt AgentRecord::compile_prompt(const Agent& agent, const CoreMemory& memory,
                                                std::int64_t recall_count) const {
  PromptInput input;
  input.agent_id = id_;
  input.agent_type = agent.agent_type;
  input.system = agent.system;
  const auto model = services_->providers->resolve(agent.model);
  if (model) input.provider_type = model->info.provider_type;
  input.timezone = agent.timezone;
  input.blocks = memory.blocks();
  if (const auto rules = ToolRules::parse(agent.tool_rules))
    input.rule_texts = rules->prompt_texts();
  input.compiled_at = services_->clock->now();
  input.recall_count = recall_count;
  return {compile_system_prompt(input), prompt_digest(input)};
}

Status AgentRecord::derive() {
  REVERIE_TRY(model_, model_config_of({agent().model, agent().llm_config, agent().model_settings}));
  tools_.clear();
  for (const std::string& tool_id : agent().tool_ids)
    if (const Tool* tool = find_builtin_tool_by_id(tool_id)) tools_.push_back(tool);
  auto rules = ToolRules::parse(agent().tool_rules);
  // Rules that were accepted once and are not understood any more must not make an agent useless.
  rules_ = rules ? *std::move(rules) : ToolRules{};
  return {};
}

}  // namespace reverie
