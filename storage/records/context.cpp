#include "storage/records/context.hpp"

#include "config/ids.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

void Context::clear_pending() {
  pending = 0;
  approval.reset();
}

void Context::add(const Message& message) {
  sequence_ids.push_back(message.sequence_id);
  message_uuids += uuid_bytes(message.id);
  clear_pending();
  if (message.role != "approval" || message.tool_calls.empty()) return;
  pending = message.sequence_id;
  approval = {message.org_id, message.run_id.value_or(""), message.id, message.created_at};
}

void Context::add_first(const Message& message) {
  sequence_ids.insert(sequence_ids.begin(), message.sequence_id);
  message_uuids.insert(0, uuid_bytes(message.id));
}

void Context::replace(const std::vector<std::int64_t>& evicted, const Message& summary) {
  Context rest;
  for (std::size_t i = 0; i < sequence_ids.size(); ++i) {
    if (i == 1) rest.add(summary);
    if (std::find(evicted.begin(), evicted.end(), sequence_ids[i]) != evicted.end()) continue;
    rest.sequence_ids.push_back(sequence_ids[i]);
    rest.message_uuids += message_uuids.substr(i * uuid_bytes_size, uuid_bytes_size);
  }
  if (sequence_ids.size() < 2) rest.add(summary);
  rest.pending = pending;  // what waits is never evicted
  rest.approval = approval;
  *this = std::move(rest);
}

std::vector<std::string> Context::message_ids() const {
  std::vector<std::string> ids;
  for (std::size_t at = 0; at + uuid_bytes_size <= message_uuids.size(); at += uuid_bytes_size)
    ids.push_back(
      id_of_uuid(Prefix::message, std::string_view(message_uuids).substr(at, uuid_bytes_size)));
  return ids;
}

}  // namespace reverie
