#include "actors/system_message.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace reverie {

namespace {

// Of the agent's messages, those that the thread does not show any more.
std::int64_t recall_count(const AgentActivity& activity, const Context& context) {
  return std::max<std::int64_t>(
    0, activity.messages_count - static_cast<std::int64_t>(context.sequence_ids.size()));
}

// Of the prompt that the thread's system message was made from; empty: it has none.
std::string_view known_digest(const std::string& digest, const Context& context) {
  return context.sequence_ids.empty() ? std::string_view{} : std::string_view{digest};
}

// `digest`: of the prompt that the stored message was made from.
Status write(const AgentRecord& record, const std::optional<std::string>& conversation_id,
             AgentRecord::Prompt prompt, std::string& digest, AgentActivity& activity,
             Context context, Batch& batch) {
  if (prompt.digest == known_digest(digest, context)) return {};
  digest = std::move(prompt.digest);
  ContentPart part;
  part.text = std::move(prompt.text);
  const AgentTables& tables = record.tables();
  REVERIE_TRY(auto stored, first_system_message(record, context));
  if (stored) {
    stored->content = {std::move(part)};
    tables.messages.put_unchecked(
      batch, {record.id(), static_cast<std::uint64_t>(stored->sequence_id)}, *stored);
    return {};
  }
  Message system;
  system.id = record.new_child(Prefix::message);
  system.agent_id = record.id();
  system.org_id = record.agent().org_id;
  system.conversation_id = conversation_id;
  system.role = "system";
  system.content = {std::move(part)};
  system.sequence_id = ++activity.messages_count;
  system.created_at = record.next_time();
  activity.last_message_at = system.created_at;
  add_system_message(tables, batch, system);
  context.add_first(system);
  tables.contexts.put_unchecked(batch, {record.id(), conversation_id.value_or("")}, context);
  return {};
}

}  // namespace

Result<std::optional<Message>> first_system_message(const AgentRecord& record,
                                                    const Context& context) {
  if (context.sequence_ids.empty()) return std::optional<Message>{};
  REVERIE_TRY(auto messages, record.messages({context.sequence_ids.front()}));
  if (messages.empty() || messages.front().role != "system") return std::optional<Message>{};
  return std::optional{std::move(messages.front())};
}

Status refresh_system_message(const AgentRecord& record, AgentActivity& activity, Context context,
                              Batch& batch) {
  REVERIE_TRY(const CoreMemory memory, record.memory());
  auto prompt = record.compile_prompt(memory, recall_count(activity, context),
                                      known_digest(activity.prompt_digest, context));
  return write(record, std::nullopt, std::move(prompt), activity.prompt_digest, activity,
               std::move(context), batch);
}

Status refresh_system_message(const AgentRecord& record, const CoreMemory& memory,
                              Conversation& conversation, AgentActivity& activity, Context context,
                              Batch& batch) {
  auto prompt = record.compile_prompt(conversation, memory, recall_count(activity, context),
                                      known_digest(conversation.prompt_digest, context));
  return write(record, conversation.id, std::move(prompt), conversation.prompt_digest, activity,
               std::move(context), batch);
}

}  // namespace reverie
