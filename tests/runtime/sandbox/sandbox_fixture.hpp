// A sandbox of one level, with answers as values. Where the machine has not got the level, its
// tests are skipped.

#pragma once

#include "config/json.hpp"
#include "runtime/sandbox/sandbox_runner.hpp"
#include "runtime/sandbox/worker_process.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace reverie {

inline void PrintTo(SandboxLevel level, std::ostream* out) {
  *out << to_string(level);
}
inline void PrintTo(SandboxEnd end, std::ostream* out) {
  *out << to_string(end);
}

}  // namespace reverie

namespace reverie::testing {

class SandboxFixture : public ::testing::TestWithParam<SandboxLevel> {
 protected:
  void SetUp() override {
    settings.level_max = settings.level_min = std::string(to_string(GetParam()));
    start();
    if (sandbox->level() != GetParam()) GTEST_SKIP() << "this machine has not got the level";
  }

  void start() { sandbox = start_sandbox({settings, directory.path()}); }

  SandboxCall call_of(std::string source, std::string function = "tool",
                      std::string arguments = "{}") const {
    SandboxCall call;
    call.source = std::move(source);
    call.function = std::move(function);
    call.arguments = std::move(arguments);
    call.limits = sandbox_limits(settings);
    call.limits.wall_ms = 30'000;
    return call;
  }

  std::future<SandboxResult> begin(SandboxCall call) {
    auto promise = std::make_shared<std::promise<SandboxResult>>();
    auto answer = promise->get_future();
    sandbox->run(std::move(call),
                 [promise](SandboxResult result) { promise->set_value(std::move(result)); });
    return answer;
  }

  static SandboxResult result_of(std::future<SandboxResult>& answer) {
    constexpr std::chrono::seconds most{60};
    if (answer.wait_for(most) == std::future_status::ready) return answer.get();
    ADD_FAILURE() << "no answer";
    return {};
  }

  SandboxResult run(SandboxCall call) {
    auto answer = begin(std::move(call));
    return result_of(answer);
  }
  SandboxResult run(std::string source, std::string function = "tool",
                    std::string arguments = "{}") {
    return run(call_of(std::move(source), std::move(function), std::move(arguments)));
  }

  // What the function `tool` returned, with all that was said where it did not return.
  std::string value_of(SandboxCall call) {
    const SandboxResult result = run(std::move(call));
    EXPECT_EQ(result.end, SandboxEnd::returned) << result.error << '\n' << result.standard_error;
    return result.value;
  }
  std::string value_of(std::string source) { return value_of(call_of(std::move(source))); }
  Json json_of(std::string source) {
    return Json::parse(value_of(std::move(source)), nullptr, false);
  }

  bool is_isolated() const { return GetParam() == SandboxLevel::isolated; }

  SandboxSettings settings;
  TempDir directory;
  std::unique_ptr<Sandbox> sandbox;
};

// Of a suite: once at each level.
inline auto each_level() {
  return ::testing::Values(SandboxLevel::isolated, SandboxLevel::process);
}
inline std::string level_name(const ::testing::TestParamInfo<SandboxLevel>& info) {
  return std::string(to_string(info.param));
}

}  // namespace reverie::testing
