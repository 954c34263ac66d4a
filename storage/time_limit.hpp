// A limit on how long a call may take that has none of its own.

#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace reverie {

// Calls `on_end` once, from a thread of its own, if it still lives after `limit`. It cannot
// end the call that takes too long: what `on_end` does has to. Costs a thread, so it is
// for calls that are rare.
class TimeLimit {
 public:
  TimeLimit(std::chrono::milliseconds limit, std::function<void()> on_end)
    : thread_([this, limit, on_end = std::move(on_end)](const std::stop_token& stop) {
        {
          std::unique_lock lock(mutex_);
          stopped_.wait_for(lock, stop, limit, [] { return false; });  // until the stop
        }
        if (!stop.stop_requested()) on_end();
      }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses the two above
};

}  // namespace reverie
