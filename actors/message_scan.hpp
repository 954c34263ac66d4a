// An agent's stored messages as a search sees them.

#pragma once

#include "runtime/memory/message_source.hpp"
#include "storage/tables/message_table.hpp"

#include <limits>
#include <string>

namespace reverie {

class StoredMessages final : public MessageSource {
 public:
  StoredMessages(const Table<MessageTable>& messages, std::string agent_id)
    : messages_(&messages), agent_id_(std::move(agent_id)) {}

  Status visit_newest_first(const std::function<bool(const Message&)>& visit) const override {
    REVERIE_TRY(const Home home, home_of(agent_id_));
    const Page<MessageTable::Key> all{std::nullopt, Order::descending,
                                      std::numeric_limits<std::size_t>::max()};
    return messages_->scan_page(
      home, key_bytes(agent_id_), all,
      [&](const MessageTable::Key&, const Message& message) { return visit(message); });
  }

 private:
  const Table<MessageTable>* messages_;
  std::string agent_id_;
};

}  // namespace reverie
