#include "config/settings/sections.hpp"

namespace reverie {

namespace {

template <auto Member>
constexpr auto log = option_at<&Settings::log, Member>();

}  // namespace

std::vector<Option> log_options() {
  return {
    {.name = "log.level",
     .member = log<&LogSettings::level>,
     .choices = {"trace", "debug", "info", "warn", "error", "off"},
     .doc = "The least important lines that are written."},
    {.name = "log.format",
     .member = log<&LogSettings::format>,
     .choices = {"text", "json"},
     .doc = "Lines for people or one JSON object a line."},
  };
}

}  // namespace reverie
