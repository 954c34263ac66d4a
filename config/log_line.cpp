#include "config/log_line.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace reverie {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::critical: return spdlog::level::critical;
  }
  return spdlog::level::critical;
}

}  // namespace

void log_formatted(LogLevel level, fmt::string_view format, fmt::format_args args) {
  const auto as = spdlog_level(level);
  if (!spdlog::should_log(as)) return;
  fmt::memory_buffer line;
  fmt::vformat_to(std::back_inserter(line), format, args);
  spdlog::log(as, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace reverie
