#include "runtime/mcp/mcp_loop.hpp"

#include "config/log_line.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <limits>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace reverie {

namespace {

Descriptor open_for_loop(int number, const char* what) {
  if (number >= 0) return Descriptor(number);
  log_critical("mcp: no {} error={}", what, errno);
  std::abort();
}

}  // namespace

McpLoop::McpLoop()
  : epoll_(open_for_loop(epoll_create1(EPOLL_CLOEXEC), "epoll")),
    wakeup_(open_for_loop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  // Edge-triggered: each write is told of once, and nobody has to read.
  epoll_event event{EPOLLIN | EPOLLET, {.fd = wakeup_.get()}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wakeup_.get(), &event);
  thread_ = std::thread([this] { run(); });
}

McpLoop::~McpLoop() {
  stop();
}

void McpLoop::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  eventfd_write(wakeup_.get(), 1);
  thread_.join();
  timers_.clear();
  watched_.clear();
  std::vector<Task> left;
  const std::lock_guard lock(mutex_);
  has_stopped_ = true;
  left.swap(tasks_);
}

void McpLoop::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    if (has_stopped_) return;
    tasks_.push_back(std::move(task));
  }
  eventfd_write(wakeup_.get(), 1);
}

std::int64_t McpLoop::after(std::chrono::milliseconds time, Task task) {
  const Time due = std::chrono::steady_clock::now() + time;
  const std::int64_t number = ++last_timer_;
  timers_.emplace(std::pair{due, number}, std::move(task));
  timer_times_.emplace(number, due);
  return number;
}

void McpLoop::drop(std::int64_t timer) {
  const auto time = timer_times_.find(timer);
  if (time == timer_times_.end()) return;
  timers_.erase({time->second, timer});
  timer_times_.erase(time);
}

void McpLoop::watch(int descriptor, Wait what, Task task) {
  epoll_event event{};
  event.events = what == Wait::readable ? EPOLLIN : EPOLLOUT;
  event.data.fd = descriptor;
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event);
  watched_[descriptor] = std::move(task);
}

void McpLoop::unwatch(int descriptor) {
  if (watched_.erase(descriptor) > 0) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
}

void McpLoop::run() {
  sigset_t all;
  sigfillset(&all);  // handlers run on the process's own threads; SIGPIPE is an error code here
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (take_tasks()) {
    fire_timers();
    wait();
  }
}

// False when it is time to stop, and nothing is left to do.
bool McpLoop::take_tasks() {
  for (;;) {
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
      if (tasks.empty()) return !is_stopping_;
    }
    for (const Task& task : tasks) task();
  }
}

void McpLoop::fire_timers() {
  while (!timers_.empty() && timers_.begin()->first.first <= std::chrono::steady_clock::now()) {
    const auto timer = timers_.extract(timers_.begin());
    timer_times_.erase(timer.key().second);
    timer.mapped()();
  }
}

int McpLoop::wait_ms() const {
  if (timers_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first.first
                                                                 - std::chrono::steady_clock::now())
                      .count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void McpLoop::wait() {
  std::array<epoll_event, 64> events;
  const int count =
    epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait_ms());
  for (int i = 0; i < count; ++i) {
    // One before it may have unwatched it. A copy: the task may do that itself.
    const auto found = watched_.find(events[static_cast<std::size_t>(i)].data.fd);
    if (found == watched_.end()) continue;
    const Task task = found->second;
    task();
  }
}

}  // namespace reverie
