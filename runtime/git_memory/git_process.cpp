#include "runtime/git_memory/git_process.hpp"

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

// Where Debian has git, and where an administrator puts a newer one.
constexpr const char* path_variable = "PATH=/usr/local/bin:/usr/bin:/bin";

Error failed(int error) {
  const std::string hint = error == ENOENT ? " (is git installed?)" : "";
  return {Errc::unavailable, "cannot run git: " + std::string(std::strerror(error)) + hint, "git"};
}

std::vector<std::string> environment_of(const GitStart& what) {
  std::vector<std::string> all{
    path_variable,           "HOME=/nonexistent",           "LC_ALL=C",
    "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
    "GIT_ATTR_NOSYSTEM=1"};
  auto config = what.config;
  config.emplace_back("core.hooksPath", "/dev/null");
  config.emplace_back("core.fsmonitor", "false");
  config.emplace_back("core.fsync", "all");
  // The data directory is ours, whoever a container's volume says that it belongs to.
  config.emplace_back("safe.directory", "*");
  all.push_back("GIT_CONFIG_COUNT=" + std::to_string(config.size()));
  for (std::size_t i = 0; i < config.size(); ++i) {
    all.push_back("GIT_CONFIG_KEY_" + std::to_string(i) + "=" + config[i].first);
    all.push_back("GIT_CONFIG_VALUE_" + std::to_string(i) + "=" + config[i].second);
  }
  for (const auto& [name, value] : what.variables) all.push_back(name + "=" + value);
  return all;
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
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;

  void set_stream(int number, int descriptor) {
    if (descriptor >= 0)
      posix_spawn_file_actions_adddup2(&actions, descriptor, number);
    else
      posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0);
  }

  // The server blocks the signals that end it and ignores SIGPIPE; git must do neither.
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
};

int status_of(int wait_status) {
  constexpr int signal_base = 128;  // as shells say it
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : signal_base + WTERMSIG(wait_status);
}

}  // namespace

Result<GitProcess> GitProcess::start(const GitStart& what) {
  SpawnOptions options;
  options.set_stream(STDIN_FILENO, what.input);
  options.set_stream(STDOUT_FILENO, what.output);
  options.set_stream(STDERR_FILENO, what.error);
  posix_spawn_file_actions_addclosefrom_np(&options.actions, STDERR_FILENO + 1);
  options.reset_signals();
  std::vector<std::string> arguments{"git"};
  arguments.insert(arguments.end(), what.arguments.begin(), what.arguments.end());
  std::vector<std::string> environment = environment_of(what);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, "git", &options.actions, &options.attributes,
                                 pointers(arguments).data(), pointers(environment).data());
  if (error != 0) return failed(error);
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  const int pidfd_error = errno;
  GitProcess process(pid, descriptor);
  if (descriptor < 0) return failed(pidfd_error);
  return process;
}

GitProcess::GitProcess(GitProcess&& other) noexcept
  : pid_(std::exchange(other.pid_, -1)),
    end_descriptor_(std::exchange(other.end_descriptor_, -1)),
    status_(other.status_) {}

GitProcess& GitProcess::operator=(GitProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_descriptor_, other.end_descriptor_);
  std::swap(status_, other.status_);
  return *this;
}

GitProcess::~GitProcess() {
  if (pid_ > 0) {
    kill();
    int ignored = 0;
    while (::waitpid(pid_, &ignored, 0) < 0 && errno == EINTR) {
    }
  }
  if (end_descriptor_ >= 0) ::close(end_descriptor_);
}

void GitProcess::ask_to_end() {
  if (pid_ > 0) ::kill(-pid_, SIGTERM);
}

void GitProcess::kill() {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

std::optional<int> GitProcess::exit_status() {
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

std::optional<int> GitProcess::wait(std::chrono::milliseconds limit) {
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
