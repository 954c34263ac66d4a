#include "actors/approval_expiry.hpp"

#include "actors/ask.hpp"
#include "actors/errors.hpp"
#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "storage/codec.hpp"
#include "storage/index_families.hpp"
#include "storage/store.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace reverie {

Result<ApprovalExpiryState::Look> ApprovalExpiryState::look(const Store& store, Timestamp now,
                                                            std::chrono::seconds expire) {
  Look look;
  std::optional<Timestamp> next;
  std::string last;
  const std::unique_ptr<rocksdb::Iterator> row{
    store.db().NewIterator({}, store.family(approvals_by_age))};
  for (after_ ? row->Seek(*after_) : row->SeekToFirst(); row->Valid() && look.due.size() < rows_max;
       row->Next()) {
    if (after_ && row->key() == *after_) continue;
    auto approval = decode<ApprovalSummary>(row->value().ToStringView());
    if (!approval) continue;
    if (approval->requested_at + expire > now) {
      next = approval->requested_at + expire;
      break;
    }
    look.due.push_back(*std::move(approval));
    last = row->key().ToString();
  }
  if (!row->status().ok()) return from_rocksdb(row->status(), approvals_by_age);
  if (look.due.size() == rows_max) {
    after_ = std::move(last);
    return look;
  }
  const bool is_unfinished = !look.due.empty() || after_;
  after_.reset();
  look.pause = std::min<std::chrono::microseconds>(
    sleep_max, next ? *next - now : std::chrono::microseconds{expire});
  if (is_unfinished) look.pause = std::min<std::chrono::microseconds>(look.pause, retry_);
  retry_ = is_unfinished ? std::min(2 * retry_, sleep_max) : retry_after;
  return look;
}

namespace {

using ExpiryPointer = ApprovalExpiryActor::stateful_pointer<ApprovalExpiryState>;

// Somebody may have decided in the meantime: then there is nothing to do.
void deny(ExpiryPointer self, const Services& services, const ApprovalSummary& approval) {
  ExpireApproval request{approval.agent_id, approval.conversation_id, approval.message_id};
  failpoint("expiry.ask");
  ask(self, services.router, Routed{approval.agent_id, approval.org_id, "", std::move(request)})
    .then(
      [agent_id = approval.agent_id, run_id = approval.run_id](const Answer&) {
        log_info("approvals: nobody has decided in time agent={} run={}", agent_id, run_id);
      },
      [agent_id = approval.agent_id](const caf::error& error) {
        const Error why = from_caf(error);
        if (why.code == Errc::conflict || why.code == Errc::not_found) return;
        log_warn("approvals: could not be denied agent={} error=\"{}\"", agent_id, why.message);
      });
}

void go_on(ExpiryPointer self, const Services& services) {
  const std::chrono::seconds expire{services.settings->approvals.expire_s};
  const auto look = self->state.look(*services.store, services.clock->now(), expire);
  if (!look) {
    log_error("approvals: the index cannot be read error=\"{}\"", look.error().message);
    self->delayed_send(self, ApprovalExpiryState::sleep_max, Tick{});
    return;
  }
  for (const ApprovalSummary& approval : look->due) deny(self, services, approval);
  self->delayed_send(self, look->pause, Tick{});
}

}  // namespace

ApprovalExpiryActor::behavior_type approval_expiry_actor(ExpiryPointer self,
                                                         const Services* services) {
  self->send(self, Tick{});
  return {
    [self, services](Tick) { go_on(self, *services); },
  };
}

}  // namespace reverie
