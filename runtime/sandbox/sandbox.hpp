// Runs code that agents and their users bring, apart from the server: what it can touch is what its
// call names.

#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

// How far code is kept apart here. Each level includes the ones before it.
enum class SandboxLevel : std::uint8_t {
  none,     // not at all: nothing runs
  process,  // a user of its own, seccomp, no_new_privs, rlimits, an environment of its own
  isolated  // namespaces too: no network, no processes but its own, a root that it can read alone
};
std::string_view to_string(SandboxLevel level);

enum class SandboxLanguage : std::uint8_t { python, javascript, typescript };
std::string_view to_string(SandboxLanguage language);

struct SandboxPackage {
  std::string name;
  std::string version;  // empty: any

  bool operator==(const SandboxPackage&) const = default;
};

struct SandboxLimits {
  std::int64_t wall_ms = 180'000;  // from the start of the function to its answer
  std::int64_t cpu_s = 60;
  std::int64_t memory_bytes = 512 * 1024 * 1024;  // address space of each process
  std::int64_t processes_max = 64;
  std::int64_t output_bytes_max = 1024 * 1024;     // of the value, and of each output, kept
  std::int64_t file_bytes_max = 64 * 1024 * 1024;  // of one file, and of all of /tmp
};

struct SandboxCall {
  std::string id;  // not that of another call under way; for cancel
  SandboxLanguage language = SandboxLanguage::python;
  std::string source;
  std::string function;          // its name in the source; empty: run the source as a program
  std::string arguments = "{}";  // JSON object, by name
  std::string agent_state;       // JSON of the agent, for a function that asks for it; empty: none
  std::vector<std::pair<std::string, std::string>> environment;
  std::vector<std::string> secrets;  // values that are masked in all that comes back
  std::vector<SandboxPackage> packages;
  // Hosts that it may reach, "example.org", "*.example.org" or with ":port"; the server itself is
  // not among them. Empty: no network at all.
  std::vector<std::string> hosts;
  std::string server_token;  // for the client of this server's API; empty: it cannot be reached
  SandboxLimits limits;
};

enum class SandboxEnd : std::uint8_t {
  returned,   // the function returned
  raised,     // it raised, or the program's status is not 0
  timed_out,  // wall_ms
  exhausted,  // CPU time, memory, processes or output
  crashed,    // it ended without an answer, by a signal or by leaving
  cancelled,
  refused,  // it was never started; `error` says why
};
std::string_view to_string(SandboxEnd end);

struct SandboxResult {
  SandboxEnd end = SandboxEnd::refused;
  // What the function returned: a string as it is, everything else as JSON. UTF-8. Of a program:
  // empty.
  std::string value;
  std::string error;  // one line, empty when it returned: "ValueError: no such order"
  std::string standard_output;
  std::string standard_error;  // with the traceback
  std::int64_t run_ms = 0;
};

// Thread-safe.
class Sandbox {
 public:
  using OnResult = std::function<void(SandboxResult)>;
  using OnSchema = std::function<void(Result<std::string>)>;

  virtual ~Sandbox() = default;

  virtual SandboxLevel level() const = 0;

  // `on_result` is called once, on a thread of the sandbox or on this one, and must not block.
  virtual void run(SandboxCall call, OnResult on_result) = 0;
  // The call and all that it started is gone within a second; its result says cancelled, unless it
  // was there already. Nothing happens when there is no such call.
  virtual void cancel(const std::string& id) = 0;

  // The JSON of a tool made from Python source, read as a syntax tree and never executed:
  // {"name", "description", "parameters"}. `function`: empty for the last one at the top level.
  // Errors: invalid_argument: what in the source prevents it, with its line; unavailable.
  virtual void derive_schema(std::string source, std::string function, OnSchema on_schema) = 0;
};

}  // namespace reverie
