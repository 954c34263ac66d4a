// One set of Python packages: what it is asked for as, and the commands that make it.

#pragma once

#include "config/error.hpp"
#include "config/settings.hpp"
#include "runtime/child_process.hpp"
#include "runtime/sandbox/sandbox.hpp"

#include <string>
#include <vector>

namespace reverie {

// The lines of a requirements file, sorted, each once. A version is one ("1.2.3"), or a bound
// (">=1,<2"), and may carry hashes ("1.2.3 --hash=sha256:..."). None of them can be an option of
// pip, a URL or a path. Errors: invalid_argument.
Result<std::vector<std::string>> package_requirements(const std::vector<SandboxPackage>& packages);

// A name for the folder of the set: its hash, with the Python and the index that it is made with.
std::string package_set_name(const std::vector<std::string>& requirements,
                             const SandboxSettings& settings);

struct PackageBuild {
  SandboxLevel level = SandboxLevel::isolated;
  std::string folder;  // what is made, and all that the command can write to
  std::string pip;     // a folder with pip; of the command that uses it
};

// Makes a virtual environment in the folder, for the pip that is in it.
std::vector<std::string> pip_command(const PackageBuild& build);

// Installs what <folder>/requirements.txt says into <folder>/site and writes <folder>/size, in KiB.
// It takes wheels alone: they are unpacked, so that no code of a package runs where there is a
// network.
std::vector<std::string> install_command(const PackageBuild& build,
                                         const SandboxSettings& settings);

}  // namespace reverie
