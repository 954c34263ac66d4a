#include "bench/paced_model.hpp"

#include "bench/stamp.hpp"

#include <algorithm>
#include <utility>

#include <time.h>

namespace reverie::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

// Words that are due within it are said together, as a network hands over what has come in.
constexpr std::chrono::milliseconds tick{1};

double cpu_s(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Nobody cancels what is measured.
class PacedCall final : public LlmCall {
 public:
  void cancel() override {}
};

}  // namespace

PacedModel::PacedModel(Pace pace, std::function<void()> on_begin,
                       std::function<void(const PaceReport&)> on_end)
  : pace_(pace),
    on_begin_(std::move(on_begin)),
    on_end_(std::move(on_end)),
    thread_([this](const std::stop_token& stopped) { run(stopped); }) {}

PacedModel::~PacedModel() = default;

std::shared_ptr<LlmCall> PacedModel::complete(LlmRequest, OnDelta on_delta,
                                              OnCompletion on_completion) {
  const std::lock_guard lock(mutex_);
  calls_.push_back({std::move(on_delta), std::move(on_completion), ""});
  changed_.notify_one();
  return std::make_shared<PacedCall>();
}

void PacedModel::run(const std::stop_token& stopped) {
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stopped, [this] { return calls_.size() >= pace_.calls; })) return;
  }
  on_begin_();
  std::this_thread::sleep_for(pace_.interval);  // the last calls have settled then
  on_end_(say_all());
}

PaceReport PacedModel::say_all() {
  PaceReport report;
  report.words = pace_.calls * pace_.words;
  report.cpu_s_before = cpu_s(CLOCK_PROCESS_CPUTIME_ID);
  const double thread_before = cpu_s(CLOCK_THREAD_CPUTIME_ID);
  const auto start = SteadyClock::now();
  for (std::size_t i = 0; i < report.words; ++i) {
    const auto due = start + pace_.interval / pace_.calls * static_cast<std::int64_t>(i);
    while (due > SteadyClock::now()) std::this_thread::sleep_for(tick);
    const std::chrono::duration<double, std::milli> late = SteadyClock::now() - due;
    report.late_ms_max = std::max(report.late_ms_max, late.count());
    Call& call = calls_[i % pace_.calls];
    std::string word = stamp(due);
    call.text += word;
    call.on_delta(TextDelta{std::move(word)});
    if (i >= report.words - pace_.calls) end(call);
  }
  report.thread_cpu_s = cpu_s(CLOCK_THREAD_CPUTIME_ID) - thread_before;
  return report;
}

void PacedModel::end(Call& call) {
  Completion completion;
  completion.text = std::move(call.text);
  completion.usage = {1, 1, 2, {}, {}, {}};
  call.on_completion(std::move(completion));
}

}  // namespace reverie::bench
