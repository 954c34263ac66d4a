// What `reverie doctor` says of the sandbox.

#include "net/cli/doctor_checks.hpp"
#include "runtime/sandbox/sandbox_runner.hpp"

namespace reverie {

Finding sandbox_finding(SandboxLevel level) {
  using Level = Finding::Level;
  switch (level) {
    case SandboxLevel::isolated:
      return {Level::ok, "sandbox", "code of tools runs in namespaces of its own"};
    case SandboxLevel::process:
      return {Level::note, "sandbox",
              "code of tools runs as users of its own, without namespaces of its own",
              "where user namespaces and bubblewrap are allowed it is kept apart further"};
    case SandboxLevel::none: break;
  }
  return {Level::note, "sandbox",
          "code of tools does not run here: tools in Python and run_code fail",
          "install bubblewrap and python3, and allow user namespaces or run as root"};
}

Finding check_sandbox(const Settings& settings) {
  return sandbox_finding(
    start_sandbox({settings.sandbox, settings.storage.data_dir + "/sandbox"})->level());
}

}  // namespace reverie
