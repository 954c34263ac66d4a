#pragma once

#include "bench/commit_load.hpp"

#include <chrono>
#include <cstdint>

#include <sys/resource.h>

namespace reverie::bench {

// The time and the CPU time of this process since it was made.
class Stopwatch {
 public:
  std::chrono::nanoseconds elapsed() const { return std::chrono::steady_clock::now() - start_; }

  CommitResult result(std::uint64_t commits) const {
    const auto count = static_cast<double>(commits);
    return {count / std::chrono::duration<double>(elapsed()).count(), (cpu_us() - cpu_us_) / count};
  }

 private:
  static double cpu_us() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_us_ = cpu_us();
};

}  // namespace reverie::bench
