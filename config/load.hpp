// Puts the settings together: default < file < alias < REVERIE_ variable < flag.

#pragma once

#include "config/environment.hpp"
#include "config/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct SettingsSources {
  std::map<std::string, std::string, std::less<>> flags;  // option name -> text
  Environment environment;
  std::string config_file;  // --config; empty: REVERIE_CONFIG, else ./reverie.yaml if there
};

struct LoadedSettings {
  Settings settings;
  // Option name -> where its value came from: "default", "reverie.yaml", "LETTA_DIR", "--port".
  std::map<std::string, std::string, std::less<>> origins;
  std::string config_file;           // empty: none was read
  std::vector<std::string> notices;  // one line each: what was set and is not used here
};

// Errors: invalid_argument (an unknown option, a wrong type, a value out of its range; the
// message names the option, the value and what is allowed), not_found (the file).
Result<LoadedSettings> load_settings(const SettingsSources& sources);

// The same over a file's text, for tests and for editors; `file_name` appears in messages.
Result<LoadedSettings> load_settings(const SettingsSources& sources, const std::string& yaml,
                                     const std::string& file_name);

}  // namespace reverie
