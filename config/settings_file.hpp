// The YAML file of settings, flattened to "section.name" -> text, with the list of model
// providers apart. Whether the names and values mean anything is decided in load.cpp.

#pragma once

#include "config/environment.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"

#include <string>
#include <vector>

namespace reverie {

struct SettingsFile {
  struct Entry {
    std::string name;   // "server.port"
    std::string text;   // a sequence is joined with commas
    std::string place;  // "reverie.yaml:3"
    bool is_list = false;
  };
  std::vector<Entry> entries;  // in the order of the file; keys without a value are left out
  std::vector<ConfiguredProvider> providers;
};

// `file_name` is for messages. Keys of providers are looked up in `environment` where the
// file names a variable instead of the key itself.
// Errors: invalid_argument (no YAML, an entry twice, a provider that is not understood).
Result<SettingsFile> parse_settings_file(const std::string& yaml, const std::string& file_name,
                                         const Environment& environment);

}  // namespace reverie
