#include "runtime/child_process.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reverie {

namespace {

Error failed(const ChildStart& what, int error) {
  const std::string& program = what.arguments.front();
  const std::string hint = error == ENOENT ? " (is " + program + " installed?)" : "";
  return {Errc::unavailable, "cannot run " + program + ": " + std::strerror(error) + hint, program};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Both kinds of posix_spawn's options, released together.
class SpawnOptions {
 public:
  SpawnOptions() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    for (const int descriptor : raised_) ::close(descriptor);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;

  // False when there is no descriptor left.
  bool set_descriptors(const std::vector<int>& descriptors) {
    const int count = static_cast<int>(descriptors.size());
    for (int number = 0; number < count; ++number) {
      int source = descriptors[static_cast<std::size_t>(number)];
      if (source < 0) {
        posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0);
        continue;
      }
      if (source < count) {  // it would be overwritten before it is used
        source = ::fcntl(source, F_DUPFD_CLOEXEC, count);
        if (source < 0) return false;
        raised_.push_back(source);
      }
      posix_spawn_file_actions_adddup2(&actions, source, number);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, count);
    return true;
  }

  // The server blocks the signals that end it and ignores SIGPIPE; a child must do neither.
  void reset_signals() {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

 private:
  std::vector<int> raised_;
};

int status_of(int wait_status) {
  constexpr int signal_base = 128;  // as shells say it
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : signal_base + WTERMSIG(wait_status);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const ChildStart& what) {
  SpawnOptions options;
  if (!options.set_descriptors(what.descriptors)) return failed(what, errno);
  options.reset_signals();
  std::vector<std::string> arguments = what.arguments;
  std::vector<std::string> environment = what.environment;
  pid_t pid = -1;
  const int error =
    posix_spawnp(&pid, arguments.front().c_str(), &options.actions, &options.attributes,
                 pointers(arguments).data(), pointers(environment).data());
  if (error != 0) return failed(what, error);
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  const int pidfd_error = errno;
  ChildProcess process(pid, descriptor);
  if (descriptor < 0) return failed(what, pidfd_error);
  return process;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
  : pid_(std::exchange(other.pid_, -1)),
    end_descriptor_(std::exchange(other.end_descriptor_, -1)),
    status_(other.status_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_descriptor_, other.end_descriptor_);
  std::swap(status_, other.status_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill();
    int ignored = 0;
    while (::waitpid(pid_, &ignored, 0) < 0 && errno == EINTR) {
    }
  }
  if (end_descriptor_ >= 0) ::close(end_descriptor_);
}

void ChildProcess::ask_to_end() {
  if (pid_ > 0) ::kill(-pid_, SIGTERM);
}

void ChildProcess::kill() {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

std::optional<int> ChildProcess::exit_status() {
  if (pid_ <= 0) return status_;
  siginfo_t info{};
  const auto id = static_cast<id_t>(pid_);
  if (::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != pid_)
    return std::nullopt;
  kill();  // what it has left behind; the number of the group is its own until it is reaped
  int wait_status = 0;
  ::waitpid(pid_, &wait_status, 0);
  pid_ = -1;
  status_ = status_of(wait_status);
  return status_;
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (const auto status = exit_status()) return status;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return std::nullopt;
    pollfd end{end_descriptor_, POLLIN, 0};
    ::poll(&end, 1, static_cast<int>(left.count()));
  }
}

}  // namespace reverie
