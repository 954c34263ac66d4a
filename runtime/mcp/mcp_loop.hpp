// The thread that all sessions with MCP servers belong to: what they do is a task there, so that
// none of them needs a lock. It keeps the time, and waits for the descriptors of those over stdio.

#pragma once

#include "runtime/sandbox/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace reverie {

class McpLoop {
 public:
  using Task = std::function<void()>;
  using Time = std::chrono::steady_clock::time_point;

  McpLoop();
  ~McpLoop();  // stop()
  McpLoop(const McpLoop&) = delete;
  McpLoop& operator=(const McpLoop&) = delete;

  // Runs what was posted and joins the thread; timers and descriptors are dropped, and what is
  // posted from then on is not run. Not from the loop's thread.
  void stop();

  // From any thread; is run on the loop's, in order.
  void post(Task task);

  // The rest on the loop's thread alone.

  // A number for `drop`; what is not dropped is run once, when its time has come.
  std::int64_t after(std::chrono::milliseconds time, Task task);
  void drop(std::int64_t timer);

  enum class Wait : std::uint8_t { readable, writable };
  // Whenever it is so, until it is unwatched. Not a descriptor that is watched for both.
  void watch(int descriptor, Wait what, Task task);
  void unwatch(int descriptor);

 private:
  void run();
  bool take_tasks();
  void fire_timers();
  void wait();
  int wait_ms() const;

  std::mutex mutex_;
  std::vector<Task> tasks_;   // under mutex_
  bool is_stopping_ = false;  // under mutex_
  bool has_stopped_ = false;  // under mutex_

  // The rest belongs to the thread.
  Descriptor epoll_;
  Descriptor wakeup_;
  std::int64_t last_timer_ = 0;
  std::map<std::pair<Time, std::int64_t>, Task> timers_;
  std::map<std::int64_t, Time> timer_times_;
  std::map<int, Task> watched_;
  std::thread thread_;
};

}  // namespace reverie
