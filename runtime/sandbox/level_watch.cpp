#include "runtime/sandbox/level_watch.hpp"

#include "config/log_line.hpp"

namespace reverie {

LevelWatch::LevelWatch(const Sandbox& sandbox)
  : thread_([this, &sandbox] {
      const SandboxLevel level = sandbox.level();
      level_ = static_cast<int>(level);
      if (level == SandboxLevel::none)
        log_warn("sandbox: code of tools does not run here level=none");
      else
        log_info("sandbox: ready level={}", to_string(level));
    }) {}

std::optional<SandboxLevel> LevelWatch::level() const {
  const int level = level_;
  if (level == unknown) return std::nullopt;
  return static_cast<SandboxLevel>(level);
}

}  // namespace reverie
