// System calls that sandboxed code cannot make, as a program that the kernel runs before each.

#pragma once

#include "config/error.hpp"

#include <string>

namespace reverie {

enum class FilterFor {
  zygote,  // of the level `isolated`: it makes a call's namespaces, and runs no code of users
  isolated_call,  // a tool with namespaces of its own
  process_call    // a tool without: no sockets, no IPC that others share
};

// As seccomp(2) takes it (struct sock_filter[]), for this machine's architecture; a process that
// uses another one's calls is killed. Everything that is refused fails as EPERM, and what the C
// library has another way for as ENOSYS. Errors: internal.
Result<std::string> seccomp_filter(FilterFor whom);

}  // namespace reverie
