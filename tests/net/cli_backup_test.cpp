#include "net/cli/backup.hpp"

#include "storage/format.hpp"
#include "storage/indexes.hpp"
#include "storage/store.hpp"
#include "storage/tables.hpp"
#include "tests/support/http_stub.hpp"
#include "tests/support/temp_dir.hpp"

#include <filesystem>
#include <memory>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;
using testing::TempDir;

const ServerAddress nobody{"http://127.0.0.1:1", ""};

Settings settings_in(const std::string& data_dir) {
  Settings settings;
  settings.storage.data_dir = data_dir;
  return settings;
}

std::unique_ptr<Store> open_store(const std::string& path) {
  StoreOptions options;
  options.indexes = all_indexes();
  auto store = Store::open(path, all_families(), options);
  EXPECT_TRUE(store) << store.error().message;
  return *std::move(store);
}

TEST(CliBackup, CopiesAndBringsBackWithoutAServer) {
  const TempDir directory;
  const std::string data = directory.path() + "/data";
  const std::string uuid = open_store(data)->identity().store_uuid;

  ASSERT_TRUE(back_up(settings_in(data), nobody, directory.path() + "/copy"));
  const std::string restored = directory.path() + "/restored";
  ASSERT_TRUE(restore(settings_in(restored), directory.path() + "/copy"));
  EXPECT_EQ(open_store(restored)->identity().store_uuid, uuid);
}

TEST(CliBackup, AsksTheServerThatHasTheDataOpen) {
  const TempDir directory;
  const std::string data = directory.path() + "/data";
  const auto held = open_store(data);
  const HttpStub server(
    [](const StubRequest&, StubConnection& connection) { connection.reply(200, "{}"); });
  ASSERT_TRUE(back_up(settings_in(data), {server.url(), ""}, directory.path() + "/copy"));
  const StubRequest request = server.requests().at(0);
  EXPECT_EQ(request.target, "/v1/admin/backup");
  EXPECT_EQ(request.body, "{\"path\":\"" + directory.path() + "/copy\"}");
}

TEST(CliBackup, SaysWhoHoldsTheDataWhenNoServerAnswers) {
  const TempDir directory;
  const std::string data = directory.path() + "/data";
  const auto held = open_store(data);
  const Status status = back_up(settings_in(data), nobody, directory.path() + "/copy");
  EXPECT_EQ(status.error().code, Errc::unavailable);
  EXPECT_NE(status.error().message.find("--url"), std::string::npos);
}

TEST(CliBackup, HasNothingToCopyBeforeTheFirstStart) {
  const TempDir directory;
  const std::string data = directory.path() + "/data";
  EXPECT_EQ(back_up(settings_in(data), nobody, directory.path() + "/copy").error().code,
            Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(data));
}

TEST(CliBackup, OverwritesNothing) {
  const TempDir directory;
  const std::string data = directory.path() + "/data";
  open_store(data);
  ASSERT_TRUE(back_up(settings_in(data), nobody, directory.path() + "/copy"));
  EXPECT_EQ(back_up(settings_in(data), nobody, directory.path() + "/copy").error().code,
            Errc::conflict);
  const Status refused = restore(settings_in(data), directory.path() + "/copy");
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().message.find("--data-dir"), std::string::npos);
}

}  // namespace
}  // namespace reverie
