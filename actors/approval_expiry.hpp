// Denies calls that have waited for a decision for too long (approvals.expire_s). One for each
// node.
//
// It looks at the oldest of all that wait, in an index, and then again when that becomes due; while
// nothing waits, when something asked for now would be. So it needs no word from anybody, and a
// start after a crash is no different from any other look.

#pragma once

#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "config/clock.hpp"
#include "storage/records/approval_summary.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

class ApprovalExpiryState {
 public:
  static inline const char* name = "reverie.approval_expiry";

  // As many agents are woken by one look at most; the next one follows at once.
  static constexpr std::size_t rows_max = 256;
  // One that could not be denied is tried again then, and then less and less often.
  static constexpr std::chrono::seconds retry_after{1};
  // The longest sleep: wall time may jump, the actors' clock does not.
  static constexpr std::chrono::seconds sleep_max{60};

  struct Look {
    std::vector<ApprovalSummary> due;
    std::chrono::microseconds pause{0};  // until the next look
  };
  // Errors: corruption, unavailable.
  Result<Look> look(const Store& store, Timestamp now, std::chrono::seconds expire);

 private:
  std::optional<std::string> after_;  // where the look before has stopped
  std::chrono::seconds retry_ = retry_after;
};

using ApprovalExpiryActor = ResidentActor;

ApprovalExpiryActor::behavior_type approval_expiry_actor(
  ApprovalExpiryActor::stateful_pointer<ApprovalExpiryState> self, const Services* services);

}  // namespace reverie
