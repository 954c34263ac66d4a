// Writes one line of the log: `area: what happened` and then `key=value`.
//
//   log_info("server: listening url={}", url);
//
// How lines look and where they go: config/logging.hpp. The formatting library's templates stay in
// log_line.cpp; in each file that logs they cost the compiler seconds.

#pragma once

#include <cstdint>

#include <fmt/core.h>

namespace reverie {

enum class LogLevel : std::uint8_t {
  debug,    // per request
  info,     // life cycle
  warn,     // degraded, but served
  error,    // somebody must act
  critical  // the process ends
};

// Thread-safe. Below the level of the settings nothing is formatted.
void log_formatted(LogLevel level, fmt::string_view format, fmt::format_args args);

template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log_formatted(LogLevel::debug, format, fmt::make_format_args(args...));
}
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_formatted(LogLevel::info, format, fmt::make_format_args(args...));
}
template <class... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  log_formatted(LogLevel::warn, format, fmt::make_format_args(args...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_formatted(LogLevel::error, format, fmt::make_format_args(args...));
}
template <class... Args>
void log_critical(fmt::format_string<Args...> format, Args&&... args) {
  log_formatted(LogLevel::critical, format, fmt::make_format_args(args...));
}

}  // namespace reverie
