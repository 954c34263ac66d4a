#include "runtime/tools/sandbox_tools.hpp"

#include "runtime/tools/tools.hpp"
#include "tests/support/scripted_sandbox.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

class SandboxToolsTest : public ::testing::Test {
 protected:
  ExternalCall call(ToolPointer tool, Json arguments) {
    ExternalCall call;
    call.id = "call-1";
    call.tool = std::move(tool);
    call.arguments = std::move(arguments);
    return call;
  }
  void run(ExternalCall made) {
    tools.run(std::move(made), [this](ToolOutcome done) { outcome = std::move(done); });
  }
  static ToolPointer custom(const std::string& source_type = "python") {
    CustomTool stored;
    stored.id = "tool-1";
    stored.name = "look";
    stored.source_type = source_type;
    stored.source_code = "def look(): ...";
    stored.pip_requirements = std::vector{PackageRequirement{"requests", "2.0"}};
    stored.npm_requirements = std::vector{PackageRequirement{"left-pad", {}}};
    return make_tool(std::move(stored));
  }

  testing::ScriptedSandbox sandbox;
  SandboxTools tools{sandbox, {}};
  std::optional<ToolOutcome> outcome;
};

TEST_F(SandboxToolsTest, RunsWhatIsCode) {
  EXPECT_TRUE(tools.runs(*custom()));
  EXPECT_TRUE(tools.runs(*find_builtin_tool("run_code")));
  EXPECT_FALSE(tools.runs(*find_builtin_tool("web_search")));
  EXPECT_FALSE(tools.runs(*find_builtin_tool("memory_insert")));
  EXPECT_FALSE(tools.is_repeatable(*custom()));
}

TEST_F(SandboxToolsTest, GivesWhatTheCallNames) {
  ExternalCall made = call(custom(), {{"a", 1}});
  made.agent_id = "agent-1";
  made.project_id = "project-1";
  made.variables = {{"KEY", "call"}, {"OTHER", "o"}};
  made.secrets = {{"KEY", "secret"}, {"EMPTY", ""}};
  made.time_max = std::chrono::milliseconds{5'000};
  run(std::move(made));
  const SandboxCall& asked = sandbox.calls.at(0);
  const std::map<std::string, std::string> environment{asked.environment.begin(),
                                                       asked.environment.end()};
  EXPECT_EQ(environment, (std::map<std::string, std::string>{{"KEY", "secret"},
                                                             {"OTHER", "o"},
                                                             {"EMPTY", ""},
                                                             {"LETTA_AGENT_ID", "agent-1"},
                                                             {"LETTA_PROJECT_ID", "project-1"},
                                                             {"PROJECT_ID", "project-1"},
                                                             {"LETTA_TOOL_ID", "tool-1"}}));
  EXPECT_EQ(asked.secrets, std::vector<std::string>{"secret"});
  EXPECT_EQ(asked.limits.wall_ms, 5'000);
  EXPECT_EQ(asked.packages, (std::vector<SandboxPackage>{{"requests", "2.0"}}));
  EXPECT_TRUE(asked.hosts.empty());
  sandbox.end_with("call-1", "null");
  EXPECT_EQ(outcome->text, "None");
}

TEST_F(SandboxToolsTest, TypeScriptHasItsOwnPackages) {
  run(call(custom("typescript"), Json::object()));
  EXPECT_EQ(sandbox.calls.at(0).language, SandboxLanguage::typescript);
  EXPECT_EQ(sandbox.calls.at(0).packages, (std::vector<SandboxPackage>{{"left-pad", ""}}));
}

TEST_F(SandboxToolsTest, CodeIsRunAsAProgram) {
  const ToolPointer tool = unowned(*find_builtin_tool("run_code"));
  run(call(tool, {{"code", "print(1)"}, {"language", "js"}}));
  EXPECT_EQ(sandbox.calls.at(0).language, SandboxLanguage::javascript);
  EXPECT_EQ(sandbox.calls.at(0).function, "");
  EXPECT_EQ(sandbox.calls.at(0).source, "print(1)");
  sandbox.end("call-1", {SandboxEnd::returned, "", "", "1\n", "", 0});
  EXPECT_FALSE(outcome->is_error);
  EXPECT_EQ(Json::parse(outcome->text),
            Json({{"results", Json::array()},
                  {"logs", {{"stdout", Json::array({"1\n"})}, {"stderr", Json::array()}}}}));
  run(call(tool, {{"code", "1/0"}, {"language", "python"}}));
  sandbox.end("call-1",
              {SandboxEnd::raised, "", "ZeroDivisionError: division by zero", "", "Traceback", 0});
  EXPECT_TRUE(outcome->is_error);
  EXPECT_EQ(Json::parse(outcome->text).at("error"), "ZeroDivisionError: division by zero");
}

TEST_F(SandboxToolsTest, OtherLanguagesAreSaidNotToRun) {
  run(call(unowned(*find_builtin_tool("run_code")), {{"code", "1"}, {"language", "java"}}));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->is_error);
  EXPECT_NE(outcome->text.find("'java' does not run here"), std::string::npos);
  EXPECT_TRUE(sandbox.calls.empty());
}

TEST_F(SandboxToolsTest, ASetAsksTheFirstThatRunsATool) {
  ExternalToolSet set{{&tools}};
  EXPECT_TRUE(set.runs(*custom()));
  EXPECT_FALSE(set.is_repeatable(*custom()));
  EXPECT_FALSE(set.runs(*find_builtin_tool("web_search")));
  set.run(call(unowned(*find_builtin_tool("web_search")), Json::object()),
          [this](ToolOutcome done) { outcome = std::move(done); });
  EXPECT_TRUE(outcome->is_error);
  set.cancel("call-1");
  EXPECT_EQ(sandbox.cancelled, std::vector<std::string>{"call-1"});
}

}  // namespace
}  // namespace reverie
