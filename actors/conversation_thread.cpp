#include "actors/conversation_thread.hpp"

#include "actors/system_message.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

std::uint64_t number(std::int64_t sequence_id) {
  return static_cast<std::uint64_t>(sequence_id);
}

void remove_first(Context& context) {
  context.sequence_ids.erase(context.sequence_ids.begin());
  context.message_uuids.erase(0, uuid_bytes_size);
}

void cut_behind(Context& context, std::size_t size) {
  context.sequence_ids.resize(size);
  context.message_uuids.resize(size * uuid_bytes_size);
  if (size == 0 || context.sequence_ids.back() != context.pending) context.clear_pending();
}

// Adds the copy and returns its id.
std::string add_copy(const AgentRecord& record, Block block, const std::string& user_id,
                     const Conversation& conversation, Batch& batch) {
  block.id = record.new_child(Prefix::block);
  block.created_by_id = user_id;
  block.last_updated_by_id = user_id;
  block.created_at = conversation.created_at;
  block.updated_at = conversation.created_at;
  record.tables().blocks.add(batch, {block.id}, block);
  return std::move(block.id);
}

// A conversation that shows the message beside the thread.
Result<std::optional<std::string>> heir_of(const AgentRecord& record, const std::string& thread_id,
                                           std::int64_t sequence_id) {
  REVERIE_TRY(const Home home, home_of(record.id()));
  std::optional<std::string> heir;
  const Page<SharedMessageTable::Key> all{std::nullopt, Order::ascending, 2};
  REVERIE_CHECK(record.tables().shared_messages.scan_page(
    home, key_bytes(record.id(), number(sequence_id)), all,
    [&](SharedMessageTable::Key&& key, const SharedMessage&) {
      if (key.conversation_id != thread_id) heir = std::move(key.conversation_id);
      return !heir;
    }));
  return heir;
}

}  // namespace

Status isolate_blocks(const AgentRecord& record, const CoreMemory& memory,
                      const std::vector<std::string>& labels, const std::string& user_id,
                      Conversation& conversation, Batch& batch) {
  for (const std::string& label : labels) {
    const auto is_same = [&](const IsolatedBlock& each) { return each.label == label; };
    auto& isolated = conversation.isolated_blocks;
    if (std::any_of(isolated.begin(), isolated.end(), is_same)) continue;
    const Block* block = memory.find(label);
    if (!block)
      return Error{Errc::bad_request,
                   "INVALID_ARGUMENT: the agent has no block with the label '" + label + "'",
                   "body.isolated_block_labels"};
    isolated.push_back({label, add_copy(record, *block, user_id, conversation, batch)});
  }
  return {};
}

Status copy_isolated_blocks(const AgentRecord& record, const Conversation& source,
                            const std::string& user_id, Conversation& conversation, Batch& batch) {
  for (const IsolatedBlock& isolated : source.isolated_blocks) {
    IsolatedBlock copy{isolated.label, ""};
    if (!isolated.block_id.empty()) {
      auto block = record.tables().blocks.get({isolated.block_id});
      if (!block && block.error().code != Errc::not_found) return std::move(block).error();
      if (block)
        copy.block_id = add_copy(record, std::move(block->value), user_id, conversation, batch);
    }
    conversation.isolated_blocks.push_back(std::move(copy));
  }
  return {};
}

Result<Context> context_to_share(const AgentRecord& record, Context context,
                                 const std::optional<std::string>& last_message_id) {
  if (last_message_id) {
    const auto ids = context.message_ids();
    const auto last = std::find(ids.begin(), ids.end(), *last_message_id);
    if (last == ids.end())
      return Error{Errc::not_found, "Message with id '" + *last_message_id + "' not found", ""};
    auto size = static_cast<std::size_t>(last - ids.begin()) + 1;
    // No history may end between a call and its return.
    for (; size < ids.size(); ++size) {
      REVERIE_TRY(const auto next, record.messages({context.sequence_ids[size]}));
      if (next.empty() || next.front().role != "tool") break;
    }
    cut_behind(context, size);
  }
  REVERIE_TRY(const auto system, first_system_message(record, context));
  if (system) remove_first(context);
  return context;
}

void share_messages(const AgentRecord& record, const Context& context,
                    const std::string& conversation_id, Batch& batch) {
  const AgentTables& tables = record.tables();
  for (const std::int64_t id : context.sequence_ids) {
    tables.conversation_messages.put_unchecked(batch, {record.id(), conversation_id, number(id)},
                                               {id});
    tables.shared_messages.put_unchecked(batch, {record.id(), number(id), conversation_id}, {});
  }
}

Status release_message(const AgentRecord& record, const std::string& thread_id, Message message,
                       Batch& batch) {
  const AgentTables& tables = record.tables();
  const std::uint64_t sequence = number(message.sequence_id);
  if (message.conversation_id.value_or("") != thread_id) {
    tables.shared_messages.erase_unchecked(batch, {record.id(), sequence, thread_id});
    return {};
  }
  REVERIE_TRY(auto heir, heir_of(record, thread_id, message.sequence_id));
  if (!heir) {
    tables.children.erase_unchecked(batch, {message.id});
    tables.messages.erase_unchecked(batch, {record.id(), sequence});
    return {};
  }
  tables.shared_messages.erase_unchecked(batch, {record.id(), sequence, *heir});
  message.conversation_id = std::move(heir);
  tables.messages.put_unchecked(batch, {record.id(), sequence}, message);
  return {};
}

Result<bool> release_messages(const AgentRecord& record, const std::string& conversation_id,
                              Batch& batch) {
  const AgentTables& tables = record.tables();
  REVERIE_TRY(const Home home, home_of(record.id()));
  std::size_t count = 0;
  std::vector<MessageTable::Key> keys;
  const Page<ConversationMessageTable::Key> page{std::nullopt, Order::ascending,
                                                 conversation_batch_max};
  REVERIE_CHECK(tables.conversation_messages.scan_page(
    home, key_bytes(record.id(), conversation_id), page,
    [&](const ConversationMessageTable::Key& key, const ConversationMessage& row) {
      ++count;
      keys.push_back({record.id(), number(row.sequence_id)});
      tables.conversation_messages.erase_unchecked(batch, key);
      return true;
    }));
  REVERIE_TRY(auto messages, tables.messages.multi_get(keys));
  for (auto& message : messages)
    if (message)
      REVERIE_CHECK(release_message(record, conversation_id, std::move(message->value), batch));
  return count < conversation_batch_max;
}

Status erase_conversation(const AgentRecord& record, const Stored<Conversation>& conversation,
                          Batch& batch) {
  const AgentTables& tables = record.tables();
  const std::string& id = conversation.value.id;
  REVERIE_TRY(const Home home, home_of(record.id()));
  for (const std::string& block_id : conversation.value.isolated_block_ids())
    tables.blocks.erase_unchecked(batch, {block_id});
  tables.contexts.erase_unchecked(batch, {record.id(), id});
  tables.otids.erase_range(batch, home, key_bytes(record.id(), id));
  tables.children.erase_unchecked(batch, {id});
  tables.conversations.erase(batch, {record.id(), id}, conversation.version);
  return {};
}

}  // namespace reverie
