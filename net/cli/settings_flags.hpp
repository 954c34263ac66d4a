// The options of config/settings as flags of a command.

#pragma once

#include "config/load.hpp"

#include <map>
#include <string>

#include <CLI/App.hpp>

namespace reverie {

// Outlives the commands that it was added to.
class SettingsFlags {
 public:
  // Every option, grouped by section, and --config.
  void add_to(CLI::App& command);

  // What `command` was given, once it was parsed.
  SettingsSources sources(const CLI::App& command, const Environment& environment) const;

 private:
  std::string config_file_;
  std::map<std::string, std::string, std::less<>> texts_;  // option name -> what its flag says
};

// The flag that a misspelt one was meant to be ("--server.prot=1"), empty when none is near.
std::string flag_meant_by(const std::string& word);

}  // namespace reverie
