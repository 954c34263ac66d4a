#pragma once

#include "config/json.hpp"
#include "storage/records/run_options.hpp"

#include <string>

namespace reverie {

// A run has ended, and the one who waits for that (Run::callback_url) was not told yet.
struct RunCallback {
  std::string run_id;
  RunOptions options;  // how the messages of the run are shown

  static constexpr std::string_view type_name = "RunCallback";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &RunCallback::run_id),
      field(2, "options", &RunCallback::options),
    };
  }
  bool operator==(const RunCallback&) const = default;
};

}  // namespace reverie
