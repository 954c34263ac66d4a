#pragma once

#include "config/json.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// One event of a background run's stream, as it was sent.
struct RunEvent {
  std::string frame;     // the bytes of an SSE frame
  bool is_last = false;  // nothing comes behind it

  static constexpr std::string_view type_name = "RunEvent";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "frame", &RunEvent::frame),
      field(2, "is_last", &RunEvent::is_last),
    };
  }
  bool operator==(const RunEvent&) const = default;
};

}  // namespace reverie
