#include "runtime/sandbox/sandbox_runner.hpp"

#include "runtime/sandbox/sandbox_loop.hpp"

#include <utility>

namespace reverie {

namespace {

class SandboxRunner final : public Sandbox {
 public:
  explicit SandboxRunner(SandboxOptions options) : loop_(std::move(options)) {}

  SandboxLevel level() const override { return loop_.level(); }
  void run(SandboxCall call, OnResult on_result) override {
    loop_.post([this, call = std::move(call), on_result = std::move(on_result)]() mutable {
      loop_.submit(std::move(call), SandboxWork::run, std::move(on_result));
    });
  }
  void cancel(const std::string& id) override {
    loop_.post([this, id] { loop_.cancel(id); });
  }
  void derive_schema(std::string source, std::string function, OnSchema on_schema) override;

 private:
  SandboxLoop loop_;
};

void SandboxRunner::derive_schema(std::string source, std::string function, OnSchema on_schema) {
  SandboxCall call;
  call.source = std::move(source);
  call.function = std::move(function);
  call.limits = loop_.limits_to_parse();
  auto on_result = [on_schema = std::move(on_schema)](SandboxResult result) {
    if (result.end == SandboxEnd::returned)
      on_schema(std::move(result.value));
    else if (result.end == SandboxEnd::raised)
      on_schema(Error{Errc::invalid_argument, std::move(result.error), "source_code"});
    else
      on_schema(
        Error{Errc::unavailable, "the source could not be read: " + result.error, "sandbox"});
  };
  loop_.post([this, call = std::move(call), on_result = std::move(on_result)]() mutable {
    loop_.submit(std::move(call), SandboxWork::derive_schema, std::move(on_result));
  });
}

}  // namespace

std::unique_ptr<Sandbox> start_sandbox(SandboxOptions options) {
  return std::make_unique<SandboxRunner>(std::move(options));
}

SandboxLimits sandbox_limits(const SandboxSettings& settings) {
  SandboxLimits limits;
  limits.wall_ms = settings.wall_s * 1'000;
  limits.cpu_s = settings.cpu_s;
  limits.memory_bytes = settings.memory_bytes;
  limits.processes_max = settings.processes_max;
  limits.output_bytes_max = settings.output_bytes_max;
  limits.file_bytes_max = settings.file_bytes_max;
  return limits;
}

}  // namespace reverie
