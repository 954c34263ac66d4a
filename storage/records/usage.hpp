#pragma once

#include "config/json.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// Tokens of one model call or the sum of several. Absent: not reported; 0: reported as none.
struct Usage {
  std::int64_t prompt_tokens = 0;  // all input, cached or not
  std::int64_t completion_tokens = 0;
  std::int64_t total_tokens = 0;
  std::optional<std::int64_t> cached_input_tokens;
  std::optional<std::int64_t> cache_write_tokens;
  std::optional<std::int64_t> reasoning_tokens;

  static constexpr std::string_view type_name = "StoredUsage";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "prompt_tokens", &Usage::prompt_tokens),
      field(2, "completion_tokens", &Usage::completion_tokens),
      field(3, "total_tokens", &Usage::total_tokens),
      field(4, "cached_input_tokens", &Usage::cached_input_tokens),
      field(5, "cache_write_tokens", &Usage::cache_write_tokens),
      field(6, "reasoning_tokens", &Usage::reasoning_tokens),
    };
  }
  bool operator==(const Usage&) const = default;
};

}  // namespace reverie
