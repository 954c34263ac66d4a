#include "runtime/web/page_reader.hpp"

#include <csignal>
#include <utility>

namespace reverie {

PageReader::PageReader() : thread_([this] { run(); }) {}

PageReader::~PageReader() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  is_changed_.notify_one();
  thread_.join();
}

void PageReader::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  is_changed_.notify_one();
}

void PageReader::run() {
  sigset_t all;
  sigfillset(&all);  // handlers run on the process's own threads
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      is_changed_.wait(lock, [this] { return is_stopping_ || !tasks_.empty(); });
      if (is_stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace reverie
