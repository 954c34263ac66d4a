#pragma once

#include "storage/index.hpp"
#include "storage/table.hpp"

#include <utility>
#include <vector>

namespace reverie {

// A rule over the decoded key and value of a table:
//
//   void agent_rows(const AgentTable::Key& key, const Agent& agent, IndexRows& rows);
//   index_rule<AgentTable, agent_rows>({agents_by_created, agents_by_updated}, 1)
template <TableSchema Schema,
          void (*rows)(const typename Schema::Key&, const typename Schema::Value&, IndexRows&)>
IndexRule index_rule(std::vector<std::string_view> derived, std::int64_t revision) {
  return {Schema::family, std::move(derived), revision,
          [](std::string_view key_text, std::string_view value, IndexRows& out) {
            typename Schema::Key key;
            if (!decode_key(key_text, key)) return;
            if (auto stored = Table<Schema>::decode_stored(value)) rows(key, stored->value, out);
          }};
}

}  // namespace reverie
