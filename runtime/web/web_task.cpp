#include "runtime/web/web_task.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

void WebTask::cancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  if (transfer_) transfer_->cancel();
}

bool WebTask::start(HttpCall call, OnHttpDone on_done) {
  call.total_ms = std::max<std::int64_t>(1, time_left_ms() - call.delay_ms);
  call.connect_ms = call.total_ms + 1'000;
  const std::lock_guard lock(mutex_);
  if (is_cancelled_) return false;
  transfer_ = http_.start(std::move(call), nullptr, std::move(on_done));
  return true;
}

HttpCall WebTask::take_call() {
  const std::lock_guard lock(mutex_);  // start() may still be about to note the transfer
  return transfer_->take_call();
}

std::int64_t WebTask::time_left_ms() const {
  return std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now())
    .count();
}

Error given_up() {
  return {Errc::llm_cancelled, "the call was given up", ""};
}

}  // namespace reverie
