#include "runtime/http_client.hpp"

#include "config/log_line.hpp"
#include "runtime/http_exchange.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace reverie {

namespace {

using Time = HttpExchange::Time;

// Handles that wait for their next call; each holds some 6 KiB.
constexpr std::size_t easy_pool_max = 64;

Time now() {
  return std::chrono::steady_clock::now();
}

Error cancelled() {
  return {Errc::llm_cancelled, "the call was given up", ""};
}

void init_curl_once() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code == CURLE_OK) return;
  log_critical("http: libcurl does not start error=\"{}\"", curl_easy_strerror(code));
  std::abort();
}

int open_or_abort(int fd, const char* what) {
  if (fd >= 0) return fd;
  log_critical("http: no {} error={}", what, errno);
  std::abort();
}

}  // namespace

// curl_multi_poll would look at every transfer on each wake-up, which for some hundred token
// streams costs more than the tokens; with epoll a wake-up costs what became ready.
class HttpClient::Loop : public std::enable_shared_from_this<HttpClient::Loop> {
 public:
  explicit Loop(const HttpClientSettings& settings);
  ~Loop();

  void run_in_thread() {
    thread_ = std::thread([this] { run(); });
  }
  void stop();

  class Transfer;
  using Task = std::function<void()>;

  void start(std::shared_ptr<Transfer> transfer);
  void cancel(std::shared_ptr<Transfer> transfer);
  void post(Task task);

 private:
  void run();
  bool take_tasks();
  std::vector<Task> swap_tasks();
  void accept(std::shared_ptr<Transfer> transfer);
  void give_up(Transfer& transfer);
  void activate(Transfer& transfer);
  void set_due(Transfer& transfer, Time due);
  void set_due(Transfer& transfer);
  void fire_deadlines();
  void look_at(Transfer& transfer, Time time);
  void run_curl_timers();
  void collect_finished();
  void wait();
  int wait_ms() const;
  void end(Transfer& transfer, Result<HttpResult> result);
  void end_all();
  CurlEasy take_easy();

  static int on_socket(CURL* easy, curl_socket_t fd, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);

  std::mutex mutex_;
  std::vector<Task> tasks_;   // under mutex_
  bool is_stopping_ = false;  // under mutex_

  // The rest belongs to the thread.
  std::atomic<std::thread::id> thread_id_{};
  bool is_ending_ = false;  // every call ends as soon as it starts
  int epoll_;
  int wakeup_;
  CURLM* multi_;
  std::optional<Time> curl_due_;
  std::unordered_map<Transfer*, std::shared_ptr<Transfer>> live_;
  std::set<std::pair<Time, Transfer*>> deadlines_;
  std::vector<CurlEasy> easy_pool_;
  const std::chrono::milliseconds settle_after_;
  TextPacker packer_;
  std::thread thread_;
};

class HttpClient::Loop::Transfer final : public HttpTransfer,
                                         public std::enable_shared_from_this<Transfer> {
 public:
  Transfer(const std::shared_ptr<Loop>& loop, HttpCall call, OnHttpData on_data, OnHttpDone on_done)
    : exchange(std::move(call), std::move(on_data), std::move(on_done), loop->settle_after_),
      loop_(loop) {}

  void cancel() override {
    if (const auto loop = loop_.lock()) loop->cancel(shared_from_this());
  }
  HttpCall take_call() override { return exchange.take_call(); }

  HttpExchange exchange;
  std::optional<Time> due;  // its place in deadlines_
  bool is_active = false;   // given to curl

 private:
  std::weak_ptr<Loop> loop_;
};

HttpClient::Loop::Loop(const HttpClientSettings& settings)
  : epoll_(open_or_abort(epoll_create1(EPOLL_CLOEXEC), "epoll")),
    wakeup_(open_or_abort(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
    multi_(curl_multi_init()),
    settle_after_(settings.settle_ms) {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Loop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Loop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(settings.connections_kept_max));
  // Edge-triggered: each write is told of once, and nobody has to read.
  epoll_event event{EPOLLIN | EPOLLET, {.fd = wakeup_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event);
}

HttpClient::Loop::~Loop() {
  easy_pool_.clear();
  curl_multi_cleanup(multi_);
  close(wakeup_);
  close(epoll_);
}

void HttpClient::Loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  eventfd_write(wakeup_, 1);
  thread_.join();
}

void HttpClient::Loop::post(Task task) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = tasks_.empty();
    tasks_.push_back(std::move(task));
  }
  // A later task finds the thread awake already; so does one from a callback.
  if (is_first && std::this_thread::get_id() != thread_id_) eventfd_write(wakeup_, 1);
}

void HttpClient::Loop::start(std::shared_ptr<Transfer> transfer) {
  post([this, moved = std::move(transfer)]() mutable { accept(std::move(moved)); });
}

void HttpClient::Loop::cancel(std::shared_ptr<Transfer> transfer) {
  post([this, moved = std::move(transfer)] { give_up(*moved); });
}

void HttpClient::Loop::run() {
  thread_id_ = std::this_thread::get_id();
  sigset_t all;
  sigfillset(&all);  // handlers run on the process's own threads; SIGPIPE is an error code here
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (take_tasks()) {
    fire_deadlines();
    run_curl_timers();
    collect_finished();
    wait();
  }
  end_all();
}

// False when it is time to stop.
bool HttpClient::Loop::take_tasks() {
  for (const Task& task : swap_tasks()) task();
  const std::lock_guard lock(mutex_);
  return !is_stopping_;
}

std::vector<HttpClient::Loop::Task> HttpClient::Loop::swap_tasks() {
  const std::lock_guard lock(mutex_);
  return std::exchange(tasks_, {});
}

void HttpClient::Loop::accept(std::shared_ptr<Transfer> transfer) {
  Transfer& accepted = *transfer;
  live_.emplace(&accepted, std::move(transfer));
  if (is_ending_) return end(accepted, cancelled());
  const std::int64_t delay_ms = accepted.exchange.call().delay_ms;
  if (delay_ms > 0)
    set_due(accepted, now() + std::chrono::milliseconds(delay_ms));
  else
    activate(accepted);
}

void HttpClient::Loop::give_up(Transfer& transfer) {
  if (live_.contains(&transfer)) end(transfer, cancelled());
}

void HttpClient::Loop::activate(Transfer& transfer) {
  HttpExchange& exchange = transfer.exchange;
  if (auto status = exchange.prepare(take_easy(), now()); !status)
    return end(transfer, std::move(status).error());
  curl_multi_add_handle(multi_, exchange.easy());
  curl_easy_setopt(exchange.easy(), CURLOPT_PRIVATE, &transfer);
  transfer.is_active = true;
  set_due(transfer);
}

void HttpClient::Loop::set_due(Transfer& transfer, Time due) {
  if (transfer.due) deadlines_.erase({*transfer.due, &transfer});
  transfer.due = due;
  deadlines_.emplace(due, &transfer);
}

// Of one under way.
void HttpClient::Loop::set_due(Transfer& transfer) {
  const HttpExchange& exchange = transfer.exchange;
  set_due(transfer, exchange.is_settled() ? exchange.deadline()
                                          : std::min(exchange.deadline(), exchange.settle_at()));
}

void HttpClient::Loop::fire_deadlines() {
  while (!deadlines_.empty()) {
    const Time time = now();
    const auto [due, transfer] = *deadlines_.begin();
    if (due > time) return;
    if (!transfer->is_active)
      activate(*transfer);
    else if (transfer->exchange.deadline() > time)  // to settle, or bytes came in since
      look_at(*transfer, time);
    else
      end(*transfer, transfer->exchange.timed_out(time));
  }
}

void HttpClient::Loop::look_at(Transfer& transfer, Time time) {
  HttpExchange& exchange = transfer.exchange;
  if (!exchange.is_settled() && exchange.settle_at() <= time) exchange.settle(packer_, time);
  set_due(transfer);
}

void HttpClient::Loop::run_curl_timers() {
  if (!curl_due_ || *curl_due_ > now()) return;
  curl_due_.reset();
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

void HttpClient::Loop::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    char* found = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &found);
    auto& transfer = *reinterpret_cast<Transfer*>(found);
    end(transfer, transfer.exchange.outcome(code));
  }
}

void HttpClient::Loop::end(Transfer& transfer, Result<HttpResult> result) {
  const auto ended = std::move(live_.extract(&transfer).mapped());
  if (transfer.due) deadlines_.erase({*transfer.due, &transfer});
  // In the middle of an answer this closes the connection; after its end it is kept.
  if (transfer.is_active) curl_multi_remove_handle(multi_, transfer.exchange.easy());
  if (auto easy = transfer.exchange.release(); easy && easy_pool_.size() < easy_pool_max)
    easy_pool_.push_back(std::move(easy));
  transfer.exchange.finish(std::move(result));
}

// Callbacks may start calls and post tasks until the last one was told.
void HttpClient::Loop::end_all() {
  is_ending_ = true;
  while (!live_.empty()) end(*live_.begin()->first, cancelled());
  for (auto tasks = swap_tasks(); !tasks.empty(); tasks = swap_tasks())
    for (const Task& task : tasks) task();
}

CurlEasy HttpClient::Loop::take_easy() {
  if (easy_pool_.empty()) return CurlEasy(curl_easy_init());
  CurlEasy easy = std::move(easy_pool_.back());
  easy_pool_.pop_back();
  return easy;
}

int HttpClient::Loop::wait_ms() const {
  std::optional<Time> due = curl_due_;
  if (!deadlines_.empty() && (!due || deadlines_.begin()->first < *due))
    due = deadlines_.begin()->first;
  if (!due) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

void HttpClient::Loop::wait() {
  {
    const std::lock_guard lock(mutex_);
    if (!tasks_.empty() || is_stopping_) return;
  }
  std::array<epoll_event, 64> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wakeup_) continue;
    int mask = 0;
    if (event.events & EPOLLIN) mask |= CURL_CSELECT_IN;
    if (event.events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
    if (event.events & (EPOLLERR | EPOLLHUP)) mask |= CURL_CSELECT_ERR;
    int running = 0;
    curl_multi_socket_action(multi_, event.data.fd, mask, &running);
  }
}

int HttpClient::Loop::on_socket(CURL*, curl_socket_t fd, int what, void* self, void* known) {
  auto& loop = *static_cast<Loop*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(loop.epoll_, EPOLL_CTL_DEL, fd, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = fd;
  if (what & CURL_POLL_IN) event.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
  epoll_ctl(loop.epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  curl_multi_assign(loop.multi_, fd, self);  // `known` from now on
  return 0;
}

int HttpClient::Loop::on_timer(CURLM*, long timeout_ms, void* self) {
  auto& loop = *static_cast<Loop*>(self);
  loop.curl_due_.reset();
  if (timeout_ms >= 0) loop.curl_due_ = now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

HttpClient::HttpClient(HttpClientSettings settings) {
  init_curl_once();
  loop_ = std::make_shared<Loop>(settings);
  loop_->run_in_thread();
}

HttpClient::~HttpClient() {
  loop_->stop();
}

std::shared_ptr<HttpTransfer> HttpClient::start(HttpCall call, OnHttpData on_data,
                                                OnHttpDone on_done) {
  auto transfer = std::make_shared<Loop::Transfer>(loop_, std::move(call), std::move(on_data),
                                                   std::move(on_done));
  loop_->start(transfer);
  return transfer;
}

void HttpClient::post(std::function<void()> task) {
  loop_->post(std::move(task));
}

}  // namespace reverie
