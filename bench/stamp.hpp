// The time at which a word of a model was due, in the word: "@<ns>@", on a clock that all processes
// of a machine share.

#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace reverie::bench {

using StampTime = std::chrono::steady_clock::time_point;

inline std::string stamp(StampTime due) {
  return '@' + std::to_string(std::chrono::nanoseconds(due.time_since_epoch()).count()) + '@';
}

// Nothing where there is none.
inline std::optional<StampTime> find_stamp(std::string_view text) {
  const auto begin = text.find('@');
  if (begin == std::string_view::npos) return {};
  std::int64_t ns = 0;
  const auto parsed = std::from_chars(text.data() + begin + 1, text.data() + text.size(), ns);
  const bool is_whole = parsed.ec == std::errc{} && parsed.ptr != text.data() + text.size();
  if (!is_whole || *parsed.ptr != '@') return {};
  return StampTime(std::chrono::nanoseconds(ns));
}

}  // namespace reverie::bench
