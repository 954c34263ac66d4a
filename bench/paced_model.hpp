// A model without a network, below the seam of Provider: when a number of calls is there, it says a
// word to each of them at a steady pace, from one thread.

#pragma once

#include "runtime/llm/provider.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace reverie::bench {

struct Pace {
  std::size_t calls = 0;  // that it waits for
  std::size_t words = 0;  // said to each
  std::chrono::nanoseconds interval{};
};

// From the first word to the last.
struct PaceReport {
  std::size_t words = 0;
  double late_ms_max = 0;   // of its own thread
  double cpu_s_before = 0;  // of the whole process, since its start
  double thread_cpu_s = 0;  // of its own thread: the calls of OnDelta are in it
};

class PacedModel final : public Provider {
 public:
  // `on_begin` is called on its thread when all calls are there, `on_end` when each has ended.
  PacedModel(Pace pace, std::function<void()> on_begin,
             std::function<void(const PaceReport&)> on_end);
  ~PacedModel() override;

  std::shared_ptr<LlmCall> complete(LlmRequest request, OnDelta on_delta,
                                    OnCompletion on_completion) override;
  std::string request_json(const LlmRequest&) const override { return "{}"; }

 private:
  struct Call {
    OnDelta on_delta;
    OnCompletion on_completion;
    std::string text;  // said so far
  };

  void run(const std::stop_token& stopped);
  PaceReport say_all();
  static void end(Call& call);

  const Pace pace_;
  const std::function<void()> on_begin_;
  const std::function<void(const PaceReport&)> on_end_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Call> calls_;
  std::jthread thread_;
};

}  // namespace reverie::bench
