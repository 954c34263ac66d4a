// The sandbox of this machine: bubblewrap and a warm Python in it, or what is left of that where
// there are no user namespaces.

#pragma once

#include "config/settings.hpp"
#include "runtime/sandbox/sandbox.hpp"

#include <memory>
#include <string>

namespace reverie {

struct SandboxOptions {
  SandboxSettings settings;
  std::string directory;  // for virtual environments; made when one is
};

// Returns at once; what the machine can do is found out meanwhile, by doing it. Calls wait for
// that, and level() does, for as long as sandbox.start_s a level. Without root and without user
// namespaces there is no level but `none`: code that runs as the server's own user can read what
// the server can.
//
// Destroying it ends all calls, which are cancelled then.
std::unique_ptr<Sandbox> start_sandbox(SandboxOptions options);

// What calls may use where nobody says otherwise.
SandboxLimits sandbox_limits(const SandboxSettings& settings);

}  // namespace reverie
