// A request to the web that is under way, in one HTTP call after another.

#pragma once

#include "runtime/http_client.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace reverie {

class WebTask {
 public:
  WebTask(HttpClient& http, std::int64_t time_ms)
    : http_(http), end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(time_ms)) {}
  virtual ~WebTask() = default;
  WebTask(const WebTask&) = delete;
  WebTask& operator=(const WebTask&) = delete;

  // Thread-safe. The task's callback is called with llm_cancelled within milliseconds, or was
  // called already.
  void cancel();

 protected:
  // The next call, with what is left of the task's time: that alone ends it. `on_done` is not
  // called from within. False: the task was cancelled, and there is no next call.
  bool start(HttpCall call, OnHttpDone on_done);
  // The call that has just ended, for another attempt. In its on_done.
  HttpCall take_call();
  std::int64_t time_left_ms() const;

 private:
  HttpClient& http_;
  const std::chrono::steady_clock::time_point end_;

  std::mutex mutex_;
  bool is_cancelled_ = false;               // under mutex_
  std::shared_ptr<HttpTransfer> transfer_;  // under mutex_
};

// What start() returns false for.
Error given_up();

}  // namespace reverie
