// `reverie serve`: everything wired together, until a signal ends it.

#pragma once

#include "config/settings.hpp"

namespace reverie {

// Runs in the foreground and returns the exit code of the process. Logging is set up and
// check_exposure was asked before.
int run_serve(const Settings& settings);

}  // namespace reverie
