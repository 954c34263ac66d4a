// Requests on the repository of an agent's memory (runtime/git_memory). No client sends them: they
// come from the routes below /v1/git, which run git on the repository in between.

#pragma once

#include "config/json.hpp"
#include "runtime/requests/owner.hpp"

#include <cstdint>
#include <string>

namespace reverie {

// Before git works on the repository: makes it when there is none and takes over what an earlier
// push has left. Answered with GitMemoryAccess. Errors: not_found (no such agent in the
// organisation, or its memory is not git-backed).
struct OpenGitMemory {
  std::string agent_id;

  static constexpr std::string_view type_name = "OpenGitMemory";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &OpenGitMemory::agent_id).from(In::server),
    };
  }
  bool operator==(const OpenGitMemory&) const = default;
};

struct GitMemoryAccess {
  std::int64_t bytes_left = 0;  // that a push may add

  static constexpr std::string_view type_name = "GitMemoryAccess";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "bytes_left", &GitMemoryAccess::bytes_left),
    };
  }
  bool operator==(const GitMemoryAccess&) const = default;
};

// After a push, whether it succeeded or not: makes the agent's blocks what the files at main say.
// Answered with null when that is done, so that the pusher's next request sees it.
struct SyncGitMemory {
  std::string agent_id;

  static constexpr std::string_view type_name = "SyncGitMemory";
  static constexpr Owner owner = Owner::agent;
  const std::string& object_id() const { return agent_id; }
  static constexpr auto fields() {
    return std::tuple{
      field(1, "agent_id", &SyncGitMemory::agent_id).from(In::server),
    };
  }
  bool operator==(const SyncGitMemory&) const = default;
};

}  // namespace reverie
