#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// The messages that a thread's next model call will see, oldest first, by sequence number. The
// first is the system message.
struct Context {
  std::vector<std::int64_t> sequence_ids;

  static constexpr std::string_view type_name = "Context";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "sequence_ids", &Context::sequence_ids),
    };
  }
  bool operator==(const Context&) const = default;
};

}  // namespace reverie
