#include "bench/load_run.hpp"

#include "bench/http_response.hpp"
#include "bench/stamp.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace reverie::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

double ms_since(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

int connect_to(const LoadOptions& options) {
  const int socket = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1)
    throw std::system_error(EINVAL, std::generic_category(), "not an IPv4 address");
  check(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), "connect");
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

struct Connection {
  int socket = -1;
  std::size_t sent = 0;  // requests
  bool had_event = false;
  SteadyClock::time_point started;
  HttpResponse response;
};

class Load {
 public:
  explicit Load(const LoadOptions& options)
    : options_(options), epoll_(check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>());
      connections_.back()->socket = connect_to(options);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      check(epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back()->socket, &event), "epoll_ctl");
    }
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() {
    for (const auto& connection : connections_)
      if (connection->socket >= 0) close(connection->socket);
    close(epoll_);
  }

  LoadResult run() {
    const double cpu_before = cpu_seconds();
    const auto started = SteadyClock::now();
    for (std::size_t i = 0; i < connections_.size(); ++i) send_next(i);
    while (busy_ > 0 && !(options_.holds && held_ == busy_)) wait_once();
    result_.seconds = ms_since(started) / 1000;
    result_.cpu_s = cpu_seconds() - cpu_before;
    std::sort(result_.latencies_ms.begin(), result_.latencies_ms.end());
    std::sort(result_.first_event_ms.begin(), result_.first_event_ms.end());
    std::sort(result_.late_ms.begin(), result_.late_ms.end());
    if (options_.holds)
      for (const auto& connection : connections_)
        result_.open.push_back(std::exchange(connection->socket, -1));
    return std::move(result_);
  }

 private:
  std::string request_text(std::size_t index) const {
    std::string path = options_.path;
    std::string body = options_.body;
    for (std::string* text : {&path, &body}) {
      if (!options_.ids.empty()) {
        const std::size_t turn = index + connections_[index]->sent * options_.connections;
        replace_all(*text, "{id}", options_.ids[turn % options_.ids.size()]);
      }
      replace_all(*text, "{n}", std::to_string(options_.number_first + sent_));
    }
    std::string request =
      options_.method + ' ' + path + " HTTP/1.1\r\nhost: " + options_.host
      + "\r\naccept: */*\r\nx-stainless-package-version: 1.12.1\r\n";  // as that SDK asks
    if (!options_.token.empty()) request += "authorization: Bearer " + options_.token + "\r\n";
    if (!body.empty())
      request +=
        "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) + "\r\n";
    return request += "\r\n" + body;
  }

  void send_next(std::size_t index) {
    if (sent_ == options_.requests) return;
    Connection& connection = *connections_[index];
    const std::string request = request_text(index);
    ++sent_;
    ++connection.sent;
    ++busy_;
    connection.had_event = false;
    connection.response.clear();
    connection.started = SteadyClock::now();
    // Requests are far smaller than a socket's buffer, so this does not wait.
    if (::send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL)
        != static_cast<ssize_t>(request.size()))
      fail(index, "the request could not be sent");
  }

  void wait_once() {
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) read(events[static_cast<std::size_t>(i)].data.u64);
  }

  void read(std::size_t index) {
    Connection& connection = *connections_[index];
    const ssize_t count = recv(connection.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return fail(index, "the server closed the connection");
    HttpResponse& response = connection.response;
    response.add({buffer_.data(), static_cast<std::size_t>(count)});
    response.take_events([&](std::string_view data) { on_event(connection, data); });
    if (response.is_broken()) return fail(index, "not an HTTP response");
    if (response.is_complete()) on_complete(index);
  }

  void on_event(Connection& connection, std::string_view data) {
    ++result_.events;
    if (const auto due = find_stamp(data)) result_.late_ms.push_back(ms_since(*due));
    if (connection.had_event) return;
    connection.had_event = true;
    ++held_;
    result_.first_event_ms.push_back(ms_since(connection.started));
  }

  void on_complete(std::size_t index) {
    Connection& connection = *connections_[index];
    const HttpResponse& response = connection.response;
    if (response.status() / 100 != 2) {
      note_error(std::to_string(response.status()) + ' ' + response.body().substr(0, 300));
    } else {
      result_.latencies_ms.push_back(ms_since(connection.started));
      if (options_.collects_ids) collect_id(response.body());
    }
    end_request(connection);
    if (!response.keeps_alive()) reconnect(index);
    send_next(index);
  }

  void end_request(Connection& connection) {
    --busy_;
    if (connection.had_event) --held_;
  }

  void collect_id(const std::string& body) {
    constexpr std::size_t id_size = 42;  // "agent-" and a UUID
    const auto found = body.find("agent-");
    if (found != std::string::npos) result_.ids.push_back(body.substr(found, id_size));
  }

  void fail(std::size_t index, const std::string& why) {
    note_error(why);
    end_request(*connections_[index]);
    reconnect(index);
    send_next(index);
  }

  void note_error(const std::string& what) {
    if (result_.errors++ == 0) result_.first_error = what;
  }

  void reconnect(std::size_t index) {
    Connection& connection = *connections_[index];
    close(std::exchange(connection.socket, -1));
    if (sent_ == options_.requests) return;
    connection.socket = connect_to(options_);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    check(epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event), "epoll_ctl");
  }

  const LoadOptions& options_;
  int epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::array<char, 64 << 10> buffer_{};
  std::size_t sent_ = 0;
  std::size_t busy_ = 0;  // requests under way
  std::size_t held_ = 0;  // of them, those that had an event
  LoadResult result_;
};

}  // namespace

LoadResult run_load(const LoadOptions& options) {
  return Load{options}.run();
}

}  // namespace reverie::bench
