// The command line: which commands and flags there are. What they do is in the other files.

#pragma once

#include "config/environment.hpp"

namespace reverie {

// Runs the command that `argv` names and returns the exit code of the process: 0, 1 when the
// command failed, 2 when it could not be understood.
int run_command_line(int argc, const char* const* argv, const Environment& environment);

}  // namespace reverie
