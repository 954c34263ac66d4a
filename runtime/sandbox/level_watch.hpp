// Waits for what the sandbox can do here, beside everything else, so that nobody else has to.

#pragma once

#include "runtime/sandbox/sandbox.hpp"

#include <atomic>
#include <optional>
#include <thread>

namespace reverie {

class LevelWatch {
 public:
  // Says in the log what it has found. `sandbox` outlives this.
  explicit LevelWatch(const Sandbox& sandbox);

  // Nothing as long as it is being found out. Never blocks; thread-safe.
  std::optional<SandboxLevel> level() const;

 private:
  static constexpr int unknown = -1;

  std::atomic<int> level_ = unknown;
  std::jthread thread_;
};

}  // namespace reverie
