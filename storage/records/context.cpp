#include "storage/records/context.hpp"

#include "config/ids.hpp"

namespace reverie {

void Context::add(const Message& message) {
  sequence_ids.push_back(message.sequence_id);
  message_uuids += uuid_bytes(message.id);
}

void Context::add_first(const Message& message) {
  sequence_ids.insert(sequence_ids.begin(), message.sequence_id);
  message_uuids.insert(0, uuid_bytes(message.id));
}

std::vector<std::string> Context::message_ids() const {
  std::vector<std::string> ids;
  for (std::size_t at = 0; at + uuid_bytes_size <= message_uuids.size(); at += uuid_bytes_size)
    ids.push_back(
      id_of_uuid(Prefix::message, std::string_view(message_uuids).substr(at, uuid_bytes_size)));
  return ids;
}

}  // namespace reverie
