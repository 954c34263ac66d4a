#include "actors/agent_deletion.hpp"

#include <limits>
#include <type_traits>

namespace reverie {

// The rows that find its children by their ids are named one by one.
Result<Batch> agent_deletion(const AgentRecord& record) {
  const AgentTables& tables = record.tables();
  const std::string& id = record.id();
  REVERIE_TRY(const Home home, home_of(id));
  const std::string prefix = key_bytes(id);
  Batch batch;
  const auto children_of = [&](const auto& table) {
    using Schema = std::remove_cvref_t<decltype(table)>;
    using Key = typename Schema::Key;
    using Row = typename Schema::Value;
    const Page<Key> all{std::nullopt, Order::ascending, std::numeric_limits<std::size_t>::max()};
    return table.scan_page(home, prefix, all, [&](const Key&, const Row& row) {
      tables.children.erase_unchecked(batch, {row.id});
      if constexpr (std::is_same_v<Row, Conversation>)
        for (const std::string& block_id : row.isolated_block_ids())
          tables.blocks.erase_unchecked(batch, {block_id});
      return true;
    });
  };
  REVERIE_CHECK(children_of(tables.messages));
  REVERIE_CHECK(children_of(tables.runs));
  REVERIE_CHECK(children_of(tables.steps));
  REVERIE_CHECK(children_of(tables.conversations));
  tables.messages.erase_range(batch, home, prefix);
  tables.runs.erase_range(batch, home, prefix);
  tables.steps.erase_range(batch, home, prefix);
  tables.contexts.erase_range(batch, home, prefix);
  tables.run_states.erase_range(batch, home, prefix);
  tables.run_events.erase_range(batch, home, prefix);
  tables.run_logs.erase_range(batch, home, prefix);
  tables.run_callbacks.erase_range(batch, home, prefix);
  tables.otids.erase_range(batch, home, prefix);
  tables.traces.erase_range(batch, home, prefix);
  tables.secrets.erase_range(batch, home, prefix);
  tables.lifecycles.erase_unchecked(batch, {id});
  tables.conversations.erase_range(batch, home, prefix);
  tables.conversation_messages.erase_range(batch, home, prefix);
  tables.shared_messages.erase_range(batch, home, prefix);
  tables.activity.erase(batch, {id}, record.activity_version());
  tables.agents.erase(batch, {id}, record.version());
  return batch;
}

}  // namespace reverie
