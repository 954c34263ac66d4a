// When a call to a vendor is made again, and when none is made for a while.

#pragma once

#include "config/random.hpp"
#include "runtime/llm/failure.hpp"
#include "runtime/llm/limits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace reverie {

// How long to wait before the next attempt; nothing when there is none. `attempt` is the one that
// failed, from 1. Only for a call of which nothing was handed on yet.
std::optional<std::int64_t> retry_delay_ms(const LlmLimits& limits, std::int64_t attempt,
                                           const LlmFailure& failure, Random& random);

// True for a failure that says that the vendor is down, not that the request is wrong or that
// this key calls too often.
bool is_outage(const LlmFailure& failure);

// Spares a vendor that is down, and its callers the wait. After failures_max calls in a row
// that met an outage it lets one call through at a time, and one more each probe interval, until
// one is answered. So a call that comes alone is always tried. For one thread.
class Circuit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Circuit(const LlmLimits& limits) : limits_(limits) {}

  bool admit(Time now);  // false: fail at once; true: one of the two follows
  void on_answer();      // the vendor answered, be it with a 4xx
  void on_outage();
  void on_cancel();  // nothing was learned
  bool is_open() const { return failures_ >= limits_.failures_max; }

 private:
  LlmLimits limits_;
  std::int64_t failures_ = 0;
  bool is_probing_ = false;
  Time last_probe_;
};

}  // namespace reverie
