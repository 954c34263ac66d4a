#include "tests/runtime/sandbox/sandbox_fixture.hpp"

#include <csignal>
#include <vector>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace reverie::testing {
namespace {

using std::chrono::milliseconds;

class SandboxLimitsTest : public SandboxFixture {
 protected:
  static std::int64_t ms_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start)
      .count();
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, SandboxLimitsTest, each_level(), level_name);

// P37
TEST_P(SandboxLimitsTest, EndsWhatTakesTooLong) {
  SandboxCall call = call_of(
    "import time\ndef tool():\n    print('begun')\n    try:\n        time.sleep(600)\n"
    "    finally:\n        print('cleaned up')");
  call.limits.wall_ms = 300;
  const SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::timed_out);
  EXPECT_EQ(result.error, "it ran longer than 300 ms");
  EXPECT_EQ(result.standard_output, "begun\ncleaned up\n");
}

TEST_P(SandboxLimitsTest, KillsWhatIgnoresThatItIsToEnd) {
  SandboxCall call = call_of(R"(
import os, signal, time
def tool():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
    while True:
        try:
            time.sleep(600)
        except BaseException:
            pass
)");
  call.limits.wall_ms = 300;
  EXPECT_EQ(run(call).end, SandboxEnd::timed_out);
}

TEST_P(SandboxLimitsTest, EndsWhatUsesTooMuchCpuTime) {
  for (const char* body : {"while True: pass", "sum(range(10**12))"}) {
    SandboxCall call = call_of("def tool():\n    " + std::string(body));
    call.limits.cpu_s = 1;
    const SandboxResult result = run(call);
    EXPECT_EQ(result.end, SandboxEnd::exhausted) << result.error;
    EXPECT_EQ(result.error, "it used more than 1 s of CPU time");
  }
}

TEST_P(SandboxLimitsTest, GivesNoMoreMemoryThanThat) {
  SandboxCall call = call_of("def tool():\n    return len(bytearray(4 << 30))");
  SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::exhausted);
  EXPECT_EQ(result.error, "MemoryError: it needs more memory than it may have");
  if (find_sandbox_program("node").empty()) return;
  call =
    call_of("const a = []; for (let i = 0; i < 4096; i++) a.push(new Array(131072).fill(i));", "");
  call.language = SandboxLanguage::javascript;
  result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::exhausted) << result.error << result.standard_error;
}

TEST_P(SandboxLimitsTest, GivesNoMoreProcessesThanThat) {
  // 400 at most, each of which ends by itself.
  SandboxCall call = call_of(R"(
import os, time
def tool():
    for count in range(400):
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)
    return count
)");
  call.limits.processes_max = 20;
  const SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::exhausted) << result.value;
  EXPECT_EQ(result.error, "BlockingIOError: it starts more processes than it may");
}

TEST_P(SandboxLimitsTest, LetsNoFileGrowBeyondThat) {
  SandboxCall call = call_of(
    "def tool():\n    with open('big', 'wb') as file:\n"
    "        for _ in range(64):\n            file.write(bytes(1 << 20))");
  call.limits.file_bytes_max = 4 << 20;
  const SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_EQ(result.error.find("OSError: "), 0u) << result.error;
}

TEST_P(SandboxLimitsTest, GivesAllFilesTogetherNoMoreThanThat) {
  if (!is_isolated()) GTEST_SKIP() << "only what has a /tmp of its own can bound it";
  SandboxCall call = call_of(
    "def tool():\n    for i in range(64):\n"
    "        with open(f'/tmp/{i}', 'wb') as file:\n"
    "            file.write(bytes(1 << 20))");
  call.limits.file_bytes_max = 4 << 20;
  const SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::raised);
  EXPECT_NE(result.error.find("No space left on device"), std::string::npos) << result.error;
}

TEST_P(SandboxLimitsTest, KeepsTheStartOfAGigabyteOfOutputAndEndsIt) {
  for (const char* stream : {"1", "2"}) {
    SandboxCall call =
      call_of("import os\ndef tool():\n    for _ in range(1024):\n        os.write("
              + std::string(stream) + ", b'x' * (1 << 20))\n    return 'all'");
    call.limits.output_bytes_max = 100'000;
    const SandboxResult result = run(call);
    EXPECT_EQ(result.end, SandboxEnd::exhausted);
    EXPECT_EQ(result.error, "it wrote more than 100000 bytes of output");
    EXPECT_EQ(result.standard_output.size() + result.standard_error.size(), 100'000u);
  }
}

TEST_P(SandboxLimitsTest, RefusesAValueThatIsTooLong) {
  SandboxCall call = call_of("def tool(n: int):\n    return 'ü' * n", "tool", R"({"n":500})");
  call.limits.output_bytes_max = 1'000;
  EXPECT_EQ(value_of(call).size(), 1'000u);
  call.arguments = R"({"n":501})";
  SandboxResult result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::exhausted);
  EXPECT_EQ(result.error, "the value is longer than 1000 bytes");
  // Past everything that counts: straight into the descriptor of the result.
  call.source = "import os\ndef tool(n: int):\n    while True:\n        os.write(4, b'x' * 65536)";
  result = run(call);
  EXPECT_EQ(result.end, SandboxEnd::exhausted);
  EXPECT_EQ(result.value, "");
}

TEST_P(SandboxLimitsTest, TellsHowItEndedWithoutAResult) {
  EXPECT_EQ(run("import os\ndef tool():\n    os._exit(0)").error,
            "it left with the status 0 and no result");
  const SandboxResult result = run("import ctypes\ndef tool():\n    ctypes.string_at(0)");
  EXPECT_EQ(result.end, SandboxEnd::crashed);
  EXPECT_EQ(result.error, "it was ended by the signal SIGSEGV");
}

TEST_P(SandboxLimitsTest, TakesNothingForAResultThatIsNone) {
  const std::string forged = R"(
import json, os
def tool():
    body = json.dumps({"end": "returned", "value": "forged"})
    for number in range(256):
        try:
            os.write(number, f"0123456789abcdef0123456789abcdef {len(body)}\n{body}".encode())
        except OSError:
            pass
    )";
  SandboxResult result = run(forged + "os._exit(0)");
  EXPECT_EQ(result.end, SandboxEnd::crashed);
  EXPECT_EQ(result.error, "it wrote to the descriptor that is for its result");
  EXPECT_EQ(result.value, "");
  result = run(forged + "return 'honest'");
  EXPECT_EQ(result.end, SandboxEnd::crashed);
  EXPECT_EQ(run("import os\ndef tool():\n    os.closerange(3, 256)\n    return 'lost'").end,
            SandboxEnd::crashed);
  // None of them has troubled the next.
  EXPECT_EQ(value_of("def tool():\n    return 'next'"), "next");
}

TEST_P(SandboxLimitsTest, EndsACancelledCallWithinASecond) {
  SandboxCall call = call_of(
    "import os, signal, time\ndef tool():\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "    while True:\n        time.sleep(60)");
  call.id = "call-1";
  value_of("def tool():\n    return 'warm'");
  auto answer = begin(call);
  value_of("def tool():\n    return 'later than that one'");
  const auto start = std::chrono::steady_clock::now();
  sandbox->cancel("call-1");
  sandbox->cancel("call-1");
  sandbox->cancel("another");
  const SandboxResult result = result_of(answer);
  EXPECT_EQ(result.end, SandboxEnd::cancelled);
  EXPECT_LT(ms_since(start), 1'000);
  EXPECT_EQ(value_of(call_of("def tool():\n    return 1")), "1");
}

TEST_P(SandboxLimitsTest, BoundsWhatRunsAndWhatWaits) {
  sandbox.reset();
  settings.calls_max = 1;
  settings.queue_max = 2;
  start();
  ASSERT_EQ(sandbox->level(), GetParam());
  const std::string sleeper = "import time\ndef tool():\n    time.sleep(600)";
  std::vector<std::future<SandboxResult>> answers;
  for (int i = 0; i < 4; ++i) {
    SandboxCall call = call_of(sleeper);
    call.id = std::to_string(i);
    answers.push_back(begin(call));
    if (i > 0) continue;
    // After this answer it is under way, and the others wait.
    EXPECT_EQ(run(call).error, "a call of this id is under way");
  }
  SandboxResult result = result_of(answers[3]);
  EXPECT_EQ(result.end, SandboxEnd::refused);
  EXPECT_EQ(result.error, "too many calls wait for the sandbox; try again later");
  for (const int i : {2, 1, 0}) {
    sandbox->cancel(std::to_string(i));
    EXPECT_EQ(result_of(answers[static_cast<std::size_t>(i)]).end, SandboxEnd::cancelled);
  }
}

TEST_P(SandboxLimitsTest, LeavesNothingOfACallBehind) {
  const std::string source = R"(
import os, time
def tool():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writing, b"x")
            time.sleep(600)
        os._exit(0)
    os.read(reading, 1)
    return os.getpid()
)";
  // That the call has ended says that its descendants have: an end waits for them.
  EXPECT_EQ(run(source).end, SandboxEnd::returned);
  auto running = begin(call_of("import time\ndef tool():\n    time.sleep(600)"));
  sandbox.reset();
  EXPECT_EQ(result_of(running).end, SandboxEnd::cancelled);
}

TEST_P(SandboxLimitsTest, EndsWithAServerThatIsKilled) {
  sandbox.reset();
  // What the child leaves behind becomes ours, so that we see its end.
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    start();
    SandboxCall call = call_of(
      "import os, signal, time\ndef tool():\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
      "    os.fork()\n    print('begun')\n    time.sleep(600)");
    auto answer = begin(call);
    value_of("def tool():\n    return 'it has begun'");
    [[maybe_unused]] const auto written = ::write(ready[1], "x", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::alarm(30);  // ends the test where something lives on
  int count = 0;
  while (::waitpid(-1, nullptr, 0) > 0) ++count;
  ::alarm(0);
  EXPECT_GE(count, 2);  // the child, and what was its sandbox
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(SandboxLevelTest, RefusesBelowWhatIsAskedFor) {
  SandboxOptions options;
  options.settings.level_max = "none";
  const auto sandbox = start_sandbox(options);
  EXPECT_EQ(sandbox->level(), SandboxLevel::none);
  std::promise<SandboxResult> promise;
  SandboxCall call;
  call.source = "1";
  sandbox->run(call, [&](SandboxResult result) { promise.set_value(std::move(result)); });
  const SandboxResult result = promise.get_future().get();
  EXPECT_EQ(result.end, SandboxEnd::refused);
  EXPECT_NE(result.error.find("no way to keep code apart"), std::string::npos) << result.error;
}

TEST(SandboxLevelTest, SaysWhichLevelIsMissing) {
  SandboxOptions options;
  options.settings.level_max = "process";
  options.settings.level_min = "isolated";
  const auto sandbox = start_sandbox(options);
  if (sandbox->level() != SandboxLevel::process)
    GTEST_SKIP() << "this machine has not got the level";
  std::promise<SandboxResult> promise;
  sandbox->run({}, [&](SandboxResult result) { promise.set_value(std::move(result)); });
  EXPECT_EQ(
    promise.get_future().get().error,
    "this machine keeps code apart only at the level process, and sandbox.level_min asks for "
    "isolated");
}

}  // namespace
}  // namespace reverie::testing
