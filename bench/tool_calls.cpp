// What calls of custom tools cost: the first one, one at a time in a warm sandbox, and many at
// once. Prints one line of JSON for each level that the machine has.

#include "runtime/sandbox/sandbox_runner.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

namespace {

using reverie::Sandbox;
using reverie::SandboxCall;
using reverie::SandboxEnd;
using reverie::SandboxLanguage;
using reverie::SandboxResult;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

SandboxCall trivial(SandboxLanguage language) {
  SandboxCall call;
  call.language = language;
  call.function = "add";
  call.arguments = R"({"a": 1, "b": 2})";
  call.source = language == SandboxLanguage::python ? "def add(a: int, b: int):\n    return a + b\n"
                                                    : "function add(a, b) { return a + b; }";
  return call;
}

// Nothing but the sum is a success.
void require(const SandboxResult& result) {
  if (result.end == SandboxEnd::returned && result.value == "3") return;
  std::fprintf(stderr, "bench_tool_calls: a call failed: %s\n", result.error.c_str());
  std::exit(1);
}

double one_call_ms(Sandbox& sandbox, SandboxLanguage language = SandboxLanguage::python) {
  std::promise<SandboxResult> promise;
  const auto start = Clock::now();
  sandbox.run(trivial(language),
              [&](SandboxResult result) { promise.set_value(std::move(result)); });
  require(promise.get_future().get());
  return ms_since(start);
}

// Each answer starts the next call, so that `at_once` of them are always under way.
double calls_per_s(Sandbox& sandbox, int at_once, double duration_ms) {
  struct State {
    std::atomic<int> done{0};
    std::atomic<int> open{0};
    std::promise<void> over;
  } state;
  const auto start = Clock::now();
  const std::function<void()> begin = [&] {
    sandbox.run(trivial(SandboxLanguage::python), [&](const SandboxResult& result) {
      require(result);
      ++state.done;
      if (ms_since(start) < duration_ms)
        begin();
      else if (--state.open == 0)
        state.over.set_value();
    });
  };
  state.open = at_once;
  for (int i = 0; i < at_once; ++i) begin();
  state.over.get_future().wait();
  return state.done / ms_since(start) * 1'000;
}

struct Load {
  int calls = 200;
  int at_once = 8;
  double duration_ms = 5'000;
};

void measure(const char* level, const Load& load) {
  reverie::SandboxOptions options;
  options.settings.level_max = level;
  const auto start = Clock::now();
  const auto sandbox = reverie::start_sandbox(options);
  const double cold_ms = one_call_ms(*sandbox);
  const double started_ms = ms_since(start);
  if (to_string(sandbox->level()) != level) return;
  std::vector<double> warm;
  for (int i = 0; i < load.calls; ++i) warm.push_back(one_call_ms(*sandbox));
  std::sort(warm.begin(), warm.end());
  const double per_s = calls_per_s(*sandbox, load.at_once, load.duration_ms);
  std::printf(
    "{\"level\": \"%s\", \"cold_ms\": %.1f, \"start_and_cold_ms\": %.1f, "
    "\"warm_p50_ms\": %.2f, \"warm_p99_ms\": %.2f, \"per_s\": %.1f}\n",
    level, cold_ms, started_ms, warm[warm.size() / 2], warm[warm.size() * 99 / 100], per_s);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Calls of a trivial custom tool");
  Load load;
  app.add_option("--calls", load.calls, "One at a time")->capture_default_str();
  app.add_option("--at-once", load.at_once)->capture_default_str();
  app.add_option("--duration-ms", load.duration_ms, "Of many at once")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  spdlog::set_level(spdlog::level::err);
  for (const char* level : {"isolated", "process"}) measure(level, load);
  return 0;
}
