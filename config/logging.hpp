// How log lines look and where they go. A line is one event, `area: what happened` and then
// `key=value`:
//
//   log_info("server: listening url=http://127.0.0.1:8283");

#pragma once

#include "config/settings.hpp"

namespace reverie {

// Makes the standard error stream the place of all spdlog lines, at the level and in the
// format of the settings. Call once, before other threads start.
//   text: 2026-01-01T00:00:00.000Z info server: listening url=…
//   json: {"time":"2026-01-01T00:00:00.000Z","level":"info","text":"server: listening url=…"}
void set_up_logging(const LogSettings& settings);

}  // namespace reverie
