#include "runtime/llm/retry.hpp"

#include <algorithm>

namespace reverie {

namespace {

bool is_retryable(const LlmFailure& failure) {
  if (failure.is_final || failure.error.code == Errc::llm_insufficient_credits
      || failure.error.code == Errc::llm_context_window)
    return false;
  // Without a status our own clock has ended the call (not again: it has used the caller's
  // time), the connection has failed, or the stream has said what it did not number.
  if (failure.status == 0)
    return failure.error.code == Errc::llm_connection || failure.error.code == Errc::llm_overloaded
           || failure.error.code == Errc::llm_rate_limit
           || failure.error.code == Errc::llm_server_error;
  return failure.status == 408 || failure.status == 409 || failure.status == 429
         || failure.status >= 499;
}

}  // namespace

std::optional<std::int64_t> retry_delay_ms(const LlmLimits& limits, std::int64_t attempt,
                                           const LlmFailure& failure, Random& random) {
  if (attempt >= limits.attempts_max || !is_retryable(failure)) return std::nullopt;
  if (failure.retry_after_ms) {
    if (*failure.retry_after_ms > limits.retry_after_max_ms) return std::nullopt;
    return *failure.retry_after_ms;
  }
  const std::int64_t doublings = std::min<std::int64_t>(attempt - 1, 20);
  const std::int64_t delay_ms =
    std::min(limits.retry_delay_ms << doublings, limits.retry_delay_max_ms);
  // 75 % to 125 %, so that callers who failed together do not come back together.
  return delay_ms * 3 / 4
         + static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(delay_ms / 2 + 1));
}

bool is_outage(const LlmFailure& failure) {
  switch (failure.error.code) {
    case Errc::llm_connection:
    case Errc::llm_timeout:
    case Errc::llm_overloaded: return true;
    case Errc::llm_server_error: return failure.status == 0 || failure.status >= 500;
    default: return false;
  }
}

bool Circuit::admit(Time now) {
  if (!is_open()) return true;
  if (is_probing_ && now - last_probe_ < std::chrono::milliseconds(limits_.probe_interval_ms))
    return false;
  is_probing_ = true;
  last_probe_ = now;
  return true;
}

void Circuit::on_answer() {
  failures_ = 0;
  is_probing_ = false;
}

void Circuit::on_outage() {
  ++failures_;
  is_probing_ = false;
}

void Circuit::on_cancel() {
  is_probing_ = false;
}

}  // namespace reverie
