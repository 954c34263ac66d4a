#include "storage/log.hpp"

#include "config/failpoint.hpp"
#include "storage/apply.hpp"

#include <algorithm>

namespace reverie {

namespace {

bool add_group(const Store& store, const Group& group, Applier& applier) {
  const auto last = store.sequence(group.shard);
  if (!last || group.sequence != *last + 1) return false;
  if (!applier.add(group.writes)) return false;
  store.put_sequence(applier.batch(), group.shard, group.sequence);
  return true;
}

AppendOutcome outcome_of(const Status& written) {
  if (written) return AppendOutcome::ok;
  return written.error().code == Errc::unavailable ? AppendOutcome::full : AppendOutcome::unknown;
}

}  // namespace

std::vector<AppendOutcome> LocalLog::append(std::span<const Group> groups) {
  Applier applier{*store_};
  std::vector<AppendOutcome> outcomes;
  for (const Group& group : groups)
    outcomes.push_back(add_group(*store_, group, applier) ? AppendOutcome::ok
                                                          : AppendOutcome::refused);
  failpoint("log.write");
  const AppendOutcome outcome = outcome_of(store_->write(applier.batch(), applier.homes()));
  failpoint("log.written");
  std::replace(outcomes.begin(), outcomes.end(), AppendOutcome::ok, outcome);
  return outcomes;
}

}  // namespace reverie
