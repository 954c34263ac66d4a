// A zygote (worker/zygote.py): a warm Python that forks one process per call, in a sandbox or, at
// the level `process`, as root beside us.

#pragma once

#include "config/error.hpp"
#include "runtime/child_process.hpp"
#include "runtime/sandbox/descriptor.hpp"
#include "runtime/sandbox/sandbox.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reverie {

struct WorkerStart {
  SandboxLevel level = SandboxLevel::isolated;
  std::string packages;   // a folder with Python packages; empty: none
  std::int64_t uid = -1;  // who the sandbox is on this machine; -1: who we are
  int lock = -1;          // a descriptor to hold for as long as it lives; -1: none
};

// What a zygote says.
struct WorkerReport {
  enum class What : std::uint8_t { ready, started, failed, ended };
  What what = What::ready;
  std::int64_t call = 0;
  Descriptor process;  // started: a pidfd
  std::string error;   // failed
  int status = 0;      // ended: as wait(2) tells it
  std::int64_t cpu_ms = 0;
};

// What a call's process gets, and closes in the end.
struct WorkerCall {
  std::int64_t number = 0;
  SandboxLimits limits;
  bool limits_data = false;  // instead of the address space: what is written to
  std::int64_t uid = -1;     // level `process`
  int request = -1;
  int result = -1;
  int output = -1;
  int error = -1;
};

// For one thread, which must live as long as it: it ends with that thread.
class WorkerProcess {
 public:
  // Errors: unavailable: a program is not installed, or the machine has no room.
  static Result<WorkerProcess> start(const WorkerStart& what);

  // Readable when there is a report, or when the zygote has ended.
  int control_descriptor() const { return control_.get(); }

  // Errors: unavailable: it does not take it.
  Status give(const WorkerCall& call);

  // Nothing: no more for now. Errors: unavailable: it has ended.
  Result<std::optional<WorkerReport>> next_report();

  // The end of what it and bubblewrap said about themselves.
  std::string complaints() const;

  // It ends its calls, takes away what they have left, and ends.
  void ask_to_end() { control_.close(); }
  bool has_ended() { return process_.exit_status().has_value(); }
  // Blocks, until it has ended or the time has come.
  void wait_for_end(std::chrono::steady_clock::time_point until);

  // All of its calls end with it.
  void kill() { process_.kill(); }

 private:
  WorkerProcess(ChildProcess process, Descriptor control, Descriptor complaints)
    : process_(std::move(process)),
      control_(std::move(control)),
      complaints_(std::move(complaints)) {}

  ChildProcess process_;
  Descriptor control_;
  Descriptor complaints_;
};

// Where programs of this name are that the sandbox sees; empty: nowhere.
std::string find_sandbox_program(const std::string& name);

}  // namespace reverie
