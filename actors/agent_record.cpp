#include "actors/agent_record.hpp"

#include "runtime/git_memory/git_backed.hpp"
#include "runtime/prompt/system_prompt.hpp"

#include <algorithm>
#include <map>
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

// `position`: in the message's conversation.
void add_at(const AgentTables& tables, Batch& batch, const Message& message,
            std::uint64_t position) {
  const auto sequence = static_cast<std::uint64_t>(message.sequence_id);
  tables.messages.add(batch, {message.agent_id, sequence}, message);
  tables.children.add(batch, {message.id}, {message.agent_id, message.sequence_id});
  if (message.conversation_id)
    tables.conversation_messages.put_unchecked(
      batch, {message.agent_id, *message.conversation_id, position}, {message.sequence_id});
}

}  // namespace

void add_message(const AgentTables& tables, Batch& batch, const Message& message) {
  add_at(tables, batch, message, static_cast<std::uint64_t>(message.sequence_id));
}

void add_system_message(const AgentTables& tables, Batch& batch, const Message& message) {
  add_at(tables, batch, message, 0);
}

AgentRecord::AgentRecord(const Services& services, std::string agent_id)
  : services_(&services),
    id_(std::move(agent_id)),
    tables_(*services.store),
    history_(*services.store, id_,
             static_cast<std::size_t>(services.settings->actors.history_bytes_max)) {}

void AgentRecord::forget() {
  is_current_ = false;
  history_.clear();
}

Status AgentRecord::load() {
  if (is_current_) return {};
  auto agent = tables_.agents.get({id_});
  if (!agent) {
    if (agent.error().code != Errc::not_found) return std::move(agent).error();
    return Error{Errc::not_found, "Agent with ID " + id_ + " not found", ""};
  }
  REVERIE_TRY(auto activity, tables_.activity.get({id_}));
  activity_ = std::move(activity);
  agent_ = *std::move(agent);
  REVERIE_CHECK(derive());
  is_current_ = true;
  return {};
}

void AgentRecord::stored(Agent agent) {
  const std::int64_t version = is_current_ ? agent_->version + 1 : 1;
  agent_ = Stored<Agent>{std::move(agent), version};
  is_current_ = true;
  // What was stored was checked before; a failure here would be seen by load() too.
  (void)derive();
}

void AgentRecord::stored(AgentActivity activity) {
  const std::int64_t version = activity_ ? activity_->version + 1 : 1;
  activity_ = Stored<AgentActivity>{std::move(activity), version};
}

Result<std::vector<Stored<Block>>> AgentRecord::attached_blocks() const {
  std::vector<BlockTable::Key> keys;
  for (const std::string& block_id : agent().block_ids) keys.push_back({block_id});
  REVERIE_TRY(auto found, tables_.blocks.multi_get(keys));
  std::vector<Stored<Block>> blocks;
  for (auto& block : found)
    if (block) blocks.push_back(*std::move(block));  // else deleted; the agent still names it
  return blocks;
}

void AgentRecord::load(CoreMemory& memory, Stored<Block> block) const {
  const auto home = home_of(id_);
  const auto block_home = home_of(block.value.id);
  memory.load(std::move(block.value), block.version, home && block_home && *block_home == *home);
}

Result<std::vector<ToolPointer>> AgentRecord::tools() const {
  const std::uint32_t version = services_->tools->version();
  if (!tools_ || tools_version_ != version) {
    REVERIE_TRY(tools_, services_->tools->tools(agent().org_id, agent().tool_ids));
    tools_version_ = version;
  }
  return *tools_;
}

Result<CoreMemory> AgentRecord::memory() const {
  REVERIE_TRY(auto attached, attached_blocks());
  CoreMemory memory;
  for (auto& block : attached) load(memory, std::move(block));
  return memory;
}

Result<CoreMemory> AgentRecord::memory(const Conversation& conversation) const {
  // Of each isolated label. A copy that is gone leaves nothing: the agent's own block in its place
  // would be edited from a conversation that is to leave it alone.
  std::map<std::string, std::optional<Stored<Block>>> copies;
  for (const IsolatedBlock& isolated : conversation.isolated_blocks) {
    auto& copy = copies[isolated.label];
    if (isolated.block_id.empty()) continue;
    auto block = tables_.blocks.get({isolated.block_id});
    if (block)
      copy = *std::move(block);
    else if (block.error().code != Errc::not_found)
      return std::move(block).error();
  }
  REVERIE_TRY(auto attached, attached_blocks());
  CoreMemory memory;
  for (auto& block : attached) {
    const auto found = copies.find(block.value.label);
    if (found == copies.end()) {
      load(memory, std::move(block));
    } else if (found->second) {
      load(memory, *std::move(found->second));
      found->second.reset();
    }
  }
  // Those whose label the agent has no more.
  for (const IsolatedBlock& isolated : conversation.isolated_blocks)
    if (auto& copy = copies[isolated.label]) load(memory, *std::exchange(copy, std::nullopt));
  return memory;
}

Result<Stored<Conversation>> AgentRecord::conversation(const std::string& id) const {
  auto conversation = tables_.conversations.get({id_, id});
  if (!conversation && conversation.error().code == Errc::not_found)
    return Error{Errc::not_found, "Conversation with id '" + id + "' not found", ""};
  return conversation;
}

Result<Context> AgentRecord::context(const std::string& conversation_id) const {
  if (const Context* kept = history_.find_context(conversation_id)) return *kept;
  auto context = tables_.contexts.get({id_, conversation_id});
  if (context) {
    history_.fill_context(conversation_id, context->value);
    return std::move(context->value);
  }
  if (context.error().code == Errc::not_found) return Context{};
  return std::move(context).error();
}

Result<std::vector<Message>> AgentRecord::messages(
  const std::vector<std::int64_t>& sequence_ids) const {
  std::vector<Message> messages;
  messages.reserve(sequence_ids.size());
  REVERIE_CHECK(visit_messages(sequence_ids, [&](std::int64_t, std::string_view stored) -> Status {
    REVERIE_TRY(auto message, Table<MessageTable>::decode_stored(stored));
    messages.push_back(std::move(message.value));
    return {};
  }));
  return messages;
}

Status AgentRecord::visit_history(const std::vector<std::int64_t>& sequence_ids,
                                  const std::function<void(MessageContent)>& visit) const {
  std::vector<std::int64_t> missing;
  for (const std::int64_t id : sequence_ids)
    if (!history_.find(id)) missing.push_back(id);
  std::map<std::int64_t, std::string> read;
  REVERIE_CHECK(visit_messages(missing, [&](std::int64_t id, std::string_view stored) -> Status {
    REVERIE_TRY(read[id], HistoryCache::content_of(stored));
    return {};
  }));
  for (const std::int64_t id : sequence_ids) {
    const std::string* content = history_.find(id);
    if (const auto found = read.find(id); found != read.end()) content = &found->second;
    if (!content) continue;
    REVERIE_TRY(MessageContent message, decode<MessageContent>(*content));
    visit(std::move(message));
  }
  for (auto newest = read.rbegin(); newest != read.rend(); ++newest)
    history_.fill(newest->first, std::move(newest->second));
  return {};
}

Status AgentRecord::visit_messages(const std::vector<std::int64_t>& sequence_ids,
                                   const VisitStored& visit) const {
  if (are_in_a_row(sequence_ids)) return visit_message_row(sequence_ids, visit);
  std::vector<MessageTable::Key> keys;
  for (const std::int64_t id : sequence_ids) keys.push_back({id_, static_cast<std::uint64_t>(id)});
  return tables_.messages.multi_get_raw(keys, [&](std::size_t index, std::string_view stored) {
    return visit(sequence_ids[index], stored);
  });
}

Status AgentRecord::visit_message_row(const std::vector<std::int64_t>& sequence_ids,
                                      const VisitStored& visit) const {
  REVERIE_TRY(const Home home, home_of(id_));
  const MessageTable::Key before{id_, static_cast<std::uint64_t>(sequence_ids.front() - 1)};
  const auto rows = static_cast<std::size_t>(sequence_ids.back() - sequence_ids.front() + 1);
  auto wanted = sequence_ids.begin();
  const auto take = [&](const MessageTable::Key& key, std::string_view stored) -> Result<bool> {
    const auto id = static_cast<std::int64_t>(key.sequence_id);
    while (wanted != sequence_ids.end() && *wanted < id) ++wanted;
    if (wanted == sequence_ids.end()) return false;
    if (*wanted == id) REVERIE_CHECK(visit(id, stored));
    return true;
  };
  return tables_.messages.scan_page_raw(home, key_bytes(id_), {before, Order::ascending, rows},
                                        take);
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

AgentRecord::Prompt AgentRecord::compile_prompt(const Agent& agent,
                                                const Conversation* conversation,
                                                const CoreMemory& memory, std::int64_t recall_count,
                                                std::string_view known) const {
  PromptInput input;
  input.agent_id = id_;
  input.agent_type = agent.agent_type;
  input.system = agent.system;
  if (conversation) input.conversation_id = conversation->id;
  const bool has_model = conversation && conversation->model;
  const auto model = services_->providers->resolve(has_model ? *conversation->model : agent.model);
  if (model) input.provider_type = model->info.provider_type;
  input.timezone = agent.timezone;
  input.blocks = memory.blocks();
  input.is_git_backed = is_git_backed(agent.tags);
  if (const auto rules = ToolRules::parse(agent.tool_rules))
    input.rule_texts = rules->prompt_texts();
  input.compiled_at = services_->clock->now();
  input.recall_count = recall_count;
  Prompt prompt;
  prompt.digest = prompt_digest(input);
  if (prompt.digest != known) prompt.text = compile_system_prompt(input);
  return prompt;
}

Status AgentRecord::derive() {
  REVERIE_TRY(model_, model_config_of({agent().model, agent().llm_config, agent().model_settings}));
  tools_.reset();
  auto rules = ToolRules::parse(agent().tool_rules);
  // Rules that were accepted once and are not understood any more must not make an agent useless.
  rules_ = rules ? *std::move(rules) : ToolRules{};
  return {};
}

}  // namespace reverie
