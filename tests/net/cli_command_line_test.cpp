#include "net/cli/command_line.hpp"

#include "config/settings.hpp"
#include "net/cli/settings_flags.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome run(std::vector<const char*> words, Environment::Variables variables = {}) {
  variables.emplace("HOME", "/home/ada");
  words.insert(words.begin(), "reverie");
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code = run_command_line(static_cast<int>(words.size()), words.data(),
                                  Environment(std::move(variables)));
  outcome.out = ::testing::internal::GetCapturedStdout();
  outcome.err = ::testing::internal::GetCapturedStderr();
  return outcome;
}

TEST(CliCommandLine, ShowsItsCommands) {
  const Outcome help = run({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* command :
       {"serve", "chat", "agents", "config", "doctor", "backup", "restore", "version"})
    EXPECT_NE(help.out.find(std::string("\n  ") + command + " "), std::string::npos) << command;
  EXPECT_EQ(run({}).code, 2);
}

TEST(CliCommandLine, NamesWhatItDoesNotUnderstand) {
  EXPECT_EQ(run({"serv"}).err, "reverie: there is no command serv\n");
  const Outcome flag = run({"serve", "--server.prot=1"});
  EXPECT_EQ(flag.code, 2);
  EXPECT_EQ(flag.err, "reverie: there is no argument --server.prot; did you mean --server.port?\n");
  EXPECT_EQ(run({"config", "server.prot"}).err,
            "reverie: there is no option server.prot; did you mean server.port?\n");
}

TEST(CliCommandLine, RefusesAValueOutOfItsRange) {
  const Outcome outcome = run({"serve", "--port", "99999"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(
    outcome.err,
    "reverie: server.port: '99999' is not an integer from 0 to 65535 (from --server.port)\n");
}

TEST(CliCommandLine, RefusesToFaceOthersWithoutAPassword) {
  const Outcome outcome = run({"serve", "--host", "0.0.0.0"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("server.insecure_allow_remote"), std::string::npos);
}

TEST(CliCommandLine, TakesEveryOptionAsAFlag) {
  SettingsFlags flags;
  CLI::App app;
  flags.add_to(app);
  for (const Option& option : options()) {
    SCOPED_TRACE(option.name);
    std::string text = option.value(Settings{});
    if (text.empty()) text = "x";
    app.parse(option.flag() + "=" + text);
    const SettingsSources sources = flags.sources(app, Environment());
    EXPECT_EQ(sources.flags.size(), 1U);
    EXPECT_EQ(sources.flags.at(std::string(option.name)), text);
  }
}

TEST(CliCommandLine, KnowsTheShortFlagsOfServe) {
  SettingsFlags flags;
  CLI::App app;
  flags.add_to(app);
  app.parse("--port 1 --host h --secure --data-dir d --config f.yaml");
  const SettingsSources sources = flags.sources(app, Environment());
  EXPECT_EQ(sources.config_file, "f.yaml");
  EXPECT_EQ(sources.flags.at("server.port"), "1");
  EXPECT_EQ(sources.flags.at("server.host"), "h");
  EXPECT_EQ(sources.flags.at("server.secure"), "true");
  EXPECT_EQ(sources.flags.at("storage.data_dir"), "d");
}

TEST(CliCommandLine, ShowsWhereAValueCameFrom) {
  const Outcome outcome = run({"config", "server.port", "--port", "7"}, {{"PORT", "8"}});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("value        7\n  from         --server.port\n"), std::string::npos);
}

TEST(CliCommandLine, NeverPrintsThePassword) {
  const Outcome outcome = run({"config"}, {{"REVERIE_PASSWORD", "correct-horse"}});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ((outcome.out + outcome.err).find("correct-horse"), std::string::npos);
}

TEST(CliCommandLine, SaysWhatToTypeWhenNoServerRuns) {
  const Outcome outcome = run({"agents", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("reverie serve"), std::string::npos);
}

TEST(CliCommandLine, TellsItsVersion) {
  EXPECT_TRUE(run({"version"}).out.starts_with("reverie "));
}

}  // namespace
}  // namespace reverie
