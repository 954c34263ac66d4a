#include "actors/thread_start.hpp"

#include "actors/conversation_thread.hpp"
#include "runtime/agent_type.hpp"
#include "runtime/agents/agent_config.hpp"
#include "runtime/llm/providers.hpp"
#include "runtime/prompt/system_prompt.hpp"

#include <limits>
#include <utility>

namespace reverie {

namespace {

Message system_message(const AgentRecord& record, const Agent& agent, const CoreMemory& memory,
                       AgentActivity& activity) {
  auto prompt = record.compile_prompt(agent, memory, 0);
  activity.prompt_digest = std::move(prompt.digest);
  ContentPart part;
  part.text = std::move(prompt.text);
  Message system;
  system.role = "system";
  system.content = {std::move(part)};
  return system;
}

// Gives the messages their ids and numbers and writes them with the context that they make up.
void write_thread(const AgentRecord& record, const Agent& agent, std::vector<Message> messages,
                  AgentActivity& activity, Batch& batch) {
  Context context;
  Timestamp time = std::max(record.services().clock->now(),
                            activity.last_message_at + std::chrono::microseconds{1});
  for (Message& message : messages) {
    message.id = record.new_child(Prefix::message);
    message.agent_id = agent.id;
    message.org_id = agent.org_id;
    message.sequence_id = ++activity.messages_count;
    message.created_at = time;
    activity.last_message_at = time;
    time += std::chrono::microseconds{1};
    context.add(message);
    add_message(record.tables(), batch, message);
  }
  record.tables().contexts.put_unchecked(batch, {agent.id, ""}, context);
}

}  // namespace

Result<AgentActivity> first_messages(const AgentRecord& record, const Agent& agent,
                                     const std::vector<Block>& new_blocks,
                                     std::vector<Message> messages, Batch& batch) {
  CoreMemory memory;
  for (const std::string& id : agent.block_ids) {
    const auto made = std::find_if(new_blocks.begin(), new_blocks.end(),
                                   [&](const Block& block) { return block.id == id; });
    if (made != new_blocks.end()) {
      memory.load(*made, 1);
    } else if (auto stored = record.tables().blocks.get({id})) {
      memory.load(std::move(stored->value), stored->version);
    }
  }
  AgentActivity activity;
  activity.agent_id = agent.id;
  activity.org_id = agent.org_id;
  messages.insert(messages.begin(), system_message(record, agent, memory, activity));
  write_thread(record, agent, std::move(messages), activity, batch);
  return activity;
}

Result<AgentActivity> reset_messages(const AgentRecord& record, bool with_boot_messages,
                                     Batch& batch) {
  const AgentTables& tables = record.tables();
  const Agent& agent = record.agent();
  REVERIE_TRY(const Home home, home_of(agent.id));
  const Page<MessageTable::Key> all{std::nullopt, Order::ascending,
                                    std::numeric_limits<std::size_t>::max()};
  Status released;
  REVERIE_CHECK(tables.messages.scan_page(
    home, key_bytes(agent.id), all, [&](const MessageTable::Key&, Message&& message) {
      if (!message.conversation_id)
        released = release_message(record, "", std::move(message), batch);
      return static_cast<bool>(released);
    }));
  REVERIE_CHECK(released);
  tables.traces.erase_range(batch, home, key_bytes(agent.id));  // they hold what was said
  REVERIE_TRY(const CoreMemory memory, record.memory());
  AgentActivity activity = record.activity();
  std::vector<Message> messages{system_message(record, agent, memory, activity)};
  if (with_boot_messages)
    for (Message& message : boot_messages(agent, record.services().clock->now()))
      messages.push_back(std::move(message));
  write_thread(record, agent, std::move(messages), activity, batch);
  return activity;
}

}  // namespace reverie
