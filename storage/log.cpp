#include "storage/log.hpp"

#include "config/failpoint.hpp"
#include "storage/apply.hpp"

namespace reverie {

namespace {

AppendOutcome outcome_of(const Status& written) {
  if (written) return AppendOutcome::ok;
  return written.error().code == Errc::unavailable ? AppendOutcome::full : AppendOutcome::unknown;
}

}  // namespace

bool LocalLog::add_group(const Group& group, Applier& applier) const {
  const auto known = sequences_.find(group.shard);
  const auto last =
    known == sequences_.end() ? store_->sequence(group.shard) : Result<std::int64_t>{known->second};
  if (!last || group.sequence != *last + 1) return false;
  if (!applier.add(group.writes)) return false;
  store_->put_sequence(applier.batch(), group.shard, group.sequence);
  return true;
}

std::vector<AppendOutcome> LocalLog::append(std::span<const Group> groups) {
  Applier applier{*store_};
  std::vector<AppendOutcome> outcomes;
  for (const Group& group : groups)
    outcomes.push_back(add_group(group, applier) ? AppendOutcome::ok : AppendOutcome::refused);
  failpoint("log.write");
  const AppendOutcome outcome = outcome_of(store_->write(applier.batch(), applier.homes()));
  failpoint("log.written");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (outcomes[i] != AppendOutcome::ok) continue;
    outcomes[i] = outcome;
    if (outcome == AppendOutcome::ok)
      sequences_[groups[i].shard] = groups[i].sequence;
    else
      sequences_.erase(groups[i].shard);
  }
  return outcomes;
}

}  // namespace reverie
