// What `reverie doctor` looks at. Each check looks at one thing, changes nothing that stays,
// and says what it found and what to do about it.

#pragma once

#include "config/environment.hpp"
#include "config/load.hpp"
#include "runtime/sandbox/sandbox.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace reverie {

struct Finding {
  enum class Level : std::uint8_t { ok, info, note, problem };  // problem: serving would fail
  Level level = Level::ok;
  std::string area;
  std::string text;
  std::string advice = {};

  bool operator==(const Finding&) const = default;
};

// Which file was read, what was set and is not used, and who may reach the server.
std::vector<Finding> check_settings(const LoadedSettings& loaded);

// Whether the address can be listened on, or who listens there. `is_serving` is set when it is
// a server of this API.
Finding check_port(const Settings& settings, bool& is_serving);

// The state of the data directory, without opening it: new, ours, in use, of a newer release.
Finding check_data_dir(const std::string& path);

// How long the disk below `path` takes to make 4 KiB durable, and how much room it has.
std::vector<Finding> check_disk(const std::string& path);

// How far code of tools is kept apart here, by trying it. Takes at most sandbox.start_s a level.
Finding check_sandbox(const Settings& settings);
// The same, when it was found out.
Finding sandbox_finding(SandboxLevel level);

struct ModelFindings {
  std::vector<Finding> findings;
  std::size_t models = 0;  // beside the built-in demo
};

// Asks every provider for its models. Takes at most models.listing_s and a little.
ModelFindings check_models(const ModelSettings& settings, const Environment& environment);

// Who answers web_search, without asking it, and whether serving would fail over the other
// settings.
std::vector<Finding> check_web(const WebSettings& settings);

}  // namespace reverie
