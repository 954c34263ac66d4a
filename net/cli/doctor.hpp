// `reverie doctor`: what is configured, whether it works, and the line to type next.

#pragma once

#include "config/environment.hpp"
#include "config/load.hpp"
#include "net/cli/doctor_checks.hpp"
#include "net/cli/terminal.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace reverie {

// Returns the exit code: 0 when `reverie serve` would work.
int run_doctor(const LoadedSettings& loaded, const Environment& environment, const Style& style);

// One line for each finding, with its advice below.
std::string findings_text(const std::vector<Finding>& findings, const Style& style);

struct Outlook {
  bool has_problem = false;
  bool is_serving = false;
  std::size_t models = 0;  // beside the built-in demo
};

// What to type now.
std::string next_text(const Outlook& outlook, const Style& style);

}  // namespace reverie
