// A thread for what takes longer than a callback may: making text of pages.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace reverie {

class PageReader {
 public:
  PageReader();
  ~PageReader();  // ends after the task under way; those that wait are dropped
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  // Thread-safe. One task after the other; how many wait is bounded by who posts them.
  void post(std::function<void()> task);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable is_changed_;
  std::deque<std::function<void()>> tasks_;  // under mutex_
  bool is_stopping_ = false;                 // under mutex_
  std::thread thread_;
};

}  // namespace reverie
