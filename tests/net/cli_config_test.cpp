#include "net/cli/config.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace reverie {
namespace {

LoadedSettings loaded_with(Environment::Variables variables, const std::string& yaml = "") {
  variables.emplace("HOME", "/home/ada");
  auto loaded =
    load_settings({{}, Environment(std::move(variables)), ""}, yaml, yaml.empty() ? "" : "r.yaml");
  EXPECT_TRUE(loaded) << loaded.error().message;
  return *loaded;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CliConfig, ShowsEveryOptionWithItsSentence) {
  const std::string text = settings_table(loaded_with({}), Style());
  for (const Option& option : options()) {
    EXPECT_TRUE(contains(text, "\n" + std::string(option.name) + " ")) << option.name;
    EXPECT_TRUE(contains(text, "\n    " + std::string(option.doc) + "\n")) << option.name;
  }
}

TEST(CliConfig, ShowsValueDefaultUnitAndOrigin) {
  const std::string text = settings_table(loaded_with({{"PORT", "80"}}), Style());
  const auto line = [&](const std::string& name) {
    const std::size_t start = text.find("\n" + name) + 1;
    return text.substr(start, text.find('\n', start) - start);
  };
  EXPECT_EQ(line("server.port"),
            "server.port                         80                  8283           PORT");
  EXPECT_EQ(line("server.body_bytes_max"),
            "server.body_bytes_max               32 MiB              32 MiB         default");
  EXPECT_EQ(line("storage.data_dir"),
            "storage.data_dir                    /home/ada/.reverie  ~/.reverie     default");
}

TEST(CliConfig, HidesSecrets) {
  const LoadedSettings loaded =
    loaded_with({{"LETTA_SERVER_PASSWORD", "correct-horse"}},
                "models: {providers: {box: {type: vllm, api_key: battery-staple}}}");
  for (const std::string& text : {settings_table(loaded, Style()),
                                  option_text(*find_option("server.password"), loaded, Style())}) {
    EXPECT_FALSE(contains(text, "correct-horse"));
    EXPECT_FALSE(contains(text, "battery-staple"));
    EXPECT_TRUE(contains(text, "set (hidden)"));
  }
}

TEST(CliConfig, ShowsTheProvidersOfTheFile) {
  const std::string text = settings_table(
    loaded_with({}, "models: {providers: {box: {type: vllm, base_url: 'http://b'}}}"), Style());
  EXPECT_TRUE(contains(text, "models.providers.box  vllm  http://b  not set\n"));
}

TEST(CliConfig, TellsEverythingAboutOneOption) {
  EXPECT_EQ(option_text(*find_option("server.port"), loaded_with({}), Style()),
            "server.port\n"
            "  The TCP port to listen on; 0 takes any free one and prints it.\n"
            "\n"
            "  value        8283\n"
            "  from         default\n"
            "  default      8283\n"
            "  because      the port that the clients of the Letta API know\n"
            "  allowed      an integer from 0 to 65535\n"
            "  flag         --server.port\n"
            "  short flag   --port\n"
            "  variable     REVERIE_SERVER_PORT\n"
            "  also         PORT\n");
}

TEST(CliConfig, TheReferencePageIsThatOfThisList) {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ifstream page(root / "docs" / "settings.md");
  ASSERT_TRUE(page.is_open());
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  EXPECT_TRUE(text == settings_markdown())
    << "make it again: reverie config --markdown > docs/settings.md";
}

TEST(CliConfig, TheReferencePageNamesEveryWayToSetAnOption) {
  const std::string page = settings_markdown();
  for (const Option& option : options()) {
    EXPECT_TRUE(contains(page, "### " + std::string(option.name) + "\n"));
    EXPECT_TRUE(contains(page, "`" + option.flag() + "`"));
    EXPECT_TRUE(contains(page, "`" + option.variable() + "`"));
    for (const std::string_view alias : option.aliases)
      EXPECT_TRUE(contains(page, "`" + std::string(alias) + "`")) << alias;
  }
}

}  // namespace
}  // namespace reverie
