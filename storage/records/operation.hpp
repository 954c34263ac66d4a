#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// The result of an edit that came with an operation id, kept so that its repetition is answered
// and not done again.
struct Operation {
  std::string text;  // the answer
  bool is_error = false;
  Timestamp created_at;

  static constexpr std::string_view type_name = "Operation";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "text", &Operation::text),
      field(2, "is_error", &Operation::is_error),
      field(3, "created_at", &Operation::created_at),
    };
  }
  bool operator==(const Operation&) const = default;
};

}  // namespace reverie
