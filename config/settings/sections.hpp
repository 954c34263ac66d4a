// The options of each section of the settings, and what the files that list them share. A new
// section is a file here, a line below, and one in settings.cpp.

#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

namespace reverie {

inline constexpr std::int64_t kib = 1LL << 10;
inline constexpr std::int64_t mib = 1LL << 20;
inline constexpr std::int64_t gib = 1LL << 30;
inline constexpr std::int64_t hour_s = 3'600;
inline constexpr std::int64_t day_s = 24 * hour_s;

// The accessor of one member of one section.
template <auto Section, auto Member>
constexpr auto option_at() {
  using Type = std::remove_reference_t<decltype((std::declval<Settings&>().*Section).*Member)>;
  return static_cast<Type& (*)(Settings&)>(
    [](Settings& settings) -> Type& { return (settings.*Section).*Member; });
}

std::vector<Option> server_options();
std::vector<Option> storage_options();
std::vector<Option> actors_options();
std::vector<Option> runs_options();
std::vector<Option> models_options();
std::vector<Option> approvals_options();
std::vector<Option> traces_options();
std::vector<Option> streams_options();
std::vector<Option> images_options();
std::vector<Option> outbound_options();
std::vector<Option> callbacks_options();
std::vector<Option> log_options();
std::vector<Option> git_options();
std::vector<Option> sandbox_options();
std::vector<Option> web_options();
std::vector<Option> mcp_options();

}  // namespace reverie
