#include "config/settings.hpp"

#include <set>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const Option& option(std::string_view name) {
  const Option* found = find_option(name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

TEST(Settings, EveryOptionHasItsOwnNameFlagAndVariables) {
  std::set<std::string> names;
  for (const Option& each : options()) {
    EXPECT_TRUE(names.insert(std::string(each.name)).second) << each.name;
    EXPECT_TRUE(names.insert(each.flag()).second) << each.name;
    EXPECT_TRUE(names.insert(each.variable()).second) << each.name;
    if (!each.short_flag.empty()) {
      EXPECT_TRUE(names.insert(std::string(each.short_flag)).second) << each.short_flag;
    }
    for (const std::string_view alias : each.aliases)
      EXPECT_TRUE(names.insert(std::string(alias)).second) << alias;
  }
}

TEST(Settings, EveryOptionSaysInOneLineWhatItIs) {
  for (const Option& each : options()) {
    EXPECT_TRUE(each.doc.ends_with('.')) << each.name;
    EXPECT_EQ(each.doc.find('\n'), std::string_view::npos) << each.name;
    EXPECT_LE(each.doc.size(), 100U) << each.name;
  }
}

TEST(Settings, SpellsNamesForTheFileTheFlagAndTheEnvironment) {
  const Option& limit = option("server.body_bytes_max");
  EXPECT_EQ(limit.flag(), "--server.body-bytes-max");
  EXPECT_EQ(limit.variable(), "REVERIE_SERVER_BODY_BYTES_MAX");
}

TEST(Settings, TakesEveryNumberUpToItsBoundsAndNoneBeyond) {
  for (const Option& each : options()) {
    if (each.type_name() != "integer") continue;
    Settings settings;
    EXPECT_TRUE(each.set(settings, each.value(Settings{}))) << each.name << ": the default";
    EXPECT_TRUE(each.set(settings, std::to_string(each.min))) << each.name;
    EXPECT_EQ(each.value(settings), std::to_string(each.min)) << each.name;
    EXPECT_TRUE(each.set(settings, std::to_string(each.max))) << each.name;
    EXPECT_EQ(each.value(settings), std::to_string(each.max)) << each.name;
    EXPECT_FALSE(each.set(settings, std::to_string(each.min - 1))) << each.name;
    EXPECT_FALSE(each.set(settings, std::to_string(each.max + 1))) << each.name;
    EXPECT_EQ(each.value(settings), std::to_string(each.max)) << "a refused value is kept out";
  }
}

TEST(Settings, ReadsBackWhatItShows) {
  for (const Option& each : options()) {
    Settings settings;
    EXPECT_TRUE(each.set(settings, each.value(Settings{}))) << each.name;
    EXPECT_EQ(each.value(settings), each.value(Settings{})) << each.name;
  }
}

TEST(Settings, NamesTheOptionTheValueAndWhatIsAllowed) {
  Settings settings;
  const Status status = option("server.port").set(settings, "99999");
  EXPECT_EQ(status.error().code, Errc::invalid_argument);
  EXPECT_EQ(status.error().where, "server.port");
  EXPECT_EQ(status.error().message, "'99999' is not an integer from 0 to 65535");
  EXPECT_EQ(option("log.format").set(settings, "xml").error().message,
            "'xml' is not one of text, json");
  EXPECT_EQ(option("server.secure").set(settings, "maybe").error().message,
            "'maybe' is not true or false");
  EXPECT_EQ(option("storage.shards").set(settings, "100").error().message,
            "'100' is not a power of two from 1 to 16384");
}

TEST(Settings, RefusesWhatIsNoNumber) {
  Settings settings;
  for (const char* text : {"", "many", "1.5", "80 80", "99999999999999999999", "1MB", "8h"})
    EXPECT_FALSE(option("server.port").set(settings, text)) << text;
  EXPECT_FALSE(option("server.body_bytes_max").set(settings, "9999999999GiB")) << "overflow";
  EXPECT_EQ(settings.server.port, 8283);
}

TEST(Settings, UnderstandsUnitsWhereTheOptionHasThem) {
  Settings settings;
  EXPECT_TRUE(option("storage.block_cache_bytes").set(settings, "64 MiB"));
  EXPECT_EQ(settings.storage.block_cache_bytes, 64LL << 20);
  EXPECT_TRUE(option("runs.events_age_s").set(settings, "2h"));
  EXPECT_EQ(settings.runs.events_age_s, 7'200);
}

TEST(Settings, TakesAChoiceInAnyCase) {
  Settings settings;
  EXPECT_TRUE(option("log.level").set(settings, "DEBUG"));
  EXPECT_EQ(settings.log.level, "debug");
}

TEST(Settings, SplitsListsAtCommas) {
  Settings settings;
  EXPECT_TRUE(option("server.cors_origins").set(settings, "https://a.example, https://b.example,"));
  EXPECT_EQ(settings.server.cors_origins,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
}

TEST(Settings, NeverShowsASecret) {
  Settings settings;
  const Option& password = option("server.password");
  EXPECT_EQ(password.shown(settings), "not set");
  EXPECT_TRUE(password.set(settings, "correct horse"));
  EXPECT_EQ(password.shown(settings), "set (hidden)");
}

TEST(Settings, FindsTheOptionThatWasMeant) {
  EXPECT_EQ(nearest_option("server.prot"), "server.port");
  EXPECT_EQ(nearest_option("storage.datadir"), "storage.data_dir");
  EXPECT_EQ(nearest_option("completely.different_thing"), "");
}

TEST(Settings, ServesThisMachineWithoutAPassword) {
  Settings settings;
  for (const char* host : {"127.0.0.1", "127.0.0.5", "localhost", "::1"}) {
    settings.server.host = host;
    EXPECT_TRUE(check_exposure(settings)) << host;
  }
}

TEST(Settings, ServesOthersOnlyWithAPasswordOrWhenToldTo) {
  Settings settings;
  settings.server.host = "0.0.0.0";
  const Status refused = check_exposure(settings);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("server.insecure_allow_remote"), std::string::npos);
  EXPECT_NE(refused.error().message.find("server.password"), std::string::npos);

  Settings allowed = settings;
  allowed.server.insecure_allow_remote = true;
  EXPECT_TRUE(check_exposure(allowed));
  Settings secure = settings;
  secure.server.secure = true;
  EXPECT_TRUE(check_exposure(secure));
  Settings with_password = settings;
  with_password.server.password = "x";
  EXPECT_TRUE(check_exposure(with_password));
}

TEST(Settings, TakesNamesThatOnlyLookLikeThisMachineForOthers) {
  Settings settings;
  for (const char* host : {"127.example.com", "localhost.example.com", "", "::"}) {
    settings.server.host = host;
    EXPECT_FALSE(check_exposure(settings)) << host;
  }
}

}  // namespace
}  // namespace reverie
