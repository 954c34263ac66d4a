// Finds the events of runs that have ended and are to go: those that are too old, and the oldest
// where all together are too many.
//
// Reads the index of logs by the time at which their runs ended, never the events. A sweep reads
// one row of some 60 bytes, about 1 us, for each log that goes, that is live, or that has ended
// since the sweep before or in the minute before that; all rows only when there seems to be too
// much.

#pragma once

#include "actors/services.hpp"
#include "storage/tables/run_log_table.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace reverie {

class EventSweep {
 public:
  // What one sweep takes at most: the next follows at once.
  static constexpr std::size_t logs_max = 1'000;

  void init(const Services& services) { services_ = &services; }

  // The logs that are to go now, oldest first. Errors: corruption, unavailable.
  Result<std::vector<RunLogTable::Key>> due();

  // Some of them are still there: what was counted may be wrong.
  void forget();

 private:
  using Visit = std::function<bool(Timestamp ended_at, RunLogTable::Key key, std::int64_t bytes)>;

  // The rows from this time on and before that one, in their order.
  Status visit(Timestamp from, Timestamp until, const Visit& on_row) const;
  Result<std::int64_t> bytes_between(Timestamp from, Timestamp until) const;

  const Services* services_ = nullptr;
  // Of the logs that ended before `counted_until_`; too many when some were deleted since.
  std::int64_t counted_bytes_ = 0;
  Timestamp counted_until_{std::chrono::microseconds{1}};
};

}  // namespace reverie
