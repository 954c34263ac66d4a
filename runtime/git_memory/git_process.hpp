// A git program as a child process. It sees an environment made here and nothing of ours: no
// configuration of the machine or a user, no hooks, no terminal to ask questions at, no descriptor
// but its three streams.

#pragma once

#include "config/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace reverie {

struct GitStart {
  std::vector<std::string> arguments;                          // behind "git"
  std::vector<std::pair<std::string, std::string>> config;     // wins over the repository's own
  std::vector<std::pair<std::string, std::string>> variables;  // further ones of the environment
  // Descriptors for the child, which stay the caller's; -1: /dev/null.
  int input = -1;
  int output = -1;
  int error = -1;
};

// Owned by one thread at a time.
class GitProcess {
 public:
  // In a process group of its own, so that what it starts ends with it.
  // Errors: unavailable (git is not installed, or the machine has no room for a process).
  static Result<GitProcess> start(const GitStart& what);

  GitProcess(GitProcess&& other) noexcept;
  GitProcess& operator=(GitProcess&& other) noexcept;
  ~GitProcess();  // kills it, and waits for its end

  // The whole group. Git takes its lock files away when it is asked to end, and leaves them when it
  // is killed. Nothing happens when it has ended.
  void ask_to_end();
  void kill();

  // Becomes readable when the process has ended. Closed by the object.
  int end_descriptor() const { return end_descriptor_; }

  // Once it has ended: its exit status, or 128 and the signal that ended it.
  std::optional<int> exit_status();

  // Blocks. Nothing when the time has passed: it goes on then.
  std::optional<int> wait(std::chrono::milliseconds limit);

 private:
  GitProcess(pid_t pid, int end_descriptor) : pid_(pid), end_descriptor_(end_descriptor) {}

  pid_t pid_ = -1;  // -1: ended, or moved away
  int end_descriptor_ = -1;
  int status_ = 0;
};

}  // namespace reverie
