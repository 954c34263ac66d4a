// What one model provider is given: time, attempts, and how much at once.

#pragma once

#include <cstdint>

namespace reverie {

struct LlmLimits {
  // 600 s: reasoning models take minutes; also what the vendors' own clients allow.
  std::int64_t total_ms = 600'000;  // of one call with its waiting and its retries
  std::int64_t idle_ms = 120'000;   // longest silence of a stream
  std::int64_t connect_ms = 10'000;

  std::int64_t attempts_max = 3;             // the first one counts; the vendors' clients make 3
  std::int64_t retry_delay_ms = 500;         // before the second attempt, then doubled; +-25 %
  std::int64_t retry_delay_max_ms = 8'000;   // the longest that doubling leads to
  std::int64_t retry_after_max_ms = 30'000;  // a vendor that asks for more is not waited for

  // 256 streams at once need 256 sockets, a quarter of the usual limit of a process.
  std::int64_t concurrent_max = 256;
  std::int64_t queued_max = 1024;  // waiting for a turn; beyond: llm_overloaded

  // After this many calls in a row that found the vendor down, one call at a time is let through
  // (and another one each probe interval) until one succeeds; the others fail at once.
  std::int64_t failures_max = 10;
  std::int64_t probe_interval_ms = 5'000;

  std::int64_t response_bytes_max = 64 * 1024 * 1024;  // far above any answer
};

}  // namespace reverie
