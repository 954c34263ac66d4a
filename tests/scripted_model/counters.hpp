// What GET /__stats counts.

#pragma once

#include <atomic>
#include <cstdint>

namespace reverie::scripted {

struct Counters {
  std::atomic<std::int64_t> requests = 0;  // all but those to /__ paths
  std::atomic<std::int64_t> in_flight = 0;
  std::atomic<std::int64_t> max_in_flight = 0;
  std::atomic<std::int64_t> aborted = 0;  // the client left before it had its whole answer
  std::atomic<std::int64_t> dropped = 0;  // we closed the connection, as a script had it
  std::atomic<std::int64_t> invalid_histories = 0;
  std::atomic<std::int64_t> chat = 0;
  std::atomic<std::int64_t> messages = 0;
  std::atomic<std::int64_t> embeddings = 0;
  std::atomic<std::int64_t> embedded_texts = 0;
};

// Counts a request as in flight while it lives.
class InFlight {
 public:
  explicit InFlight(Counters& counters) : counters_(counters) {
    ++counters_.requests;
    const std::int64_t now = ++counters_.in_flight;
    std::int64_t max = counters_.max_in_flight;
    while (now > max && !counters_.max_in_flight.compare_exchange_weak(max, now)) {
    }
  }
  InFlight(const InFlight&) = delete;
  InFlight& operator=(const InFlight&) = delete;
  ~InFlight() { --counters_.in_flight; }

 private:
  Counters& counters_;
};

}  // namespace reverie::scripted
