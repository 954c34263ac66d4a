#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <optional>

namespace reverie {

// The events that are kept of one background run, as a whole.
struct RunLog {
  std::int64_t bytes = 0;
  std::int64_t dropped = 0;  // number of the last event that is not kept any more; 0: all are there
  std::optional<Timestamp> ended_at;  // of the run; none: it goes on

  static constexpr std::string_view type_name = "RunLog";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "bytes", &RunLog::bytes),
      field(2, "dropped", &RunLog::dropped),
      field(3, "ended_at", &RunLog::ended_at),
    };
  }
  bool operator==(const RunLog&) const = default;
};

}  // namespace reverie
