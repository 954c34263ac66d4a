#include "runtime/sandbox/sandbox_loop.hpp"

#include "config/log_line.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace reverie {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What an event of epoll is about: which of these, whose number, which of its streams.
enum class Source : std::uint64_t { wakeup, worker, stream, build };

constexpr std::uint64_t event(Source source, std::int64_t number = 0, std::uint64_t stream = 0) {
  return static_cast<std::uint64_t>(number) << 4 | stream << 2 | static_cast<std::uint64_t>(source);
}

SandboxCallState::Time now() {
  return std::chrono::steady_clock::now();
}

bool is_root() {
  return ::geteuid() == 0;
}

SandboxLevel level_of(const std::string& name) {
  if (name == "isolated") return SandboxLevel::isolated;
  return name == "process" ? SandboxLevel::process : SandboxLevel::none;
}

SandboxResult refused(std::string why) {
  SandboxResult result;
  result.error = std::move(why);
  return result;
}

}  // namespace

SandboxLoop::SandboxLoop(SandboxOptions options)
  : options_(std::move(options)), packages_(options_.settings, options_.directory) {
  epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  wakeup_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  watch(wakeup_.get(), event(Source::wakeup));
  thread_ = std::thread([this] { run(); });
}

SandboxLoop::~SandboxLoop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  ::eventfd_write(wakeup_.get(), 1);
  thread_.join();
}

SandboxLevel SandboxLoop::level() const {
  std::unique_lock lock(mutex_);
  settled_.wait(lock, [this] { return level_.has_value(); });
  return *level_;
}

SandboxLimits SandboxLoop::limits_to_parse() const {
  SandboxLimits limits = sandbox_limits(options_.settings);
  limits.wall_ms = milliseconds(seconds(options_.settings.start_s)).count();
  return limits;
}

void SandboxLoop::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  ::eventfd_write(wakeup_.get(), 1);
}

// --- the thread ---------------------------------------------------------------------------------

void SandboxLoop::run() {
  begin_probes();
  while (take_tasks()) {
    fire_deadlines();
    ask_for_packages();
    pump();
    wait();
  }
  end_all();
}

bool SandboxLoop::take_tasks() {
  std::vector<Task> tasks;
  bool goes_on = true;
  {
    const std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
    goes_on = !is_stopping_;
  }
  for (const Task& task : tasks) task();
  return goes_on;
}

void SandboxLoop::watch(int descriptor, std::uint64_t what) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.u64 = what;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &wanted);
}

int SandboxLoop::wait_ms() const {
  constexpr Time never = Time::max();
  Time due = deadlines_.empty() ? never : deadlines_.begin()->first;
  for (const auto& [number, worker] : workers_)
    if (worker->calls.empty())
      due = std::min(due, worker->idle_since + seconds(options_.settings.idle_s));
  due = std::min(due, packages_.deadline().value_or(never));
  constexpr milliseconds look_again{20};  // whether it has ended
  if (!leaving_.empty()) due = std::min(due, now() + look_again);
  if (due == never) return -1;
  const auto left = std::chrono::ceil<milliseconds>(due - now()).count();
  constexpr std::int64_t most = 60'000;
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, most));
}

void SandboxLoop::wait() {
  std::array<epoll_event, 64> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), wait_ms());
  for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)].data.u64);
}

void SandboxLoop::on_event(std::uint64_t what) {
  const auto number = static_cast<std::int64_t>(what >> 4);
  switch (static_cast<Source>(what & 3)) {
    case Source::wakeup: {
      eventfd_t ignored = 0;
      ::eventfd_read(wakeup_.get(), &ignored);
      break;
    }
    case Source::worker: on_reports(number); break;
    case Source::build: break;  // fire_deadlines() looks after it
    case Source::stream:
      on_stream(number, static_cast<SandboxCallState::Stream>(what >> 2 & 3));
      break;
  }
}

// --- what the machine can do --------------------------------------------------------------------

void SandboxLoop::begin_probes() {
  const SandboxSettings& settings = options_.settings;
  const SandboxLevel most = level_of(settings.level_max);
  if (most >= SandboxLevel::isolated) levels_to_try_.push_back(SandboxLevel::isolated);
  if (most >= SandboxLevel::process && is_root()) levels_to_try_.push_back(SandboxLevel::process);
  if (is_root()) {
    auto uids = SandboxUids::claim(settings.uid_first, settings.uids, settings.calls_max);
    if (uids) {
      uids_ = *std::move(uids);
    } else {
      log_error("sandbox: no users for it error=\"{}\"", uids.error().message);
      levels_to_try_.clear();
    }
  }
  probe_next();
}

void SandboxLoop::probe_next() {
  if (levels_to_try_.empty()) return settle(SandboxLevel::none);
  const SandboxLevel level = levels_to_try_.front();
  levels_to_try_.pop_front();
  worker_level_ = level;
  SandboxCall call;
  call.source = "def probe():\n    return 'works'";
  call.function = "probe";
  call.limits = limits_to_parse();
  begin(std::make_unique<SandboxCallState>(
    ++last_number_, std::move(call), SandboxWork::run,
    [this, level](SandboxResult result) { on_probe(level, result); }));
}

void SandboxLoop::on_probe(SandboxLevel tried, const SandboxResult& result) {
  if (result.end == SandboxEnd::returned && result.value == "works") return settle(tried);
  if (result.end == SandboxEnd::cancelled) return;  // the server stops
  log_warn("sandbox: this machine has not got the level level={} error=\"{}\" said=\"{}\"",
           to_string(tried), result.error, result.standard_error);
  post([this] {  // after what has ended here is out of the way
    while (!workers_.empty()) retire(workers_.begin()->first);
    probe_next();
  });
}

void SandboxLoop::settle(SandboxLevel level) {
  is_probing_ = false;
  worker_level_ = level == SandboxLevel::none ? std::nullopt : std::optional(level);
  const SandboxLevel wanted = level_of(options_.settings.level_min);
  if (level == SandboxLevel::none)
    refusal_ = "this machine has no way to keep code apart (reverie doctor says what is missing)";
  else if (level < wanted)
    refusal_ = "this machine keeps code apart only at the level " + std::string(to_string(level))
               + ", and sandbox.level_min asks for " + std::string(to_string(wanted));
  if (refusal_.empty())
    log_info("sandbox: ready level={}", to_string(level));
  else
    log_warn("sandbox: tools with code of their own are refused level={} reason=\"{}\"",
             to_string(level), refusal_);
  const std::lock_guard lock(mutex_);
  level_ = level;
  settled_.notify_all();
}

std::string SandboxLoop::why_refused(const SandboxCall& call) const {
  if (!refusal_.empty()) return refusal_;
  if (!call.hosts.empty()) return "tools have no network on this server yet";
  if (!call.packages.empty() && options_.directory.empty())
    return "this server has no folder to keep packages in";
  if (call.language != SandboxLanguage::python && !call.packages.empty())
    return "packages for " + std::string(to_string(call.language)) + " are not served yet";
  if (call.language != SandboxLanguage::python && find_sandbox_program("node").empty())
    return "there is no node in /usr/bin or /usr/local/bin, which runs "
           + std::string(to_string(call.language));
  return "";
}

// --- a call's way -------------------------------------------------------------------------------

void SandboxLoop::submit(SandboxCall call, SandboxWork work, Sandbox::OnResult on_result) {
  if (!call.id.empty() && waiting_or_running_.contains(call.id))
    return on_result(refused("a call of this id is under way"));
  const std::size_t waiting = queue_.size() + asking_.size() + without_packages_.size();
  if (static_cast<std::int64_t>(waiting) >= options_.settings.queue_max)
    return on_result(refused("too many calls wait for the sandbox; try again later"));
  const std::int64_t number = ++last_number_;
  if (!call.id.empty()) waiting_or_running_.emplace(call.id, number);
  auto state =
    std::make_unique<SandboxCallState>(number, std::move(call), work, std::move(on_result));
  if (state->call().packages.empty())
    queue_.push_back(std::move(state));
  else
    asking_.push_back(std::move(state));
}

void SandboxLoop::ask_for_packages() {
  if (is_probing_ || asking_.empty()) return;
  for (Call& call : std::exchange(asking_, {})) {
    if (!why_refused(call->call()).empty()) {  // which begin() says
      queue_.push_back(std::move(call));
      continue;
    }
    const std::int64_t number = call->number();
    const std::vector<SandboxPackage> wanted = call->call().packages;
    without_packages_.emplace(number, std::move(call));
    packages_.require(wanted, *worker_level_, [this, number](Result<std::string> folder) {
      on_packages(number, std::move(folder));
    });
  }
  watch_build();
}

void SandboxLoop::on_packages(std::int64_t call_number, Result<std::string> folder) {
  auto node = without_packages_.extract(call_number);
  if (node.empty()) return;  // it was cancelled
  Call call = std::move(node.mapped());
  if (folder) {
    call->packages = *std::move(folder);
    queue_.push_back(std::move(call));
    return;
  }
  calls_.emplace(call_number, std::move(call));
  finish(call_number, refused(folder.error().message));
}

void SandboxLoop::watch_build() {
  if (std::exchange(watched_build_, packages_.processes_started()) != packages_.processes_started())
    watch(packages_.end_descriptor(), event(Source::build));
}

void SandboxLoop::look_after_build(Time at) {
  if (!packages_.deadline()) return;
  std::set<std::string> in_use;
  for (const auto& [number, worker] : workers_) in_use.insert(worker->packages);
  for (const Call& call : queue_) in_use.insert(call->packages);
  packages_.on_event(at, std::move(in_use));
  watch_build();
}

void SandboxLoop::pump() {
  while (!is_probing_ && !queue_.empty()
         && static_cast<std::int64_t>(calls_.size()) < options_.settings.calls_max) {
    const bool needs_uid = worker_level_ == SandboxLevel::process;
    if (needs_uid && uids_.is_empty()) return;
    Call call = std::move(queue_.front());
    queue_.pop_front();
    begin(std::move(call));
  }
}

void SandboxLoop::begin(Call call) {
  const std::int64_t number = call->number();
  SandboxCallState& state = *calls_.emplace(number, std::move(call)).first->second;
  if (!is_probing_) {
    if (std::string why = why_refused(state.call()); !why.empty())
      return finish(number, refused(std::move(why)));
  }
  if (worker_level_ == SandboxLevel::process) state.uid = uids_.take().value_or(-1);
  if (const Status given = hand_over(state); !given) finish(number, refused(given.error().message));
}

Status SandboxLoop::hand_over(SandboxCallState& call) {
  REVERIE_TRY(Worker * worker, worker_for(call.packages));
  REVERIE_CHECK(call.open());
  REVERIE_CHECK(worker->process.give(call.for_worker()));
  call.release_child_ends();
  worker->calls.insert(call.number());
  worker_of_call_[call.number()] = worker->number;
  watch_streams(call);
  set_deadline(call, now() + seconds(options_.settings.start_s));
  return {};
}

void SandboxLoop::watch_streams(const SandboxCallState& call) {
  using State = SandboxCallState;
  for (const auto stream : {State::result_stream, State::output_stream, State::error_stream})
    watch(call.stream_descriptor(stream), event(Source::stream, call.number(), stream));
}

Result<SandboxLoop::Worker*> SandboxLoop::worker_for(const std::string& packages) {
  for (const auto& [number, worker] : workers_)
    if (worker->packages == packages) return worker.get();
  WorkerStart start;
  start.level = *worker_level_;
  start.packages = packages;
  start.uid = uids_.own();
  start.lock = uids_.lock_descriptor();
  REVERIE_TRY(WorkerProcess process, WorkerProcess::start(start));
  const std::int64_t number = ++last_number_;
  auto worker = std::make_unique<Worker>(number, std::move(process));
  worker->packages = packages;
  worker->idle_since = now();
  watch(worker->process.control_descriptor(), event(Source::worker, number));
  return workers_.emplace(number, std::move(worker)).first->second.get();
}

void SandboxLoop::on_reports(std::int64_t worker_number) {
  for (;;) {
    const auto found = workers_.find(worker_number);
    if (found == workers_.end()) return;
    auto report = found->second->process.next_report();
    if (!report) return drop_worker(worker_number, "it ended");
    if (!*report) return;
    on_report(*found->second, **std::move(report));
  }
}

void SandboxLoop::on_report(Worker& worker, WorkerReport report) {
  const auto found = calls_.find(report.call);
  if (report.what == WorkerReport::What::ready || found == calls_.end()) return;
  SandboxCallState& call = *found->second;
  switch (report.what) {
    case WorkerReport::What::ready: break;
    case WorkerReport::What::started:
      call.on_started(std::move(report.process), now());
      if (call.is_stopping())
        stop_harder(call);
      else
        set_deadline(call, now() + milliseconds(call.call().limits.wall_ms));
      break;
    case WorkerReport::What::failed: finish(report.call, refused(std::move(report.error))); break;
    case WorkerReport::What::ended:
      if (call.uid >= 0) uids_.give_back(std::exchange(call.uid, -1));
      worker.calls.erase(report.call);
      finish(report.call, call.result_of(report.status, report.cpu_ms, now()));
      break;
  }
}

void SandboxLoop::on_stream(std::int64_t call_number, SandboxCallState::Stream stream) {
  const auto found = calls_.find(call_number);
  if (found == calls_.end()) return;
  SandboxCallState& call = *found->second;
  if (call.read(stream)) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, call.stream_descriptor(stream), nullptr);
  if (!call.has_overflowed() || call.stop_steps > 0) return;
  call.stop_steps = 1;  // nobody waits for what more it has to say
  stop_harder(call);
}

void SandboxLoop::cancel(const std::string& id) {
  const auto known = waiting_or_running_.find(id);
  if (known == waiting_or_running_.end()) return;
  const std::int64_t number = known->second;
  const std::string why = "it was cancelled";
  if (const auto running = calls_.find(number); running != calls_.end()) {
    SandboxCallState& call = *running->second;
    if (call.is_stopping()) return;
    call.stop_as(SandboxEnd::cancelled, why);
    if (call.has_started()) stop_harder(call);
    return;
  }
  Call call = take_waiting(number);
  if (call == nullptr) return;
  SandboxResult result = call->result_without_end(SandboxEnd::cancelled, why, now());
  calls_.emplace(number, std::move(call));
  finish(number, std::move(result));
}

SandboxLoop::Call SandboxLoop::take_waiting(std::int64_t number) {
  const auto is_it = [&](const Call& call) { return call->number() == number; };
  Call call;
  if (const auto at = std::find_if(queue_.begin(), queue_.end(), is_it); at != queue_.end()) {
    call = std::move(*at);
    queue_.erase(at);
  } else if (const auto asking = std::find_if(asking_.begin(), asking_.end(), is_it);
             asking != asking_.end()) {
    call = std::move(*asking);
    asking_.erase(asking);
  } else if (auto node = without_packages_.extract(number); !node.empty()) {
    call = std::move(node.mapped());
  }
  return call;
}

void SandboxLoop::set_deadline(SandboxCallState& call, Time deadline) {
  deadlines_.erase({call.deadline, call.number()});
  call.deadline = deadline;
  deadlines_.emplace(deadline, call.number());
}

void SandboxLoop::stop_harder(SandboxCallState& call) {
  const SandboxSettings& settings = options_.settings;
  switch (call.stop_steps++) {
    case 0:
      call.signal(SIGTERM);
      set_deadline(call, now() + milliseconds(settings.grace_ms));
      break;
    case 1:
      call.signal(SIGKILL);
      set_deadline(call, now() + seconds(settings.start_s));
      break;
    default: drop_worker(worker_of_call_[call.number()], "it does not end a call");
  }
}

void SandboxLoop::finish(std::int64_t call_number, SandboxResult result) {
  const auto found = calls_.find(call_number);
  const Call call = std::move(found->second);
  calls_.erase(found);
  deadlines_.erase({call->deadline, call_number});
  if (const auto at = worker_of_call_.find(call_number); at != worker_of_call_.end()) {
    if (const auto worker = workers_.find(at->second); worker != workers_.end()) {
      worker->second->calls.erase(call_number);
      worker->second->idle_since = now();
    }
    worker_of_call_.erase(at);
  }
  if (call->uid >= 0) uids_.give_back(call->uid);
  const auto id = waiting_or_running_.find(call->call().id);
  if (id != waiting_or_running_.end() && id->second == call_number) waiting_or_running_.erase(id);
  call->answer(std::move(result));
}

// --- times and ends -----------------------------------------------------------------------------

void SandboxLoop::fire_deadlines() {
  const Time at = now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= at) {
    const std::int64_t number = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    const auto found = calls_.find(number);
    if (found == calls_.end()) continue;
    SandboxCallState& call = *found->second;
    if (!call.has_started()) {
      drop_worker(worker_of_call_[number], "it does not start a call");
      continue;
    }
    if (call.stop_steps == 0)
      call.stop_as(SandboxEnd::timed_out,
                   "it ran longer than " + std::to_string(call.call().limits.wall_ms) + " ms");
    stop_harder(call);
  }
  retire_idle(at);
  bury(at);
  look_after_build(at);
}

void SandboxLoop::drop_worker(std::int64_t number, const std::string& why) {
  const auto found = workers_.find(number);
  if (found == workers_.end()) return;
  const std::unique_ptr<Worker> worker = std::move(found->second);
  workers_.erase(found);
  const std::string said = worker->process.complaints();
  if (!is_probing_)
    log_warn("sandbox: a worker is given up reason=\"{}\" calls={} said=\"{}\"", why,
             worker->calls.size(), said);
  worker->process.kill();
  const std::set<std::int64_t> calls = worker->calls;
  for (const std::int64_t call_number : calls) {
    SandboxCallState& call = *calls_.at(call_number);
    const bool ran = call.has_started();
    SandboxResult result = call.result_without_end(ran ? SandboxEnd::crashed : SandboxEnd::refused,
                                                   "the sandbox has ended: " + why, now());
    if (!ran) result.standard_error += said;
    finish(call_number, std::move(result));
  }
}

void SandboxLoop::retire(std::int64_t number) {
  const auto found = workers_.find(number);
  found->second->process.ask_to_end();
  leaving_.push_back(
    {std::move(found->second->process), now() + seconds(options_.settings.start_s)});
  workers_.erase(found);
}

void SandboxLoop::retire_idle(Time at) {
  // Of those that are idle, the longest first.
  std::vector<std::pair<Time, std::int64_t>> idle;
  for (const auto& [number, worker] : workers_)
    if (worker->calls.empty()) idle.emplace_back(worker->idle_since, number);
  std::sort(idle.begin(), idle.end());
  for (const auto& [since, number] : idle) {
    const bool is_too_many =
      static_cast<std::int64_t>(workers_.size()) > options_.settings.warm_max;
    if (is_too_many || since + seconds(options_.settings.idle_s) <= at) retire(number);
  }
}

void SandboxLoop::bury(Time at) {
  std::erase_if(leaving_, [&](Leaving& one) {
    return one.process.has_ended() || one.deadline <= at;  // in the second case it is killed
  });
}

void SandboxLoop::end_all() {
  levels_to_try_.clear();
  packages_.stop();
  std::map<std::int64_t, Call> waiting = std::move(without_packages_);
  for (Call& call : queue_) waiting.emplace(call->number(), std::move(call));
  for (Call& call : asking_) waiting.emplace(call->number(), std::move(call));
  for (const auto& [number, call] : waiting)
    call->answer(call->result_without_end(SandboxEnd::cancelled, "the server stops", now()));
  queue_.clear();
  asking_.clear();
  while (!calls_.empty()) {
    SandboxCallState& call = *calls_.begin()->second;
    finish(call.number(),
           call.result_without_end(SandboxEnd::cancelled, "the server stops", now()));
  }
  if (is_probing_) settle(SandboxLevel::none);  // for who waits for it
  while (!workers_.empty()) retire(workers_.begin()->first);
  for (Leaving& one : leaving_) one.process.wait_for_end(one.deadline);
  leaving_.clear();
}

}  // namespace reverie
