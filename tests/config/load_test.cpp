#include "config/load.hpp"

#include "tests/support/temp_dir.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace reverie {
namespace {

SettingsSources with(Environment::Variables variables,
                     std::map<std::string, std::string, std::less<>> flags = {}) {
  variables.emplace("HOME", "/home/ada");
  return {std::move(flags), Environment(std::move(variables)), ""};
}

Result<LoadedSettings> from_yaml(const std::string& yaml, Environment::Variables variables = {}) {
  return load_settings(with(std::move(variables)), yaml, "reverie.yaml");
}

TEST(Load, FlagsWinOverTheEnvironmentOverTheFileOverTheDefault) {
  const std::string yaml = "server:\n  port: 1\n";
  const auto port = [](const Result<LoadedSettings>& loaded) {
    return std::pair(loaded->settings.server.port, loaded->origins.at("server.port"));
  };
  using Port = std::pair<std::int64_t, std::string>;

  EXPECT_EQ(port(load_settings(with({}), "", "")), Port(8283, "default"));
  EXPECT_EQ(port(load_settings(with({}), yaml, "reverie.yaml")), Port(1, "reverie.yaml:2"));
  EXPECT_EQ(port(load_settings(with({{"PORT", "2"}}), yaml, "reverie.yaml")), Port(2, "PORT"));
  EXPECT_EQ(port(load_settings(with({{"PORT", "2"}, {"REVERIE_SERVER_PORT", "3"}}), yaml, "f")),
            Port(3, "REVERIE_SERVER_PORT"));
  EXPECT_EQ(
    port(load_settings(with({{"PORT", "2"}, {"REVERIE_SERVER_PORT", "3"}}, {{"server.port", "4"}}),
                       yaml, "f")),
    Port(4, "--server.port"));
}

TEST(Load, KnowsTheNamesThatSelfHostersKnow) {
  const auto loaded = load_settings(with({
    {"HOST", "::1"},
    {"PORT", "9000"},
    {"LETTA_SERVER_SECURE", "true"},
    {"LETTA_SERVER_PASSWORD", "secret"},
    {"ACCEPTABLE_ORIGINS", "https://ui.example"},
    {"LETTA_DIR", "/srv/letta"},
    {"LETTA_DEFAULT_LLM_HANDLE", "openai/gpt-4o-mini"},
    {"LETTA_DEFAULT_EMBEDDING_HANDLE", "openai/text-embedding-3-small"},
    {"LETTA_LLM_REQUEST_TIMEOUT_SECONDS", "90"},
    {"GLOBAL_MAX_CONTEXT_WINDOW_LIMIT", "64000"},
    {"LETTA_KEEPALIVE_INTERVAL", "5"},
  }));
  ASSERT_TRUE(loaded) << loaded.error().message;
  const Settings& settings = loaded->settings;
  EXPECT_EQ(settings.server.host, "::1");
  EXPECT_EQ(settings.server.port, 9000);
  EXPECT_TRUE(settings.server.secure);
  EXPECT_EQ(settings.server.password, "secret");
  EXPECT_EQ(settings.server.cors_origins, std::vector<std::string>{"https://ui.example"});
  EXPECT_EQ(settings.storage.data_dir, "/srv/letta");
  EXPECT_EQ(settings.models.default_handle, "openai/gpt-4o-mini");
  EXPECT_EQ(settings.models.default_embedding_handle, "openai/text-embedding-3-small");
  EXPECT_EQ(settings.models.request_s, 90);
  EXPECT_EQ(settings.models.context_window_max, 64'000);
  EXPECT_EQ(settings.streams.ping_s, 5);
  EXPECT_TRUE(loaded->notices.empty());
}

TEST(Load, EveryOptionCanBeSetInTheFileInTheEnvironmentAndByAlias) {
  for (const Option& option : options()) {
    const std::string value =
      option.choices.empty() ? option.value(Settings{}) + "1" : std::string(option.choices[0]);
    std::string text = value;
    if (option.is_boolean()) text = "true";
    if (option.type_name() == "integer") text = std::to_string(option.min);
    if (option.name == "server.path_prefix") text = "/x";

    const auto of_file = from_yaml(std::string(option.name) + ": \"" + text + "\"");
    ASSERT_TRUE(of_file) << of_file.error().where << ": " << of_file.error().message;
    EXPECT_EQ(option.value(of_file->settings), text);

    std::vector<std::string> names{option.variable()};
    names.insert(names.end(), option.aliases.begin(), option.aliases.end());
    for (const std::string& name : names) {
      const auto of_variable = load_settings(with({{name, text}}));
      ASSERT_TRUE(of_variable) << name << ": " << of_variable.error().message;
      EXPECT_EQ(option.value(of_variable->settings), text) << name;
      EXPECT_EQ(of_variable->origins.at(std::string(option.name)), name);
    }
  }
}

TEST(Load, KeepsTheDataInTheFirstPlaceThatIsNamed) {
  const auto data_dir = [](const Result<LoadedSettings>& loaded) {
    return loaded->settings.storage.data_dir;
  };
  EXPECT_EQ(data_dir(load_settings(with({}))), "/home/ada/.reverie");
  EXPECT_EQ(data_dir(load_settings(with({{"LETTA_DIR", "~/letta"}}))), "/home/ada/letta");
  EXPECT_EQ(data_dir(load_settings(with({{"LETTA_DIR", "/a"}, {"REVERIE_DATA_DIR", "/b"}}))), "/b");
  EXPECT_EQ(
    data_dir(load_settings(with({{"REVERIE_DATA_DIR", "/b"}}, {{"storage.data_dir", "here"}}))),
    "here");
}

TEST(Load, AsksForAPlaceWhenThereIsNoHome) {
  const auto loaded = load_settings({});
  EXPECT_EQ(loaded.error().where, "storage.data_dir");
  EXPECT_NE(loaded.error().message.find("--data-dir"), std::string::npos);
}

TEST(Load, AnEmptyVariableIsNotSet) {
  EXPECT_EQ(load_settings(with({{"PORT", ""}}))->settings.server.port, 8283);
}

TEST(Load, SaysWhichVariableIsWrong) {
  const auto loaded = load_settings(with({{"PORT", "http"}}));
  EXPECT_EQ(loaded.error().where, "server.port");
  EXPECT_EQ(loaded.error().message, "'http' is not an integer from 0 to 65535 (from PORT)");
}

TEST(Load, DoesNotPrintAWrongSecret) {
  const auto loaded = from_yaml("server:\n  password: [correct, horse]\n");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message.find("horse"), std::string::npos);
}

TEST(Load, SaysWhereInTheFileAnUnknownKeyIsAndWhatWasMeant) {
  const auto loaded = from_yaml("server:\n  host: localhost\n  prot: 80\n");
  EXPECT_EQ(loaded.error().code, Errc::invalid_argument);
  EXPECT_EQ(loaded.error().where, "server.prot");
  EXPECT_EQ(loaded.error().message,
            "there is no such option; did you mean server.port? (from reverie.yaml:3)");
}

TEST(Load, RefusesAnUnknownFlagByName) {
  const auto loaded = load_settings(with({}, {{"server.sock", "x"}}));
  EXPECT_EQ(loaded.error().where, "server.sock");
}

TEST(Load, RefusesWrongTypesInTheFile) {
  EXPECT_EQ(from_yaml("server:\n  port: [1, 2]\n").error().message,
            "a list is not an integer from 0 to 65535 (from reverie.yaml:2)");
  EXPECT_EQ(from_yaml("server:\n  port:\n    number: 1\n").error().where, "server.port.number");
  EXPECT_EQ(from_yaml("server: 80\n").error().where, "server");
  EXPECT_FALSE(from_yaml("- server\n"));
  EXPECT_FALSE(from_yaml("server: [unclosed\n"));
  EXPECT_FALSE(from_yaml("? [a, b]\n: 1\n")) << "a key that is no text";
}

TEST(Load, RefusesAKeyThatIsThereTwice) {
  const auto loaded = from_yaml("server.port: 1\nserver:\n  port: 2\n");
  EXPECT_EQ(loaded.error().where, "server.port");
  EXPECT_EQ(loaded.error().message, "it is set twice (reverie.yaml:3)");
}

TEST(Load, TakesAnEmptyFileAndEmptyKeysForNothing) {
  EXPECT_TRUE(from_yaml(""));
  EXPECT_TRUE(from_yaml("# only a comment\n"));
  EXPECT_EQ(from_yaml("server:\n  port:\n")->settings.server.port, 8283);
}

TEST(Load, ReadsListsInBothSpellings) {
  const std::vector<std::string> both{"https://a.example", "https://b.example"};
  EXPECT_EQ(from_yaml("server:\n  cors_origins: [https://a.example, https://b.example]\n")
              ->settings.server.cors_origins,
            both);
  EXPECT_EQ(from_yaml("server:\n  cors_origins: https://a.example,https://b.example\n")
              ->settings.server.cors_origins,
            both);
}

TEST(Load, ReadsModelProviders) {
  const auto loaded = from_yaml(R"(
models:
  providers:
    box:
      type: vllm
      base_url: http://10.0.0.2:8000/v1
      concurrency_max: 8
    openai:
      api_key_variable: TEAM_KEY
)",
                                {{"TEAM_KEY", "sk-1"}});
  ASSERT_TRUE(loaded) << loaded.error().where << ": " << loaded.error().message;
  const auto& providers = loaded->settings.models.providers;
  ASSERT_EQ(providers.size(), 2U);
  EXPECT_EQ(providers[0], (ConfiguredProvider{"box", "vllm", "http://10.0.0.2:8000/v1", "", 8}));
  EXPECT_EQ(providers[1], (ConfiguredProvider{"openai", "openai", "", "sk-1", 0}));
}

TEST(Load, RefusesProvidersThatItDoesNotUnderstand) {
  const auto provider = [](const std::string& members) {
    return from_yaml("models:\n  providers:\n    box: " + members + "\n").error();
  };
  EXPECT_EQ(provider("{url: x}").where, "models.providers.box.url");
  EXPECT_EQ(provider("{concurrency_max: 0}").where, "models.providers.box.concurrency_max");
  EXPECT_EQ(provider("{api_key: [a]}").where, "models.providers.box.api_key");
  EXPECT_EQ(provider("{api_key_variable: NONE}").message,
            "the environment has no NONE (reverie.yaml:3)");
  EXPECT_EQ(provider("text").where, "models.providers.box");
  EXPECT_FALSE(from_yaml("models:\n  providers:\n    a/b: {}\n"));
  EXPECT_FALSE(from_yaml("models:\n  providers: openai\n"));
}

TEST(Load, NamesWhatWasSetForTheReferenceServerInOneLine) {
  const auto loaded = load_settings(
    with({{"LETTA_PG_URI", "postgresql://"}, {"LETTA_REDIS_HOST", "r"}, {"PG_POOL_SIZE", "9"}}));
  EXPECT_EQ(loaded->notices, (std::vector<std::string>{
                               "accepted and not needed here: LETTA_PG_URI, LETTA_REDIS_HOST",
                               "accepted and not needed here: PG_POOL_SIZE",
                             }));
}

TEST(Load, PointsAtVariablesOfOursThatDoNotExist) {
  const auto loaded =
    load_settings(with({{"REVERIE_SERVER_PROT", "1"}, {"REVERIE_URL", "http://"}}));
  EXPECT_EQ(loaded->notices,
            std::vector<std::string>{"set, but no option of this release: REVERIE_SERVER_PROT"});
}

TEST(Load, IsNotConfusedByTheAddressOfAService) {
  const auto loaded = load_settings(with({{"REVERIE_SERVER_PORT", "tcp://10.0.0.1:8283"}}));
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->settings.server.port, 8283);
  EXPECT_EQ(loaded->notices.size(), 1U);
}

TEST(Load, WritesThePathPrefixWithOneSlashInFront) {
  const auto prefix = [](const std::string& text) {
    return load_settings(with({}, {{"server.path_prefix", text}}));
  };
  EXPECT_EQ(prefix("/letta/")->settings.server.path_prefix, "/letta");
  EXPECT_EQ(prefix("/")->settings.server.path_prefix, "");
  EXPECT_EQ(prefix("letta").error().where, "server.path_prefix");
}

TEST(Load, ReadsTheFileThatIsNamed) {
  const testing::TempDir directory;
  const std::string path = directory.path() + "/mine.yaml";
  std::ofstream(path) << "server:\n  port: 7\n";
  SettingsSources sources = with({{"REVERIE_CONFIG", path}});
  EXPECT_EQ(load_settings(sources)->settings.server.port, 7);
  EXPECT_EQ(load_settings(sources)->config_file, path);

  sources.config_file = directory.path() + "/none.yaml";
  EXPECT_EQ(load_settings(sources).error().code, Errc::not_found) << "--config wins";
}

}  // namespace
}  // namespace reverie
