// The thread that all calls of a sandbox go through: it starts zygotes, gives them calls, reads
// what comes back, and keeps the time.

#pragma once

#include "runtime/sandbox/package_cache.hpp"
#include "runtime/sandbox/sandbox_call.hpp"
#include "runtime/sandbox/sandbox_runner.hpp"
#include "runtime/sandbox/sandbox_uids.hpp"
#include "runtime/sandbox/worker_process.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace reverie {

class SandboxLoop {
 public:
  explicit SandboxLoop(SandboxOptions options);
  ~SandboxLoop();
  SandboxLoop(const SandboxLoop&) = delete;
  SandboxLoop& operator=(const SandboxLoop&) = delete;

  // From any thread. Waits until the level is known.
  SandboxLevel level() const;
  SandboxLimits limits_to_parse() const;
  using Task = std::function<void()>;
  void post(Task task);  // is run on the loop's thread, in order

  // On the loop's thread.
  void submit(SandboxCall call, SandboxWork work, Sandbox::OnResult on_result);
  void cancel(const std::string& id);

 private:
  using Time = SandboxCallState::Time;
  using Call = std::unique_ptr<SandboxCallState>;

  struct Worker {
    Worker(std::int64_t its_number, WorkerProcess its_process)
      : number(its_number), process(std::move(its_process)) {}

    std::int64_t number;
    WorkerProcess process;
    std::string packages;          // its folder
    std::set<std::int64_t> calls;  // under way
    Time idle_since{};
  };
  // A zygote that was told to end: it has some things to take away first.
  struct Leaving {
    WorkerProcess process;
    Time deadline;
  };

  void run();
  void wait();
  int wait_ms() const;
  bool take_tasks();
  void on_event(std::uint64_t what);
  void watch(int descriptor, std::uint64_t what);

  // Levels, the highest first, until one works.
  void begin_probes();
  void probe_next();
  void on_probe(SandboxLevel tried, const SandboxResult& result);
  void settle(SandboxLevel level);
  std::string why_refused(const SandboxCall& call) const;

  void pump();
  void ask_for_packages();
  void on_packages(std::int64_t call_number, Result<std::string> folder);
  void watch_build();
  void look_after_build(Time at);
  void begin(Call call);
  Status hand_over(SandboxCallState& call);
  Result<Worker*> worker_for(const std::string& packages);
  void watch_streams(const SandboxCallState& call);

  void on_reports(std::int64_t worker_number);
  void on_report(Worker& worker, WorkerReport report);
  void on_stream(std::int64_t call_number, SandboxCallState::Stream stream);
  void set_deadline(SandboxCallState& call, Time deadline);
  void stop_harder(SandboxCallState& call);
  void finish(std::int64_t call_number, SandboxResult result);

  Call take_waiting(std::int64_t number);

  void fire_deadlines();
  void drop_worker(std::int64_t number, const std::string& why);
  void retire(std::int64_t number);
  void retire_idle(Time now);
  void bury(Time now);
  void end_all();

  const SandboxOptions options_;

  mutable std::mutex mutex_;
  mutable std::condition_variable settled_;
  std::vector<Task> tasks_;            // under mutex_
  bool is_stopping_ = false;           // under mutex_
  std::optional<SandboxLevel> level_;  // under mutex_

  // The rest belongs to the thread.
  Descriptor epoll_;
  Descriptor wakeup_;
  std::deque<SandboxLevel> levels_to_try_;
  std::optional<SandboxLevel> worker_level_;  // of zygotes; nothing: code cannot run
  std::string refusal_;                       // why every call is refused; empty: none is
  SandboxUids uids_;
  std::int64_t last_number_ = 0;
  PackageCache packages_;
  std::int64_t watched_build_ = 0;                 // how many were
  std::vector<Call> asking_;                       // came just now, with packages
  std::map<std::int64_t, Call> without_packages_;  // wait for them
  std::deque<Call> queue_;
  std::map<std::int64_t, Call> calls_;                      // under way
  std::map<std::string, std::int64_t> waiting_or_running_;  // by id: its number
  std::map<std::int64_t, std::unique_ptr<Worker>> workers_;
  std::map<std::int64_t, std::int64_t> worker_of_call_;
  std::set<std::pair<Time, std::int64_t>> deadlines_;
  std::vector<Leaving> leaving_;
  bool is_probing_ = true;
  std::thread thread_;
};

}  // namespace reverie
