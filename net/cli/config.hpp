// `reverie config`: every option as it is set here, and where from; also docs/settings.md.

#pragma once

#include "config/load.hpp"
#include "net/cli/terminal.hpp"

#include <string>

namespace reverie {

// A table of all options with a line of explanation below each, then the model providers of
// the file. Secrets are hidden.
std::string settings_table(const LoadedSettings& loaded, const Style& style);

// Everything about one option: its names, bounds, default and where that comes from.
std::string option_text(const Option& option, const LoadedSettings& loaded, const Style& style);

// docs/settings.md, from the list of options alone.
std::string settings_markdown();

}  // namespace reverie
