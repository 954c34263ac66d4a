#pragma once

#include "config/json.hpp"
#include "storage/records/message.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What waits for a decision at the end of a thread, as far as the list of all that wait shows it
// without a look at its message.
struct PendingApproval {
  std::string org_id;
  std::string run_id;
  std::string message_id;  // of the message that asks
  Timestamp requested_at;

  static constexpr std::string_view type_name = "PendingApproval";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "org_id", &PendingApproval::org_id),
      field(2, "run_id", &PendingApproval::run_id),
      field(3, "message_id", &PendingApproval::message_id),
      field(4, "requested_at", &PendingApproval::requested_at),
    };
  }
  bool operator==(const PendingApproval&) const = default;
};

// The messages that a thread's next model call will see, oldest first, by sequence number. The
// first is the system message.
struct Context {
  std::vector<std::int64_t> sequence_ids;
  // The UUIDs of the same messages, 16 bytes each: an agent's reply lists them, and must not read
  // a message for each.
  std::string message_uuids;
  // Sequence number of the last message when it asks for approval; 0: the thread takes input.
  std::int64_t pending = 0;
  std::optional<PendingApproval> approval;  // of that message

  // Nothing waits any more.
  void clear_pending();
  // At the end of the thread.
  void add(const Message& message);
  // In front of all others.
  void add_first(const Message& message);
  // Takes messages out and puts one behind the first in their place.
  void replace(const std::vector<std::int64_t>& evicted, const Message& summary);
  std::vector<std::string> message_ids() const;

  static constexpr std::string_view type_name = "Context";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "sequence_ids", &Context::sequence_ids),
      field(2, "message_uuids", &Context::message_uuids),
      field(3, "pending", &Context::pending),
      field(4, "approval", &Context::approval),
    };
  }
  bool operator==(const Context&) const = default;
};

// A Context as it is stored, without its messages: what an index reads of it with each step.
struct ContextEnd {
  std::int64_t pending = 0;
  std::optional<PendingApproval> approval;

  static constexpr std::string_view type_name = "ContextEnd";
  static constexpr auto fields() {
    return std::tuple{
      field(3, "pending", &ContextEnd::pending),
      field(4, "approval", &ContextEnd::approval),
    };
  }
};

}  // namespace reverie
