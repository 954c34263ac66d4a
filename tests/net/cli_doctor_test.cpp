#include "net/cli/doctor.hpp"

#include "tests/support/http_stub.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Level = Finding::Level;
using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;
using testing::TempDir;

Settings settings_of(const HttpStub& stub) {
  Settings settings;
  settings.server.port = std::stoll(stub.url().substr(stub.url().rfind(':') + 1));
  return settings;
}

TEST(CliDoctor, TellsFindingsWithAdviceBelow) {
  EXPECT_EQ(findings_text({{Level::ok, "port", "free"},
                           {Level::info, "models", "ollama: not here"},
                           {Level::note, "models", "openai: 401", "is the key right?"},
                           {Level::problem, "data", "locked"}},
                          Style()),
            "✓ port      free\n"
            "· models    ollama: not here\n"
            "! models    openai: 401\n"
            "            → is the key right?\n"
            "✗ data      locked\n");
}

TEST(CliDoctor, EndsWithTheLineToType) {
  EXPECT_TRUE(next_text({false, false, 3}, Style()).ends_with("\n  reverie serve\n"));
  EXPECT_TRUE(next_text({false, true, 3}, Style()).ends_with("\n  reverie chat\n"));
  const std::string without_models = next_text({false, false, 0}, Style());
  EXPECT_NE(without_models.find("OPENAI_API_KEY="), std::string::npos);
  EXPECT_NE(without_models.find("OLLAMA_BASE_URL="), std::string::npos);
  EXPECT_EQ(next_text({true, false, 3}, Style()).find("reverie serve"), std::string::npos);
}

TEST(CliDoctor, SaysHowFarCodeIsKeptApart) {
  EXPECT_EQ(sandbox_finding(SandboxLevel::isolated).level, Level::ok);
  EXPECT_EQ(sandbox_finding(SandboxLevel::process).level, Level::note);
  const Finding none = sandbox_finding(SandboxLevel::none);
  EXPECT_EQ(none.level, Level::note);
  EXPECT_NE(none.advice.find("bubblewrap"), std::string::npos);
}

TEST(CliDoctor, KnowsAFreePortFromATakenOne) {
  bool is_serving = true;
  Settings settings;
  settings.server.port = 0;  // any
  EXPECT_EQ(check_port(settings, is_serving).level, Level::ok);
  EXPECT_FALSE(is_serving);

  const HttpStub other(
    [](const StubRequest&, StubConnection& connection) { connection.reply(200, "<html>"); });
  const Finding taken = check_port(settings_of(other), is_serving);
  EXPECT_EQ(taken.level, Level::problem);
  EXPECT_NE(taken.advice.find("--port"), std::string::npos);
  EXPECT_FALSE(is_serving);
}

TEST(CliDoctor, RecognisesARunningServer) {
  const HttpStub ours([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, R"({"version": "0.16.8", "status": "ok"})");
  });
  bool is_serving = false;
  EXPECT_EQ(check_port(settings_of(ours), is_serving).level, Level::ok);
  EXPECT_TRUE(is_serving);
}

TEST(CliDoctor, SaysWhenTheAddressIsNotOfThisMachine) {
  bool is_serving = false;
  Settings settings;
  settings.server.host = "192.0.2.1";  // reserved for documentation
  settings.server.port = 0;
  EXPECT_EQ(check_port(settings, is_serving).level, Level::problem);
}

TEST(CliDoctor, LooksAtTheDataDirectoryWithoutChangingIt) {
  const TempDir directory;
  const std::string fresh = directory.path() + "/new";
  EXPECT_EQ(check_data_dir(fresh).level, Level::ok);
  EXPECT_FALSE(std::filesystem::exists(fresh));

  std::ofstream(directory.path() + "/letter.txt") << "dear";
  EXPECT_EQ(check_data_dir(directory.path()).level, Level::problem) << "not ours";
}

TEST(CliDoctor, MeasuresTheDiskAndLeavesNothing) {
  const TempDir directory;
  const auto findings = check_disk(directory.path() + "/not/there/yet");
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_NE(findings[0].level, Level::problem);
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST(CliDoctor, RefusesToFaceOthersWithoutAPassword) {
  LoadedSettings loaded;
  loaded.settings.server.host = "0.0.0.0";
  loaded.notices = {"accepted and not needed here: LETTA_PG_URI"};
  const auto findings = check_settings(loaded);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[1].level, Level::note);
  EXPECT_EQ(findings[2].level, Level::problem);
}

ModelSettings only(const std::string& type, const std::string& url) {
  ModelSettings settings;
  settings.discover_local = false;
  settings.listing_s = 2;
  settings.providers = {{"box", type, url, "sk-secret", 0}};
  return settings;
}

TEST(CliDoctor, ListsTheModelsOfAProvider) {
  const HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, R"({"data": [{"id": "m1", "max_model_len": 8192}]})");
  });
  const ModelFindings found = check_models(only("vllm", stub.url()), Environment());
  EXPECT_EQ(found.models, 1U);
  EXPECT_TRUE(std::ranges::any_of(found.findings, [](const Finding& finding) {
    return finding.level == Level::ok && finding.text == "box: box/m1";
  }));
}

TEST(CliDoctor, AsksWhetherTheKeyIsRight) {
  const HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(401, R"({"error": {"message": "Incorrect API key"}})");
  });
  const ModelFindings found = check_models(only("openai", stub.url()), Environment());
  EXPECT_EQ(found.models, 0U);
  const auto refused = std::ranges::find(found.findings, Level::note, &Finding::level);
  ASSERT_NE(refused, found.findings.end());
  EXPECT_NE(refused->advice.find("key"), std::string::npos) << refused->text;
  EXPECT_EQ(findings_text(found.findings, Style()).find("sk-secret"), std::string::npos);
}

TEST(CliDoctor, SaysWhoSearchesTheWeb) {
  WebSettings settings;
  EXPECT_EQ(check_web(settings).at(0).level, Level::info);
  EXPECT_NE(check_web(settings).at(0).advice.find("EXA_API_KEY"), std::string::npos);
  settings.exa_api_key = "exa-secret";
  EXPECT_EQ(findings_text(check_web(settings), Style()),
            "✓ web       web_search: Exa at https://api.exa.ai\n");
  settings.search_provider = "brave";
  EXPECT_EQ(check_web(settings).at(0).level, Level::note);
  EXPECT_NE(check_web(settings).at(0).text.find("BRAVE_API_KEY"), std::string::npos);
  settings.search_provider = "none";
  EXPECT_EQ(check_web(settings).at(0).level, Level::info);
}

TEST(CliDoctor, NamesSettingsOfTheWebThatAreWrong) {
  WebSettings settings;
  settings.allowed_networks = {"home"};
  settings.ports = {"http"};
  const auto findings = check_web(settings);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[1].level, Level::problem);
  EXPECT_TRUE(findings[1].text.starts_with("web.allowed_networks: "));
  EXPECT_TRUE(findings[2].text.starts_with("web.ports: "));
}

TEST(CliDoctor, NamesAProviderOfTheFileThatIsWrong) {
  const ModelFindings found = check_models(only("no-such-type", ""), Environment());
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].level, Level::problem);
}

}  // namespace
}  // namespace reverie
