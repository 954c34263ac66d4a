// Servers that are commands, in a real sandbox. Where the machine has not got the level, these
// tests are skipped.

#include "runtime/mcp/mcp_pool.hpp"
#include "runtime/sandbox/sandbox_runner.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace reverie {
namespace {

// A server in a shell: answers a line with a line, by what is in it.
constexpr const char* shell_server = R"(
count=0
while read -r line; do
  case $line in
    *'"initialize"'*) result='{"protocolVersion":"2025-06-18","capabilities":{"tools":{}}}' ;;
    *'"notifications/'*) continue ;;
    *'"die"'*) echo 'these are my last words' >&2; exit 3 ;;
    *'"wait"'*) sleep 60 ;;
    *'"place"'*) result="{\"place\":\"$PLACE\",\"pid\":$$,\"files\":\"$(ls /proc | grep -c '^[0-9]')\"}" ;;
    *'"fork"'*) (sleep 60 &) ; result='{}' ;;
    *'"loud"'*) head -c 100000 /dev/zero | tr '\0' x; continue ;;
    *) count=$((count + 1)); result="{\"count\":$count}" ;;
  esac
  id=$(printf '%s' "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
)";

class StdioTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.disable_stdio = false;
    settings_.message_bytes_max = 10'000;
    sandbox_box_ = start_sandbox({sandbox_, directory_.path()});
    if (sandbox_box_->level() != SandboxLevel::isolated)
      GTEST_SKIP() << "this machine has not got the level";
    level_.emplace(*sandbox_box_);
    while (!level_->level()) std::this_thread::yield();
    pool_ = *start_mcp_pool(http_, settings_, sandbox_, &*level_);
  }

  static McpEndpoint shell(const std::string& program = shell_server) {
    McpEndpoint endpoint;
    endpoint.server_id = "mcp_server-1";
    endpoint.kind = McpTransportKind::stdio;
    endpoint.command = "sh";
    endpoint.args = {"-c", program};
    endpoint.env = {{"PLACE", "here"}};
    return endpoint;
  }

  Result<Json> call(const McpEndpoint& endpoint, const std::string& tool,
                    std::int64_t time_ms = 20'000) {
    std::promise<Result<Json>> promise;
    pool_->call_tool(endpoint, {"call-" + std::to_string(++calls_), tool, Json::object(), time_ms},
                     [&](Result<Json> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }

  testing::TempDir directory_;
  McpSettings settings_;
  SandboxSettings sandbox_;
  HttpClient http_;
  std::unique_ptr<Sandbox> sandbox_box_;
  std::optional<LevelWatch> level_;
  std::unique_ptr<McpClient> pool_;
  int calls_ = 0;
};

TEST_F(StdioTest, OneProcessServesAllCalls) {
  const auto first = call(shell(), "count");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->at("count"), 1);
  EXPECT_EQ(call(shell(), "count")->at("count"), 2);
  McpEndpoint other = shell();
  other.env["PLACE"] = "there";
  EXPECT_EQ(call(other, "count")->at("count"), 1) << "other variables, another process";
}

TEST_F(StdioTest, ItSeesItselfAlone) {
  const auto place = call(shell(), "place");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_EQ(place->at("place"), "here");
  EXPECT_LT(place->at("pid").get<int>(), 10);
  EXPECT_LT(std::stoi(place->at("files").get<std::string>()), 10);
}

TEST_F(StdioTest, ItsVariablesAreOnNoCommandLine) {
  McpEndpoint endpoint = shell();
  endpoint.env["PLACE"] = "a-secret-of-this-test";
  ASSERT_TRUE(call(endpoint, "count"));
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(line.find("a-secret-of-this-test"), std::string::npos) << entry.path();
  }
}

TEST_F(StdioTest, AfterItsDeathTheNextCallStartsItAgain) {
  const auto died = call(shell(), "die");
  ASSERT_FALSE(died);
  EXPECT_EQ(died.error().code, Errc::mcp_connection);
  EXPECT_NE(died.error().message.find("these are my last words"), std::string::npos)
    << died.error().message;
  EXPECT_EQ(call(shell(), "count")->at("count"), 1);
}

TEST_F(StdioTest, ACommandThatIsNotThereIsAnError) {
  McpEndpoint endpoint = shell();
  endpoint.command = "no-such-program";
  const auto result = call(endpoint, "count");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("no-such-program"), std::string::npos)
    << result.error().message;
}

TEST_F(StdioTest, ACallThatIsTooSlowIsGivenUp) {
  const auto result = call(shell(), "wait", 200);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::mcp_timeout);
}

TEST_F(StdioTest, AMessageThatIsTooLongEndsIt) {
  const auto result = call(shell(), "loud");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("more than 10000 bytes"), std::string::npos)
    << result.error().message;
  EXPECT_TRUE(call(shell(), "count"));
}

TEST_F(StdioTest, WhatItHasStartedEndsWithIt) {
  ASSERT_TRUE(call(shell(), "fork"));
  const auto before = std::chrono::steady_clock::now();
  pool_ = nullptr;  // waits for the end of the process
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{10});
}

}  // namespace
}  // namespace reverie
