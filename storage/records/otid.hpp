#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// The run that a set of input messages started: a repeated request joins it.
struct AcceptedInput {
  std::string run_id;
  Timestamp created_at;

  static constexpr std::string_view type_name = "AcceptedInput";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &AcceptedInput::run_id),
      field(2, "created_at", &AcceptedInput::created_at),
    };
  }
  bool operator==(const AcceptedInput&) const = default;
};

}  // namespace reverie
