// A program as a child process, in a process group of its own. It gets the arguments, the
// environment and the descriptors that are named here and nothing else of ours.

#pragma once

#include "config/error.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace reverie {

struct ChildStart {
  std::vector<std::string>
    arguments;  // the program first: a path, or a name that is looked up in PATH
  std::vector<std::string> environment;  // NAME=value
  // What the child has as 0, 1, 2 and so on; they stay the caller's. -1: /dev/null.
  std::vector<int> descriptors{-1, -1, -1};
};

// Owned by one thread at a time.
class ChildProcess {
 public:
  // Errors: unavailable (the program is not installed, or the machine has no room for a process).
  static Result<ChildProcess> start(const ChildStart& what);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills it, and waits for its end

  // The whole group. Nothing happens when it has ended.
  void ask_to_end();
  void kill();

  // Becomes readable when the process has ended. Closed by the object.
  int end_descriptor() const { return end_descriptor_; }

  // Once it has ended: its exit status, or 128 and the signal that ended it.
  std::optional<int> exit_status();

  // Blocks. Nothing when the time has passed: it goes on then.
  std::optional<int> wait(std::chrono::milliseconds limit);

 private:
  ChildProcess(pid_t pid, int end_descriptor) : pid_(pid), end_descriptor_(end_descriptor) {}

  pid_t pid_ = -1;  // -1: ended, or moved away
  int end_descriptor_ = -1;
  int status_ = 0;
};

}  // namespace reverie
