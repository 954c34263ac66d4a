// One call under way: what its process is given, what came back so far, and what that means.

#pragma once

#include "runtime/sandbox/descriptor.hpp"
#include "runtime/sandbox/sandbox.hpp"
#include "runtime/sandbox/worker_process.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reverie {

// What is to be done with the source.
enum class SandboxWork : std::uint8_t { run, derive_schema };

// For one thread.
class SandboxCallState {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum Stream : std::uint8_t { result_stream, output_stream, error_stream, streams };

  SandboxCallState(std::int64_t number, SandboxCall call, SandboxWork work,
                   Sandbox::OnResult on_result);

  std::int64_t number() const { return number_; }
  const SandboxCall& call() const { return call_; }

  // Pipes and the request. Errors: unavailable.
  Status open();
  // Valid until release_child_ends().
  WorkerCall for_worker() const;
  void release_child_ends();

  int stream_descriptor(Stream stream) const { return ends_[stream].read.get(); }
  // Takes what there is to read. False when it has written more than it may, or all: nothing more
  // of this stream is to be read.
  bool read(Stream stream);
  bool has_overflowed() const { return overflowed_; }

  void on_started(Descriptor process, Time now);
  bool has_started() const { return process_.is_open(); }
  std::int64_t run_ms(Time now) const;

  // Why it is ended from outside; the first reason stays.
  void stop_as(SandboxEnd end, std::string why);
  bool is_stopping() const { return stopped_as_.has_value(); }
  // To its first process, where there is one.
  void signal(int number) const;

  // What to tell who called, from how its first process ended.
  SandboxResult result_of(int wait_status, std::int64_t cpu_ms, Time now);
  // The same when nothing is known of that.
  SandboxResult result_without_end(SandboxEnd end, std::string why, Time now);
  void answer(SandboxResult result) { on_result_(std::move(result)); }

  // The state that its owner keeps of it.
  Time deadline{};     // when its time is over, or, once it is stopped, when it is stopped harder
  int stop_steps = 0;  // how hard it was stopped so far
  std::int64_t uid = -1;
  std::string packages;  // their folder, once they are there

 private:
  std::string request() const;
  std::optional<SandboxResult> framed() const;
  SandboxResult unframed(int wait_status, std::int64_t cpu_ms) const;
  void add_outputs(SandboxResult& result, Time now) const;

  std::int64_t number_;
  SandboxCall call_;
  SandboxWork work_;
  Sandbox::OnResult on_result_;
  std::string nonce_;
  Descriptor request_;
  std::array<Pipe, streams> ends_;
  std::array<std::string, streams> texts_;
  bool overflowed_ = false;
  Descriptor process_;
  std::optional<Time> started_;
  std::optional<SandboxEnd> stopped_as_;
  std::string stopped_why_;
};

}  // namespace reverie
