// A git program as a child process. It sees an environment made here and nothing of ours: no
// configuration of the machine or a user, no hooks, no terminal to ask questions at, no descriptor
// but its three streams.

#pragma once

#include "config/error.hpp"
#include "runtime/child_process.hpp"

#include <string>
#include <utility>
#include <vector>

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

// It takes its lock files away when it is asked to end, and leaves them when it is killed.
// Errors: unavailable (git is not installed, or the machine has no room for a process).
Result<ChildProcess> start_git(const GitStart& what);

}  // namespace reverie
