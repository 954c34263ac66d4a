#include "storage/format.hpp"

#include "storage/tables/meta_table.hpp"
#include "tests/storage/toy.hpp"
#include "tests/support/commit_now.hpp"
#include "tests/support/fault_env.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

namespace reverie {
namespace {

using testing::Toy;
using testing::ToyTable;

constexpr const char* toy_owner = "agent-2f6c81d4-0000-4000-8000-000000000000";

std::string stored(const Toy& toy) {
  return std::string("\1") + encode(toy);
}

// A directory as format 1 left it: records, and `meta` with nothing but sequences.
void make_format_1(const std::string& path) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db{opened};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  ASSERT_TRUE(db->CreateColumnFamilies({}, {"meta", "toys", "of_the_past"}, &handles).ok());
  rocksdb::WriteBatch batch;
  batch.Put(handles[0], key_bytes(std::uint64_t{7}), "\x05");
  batch.Put(handles[1], *encode_key(ToyTable::Key{toy_owner, 1}), stored({1, "red", {"a"}}));
  batch.Put(handles[2], "key", "value");
  rocksdb::WriteOptions synced;
  synced.sync = true;
  ASSERT_TRUE(db->Write(synced, &batch).ok());
  for (auto* handle : handles) ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
}

Result<std::unique_ptr<Store>> open(const std::string& path,
                                    const StoreOptions& options = testing::toy_options()) {
  return Store::open(path, testing::toy_families(), options);
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(Format, ANewDirectoryIsOfTheNewestFormatAndKnowsWhatItIs) {
  testing::TempDir dir;
  std::string uuid;
  {
    auto store = *open(dir.path() + "/a/b");
    EXPECT_EQ(*read_format(*store), format_newest);
    EXPECT_EQ(store->identity().shards, 256);
    EXPECT_GT(store->identity().created_at, Timestamp{});
    uuid = store->identity().store_uuid;
    EXPECT_TRUE(home_of("agent-" + uuid)) << uuid << " is no uuid4";
  }
  EXPECT_EQ((*open(dir.path() + "/a/b"))->identity().store_uuid, uuid);
  EXPECT_NE((*open(dir.path() + "/other"))->identity().store_uuid, uuid);
}

TEST(Format, ADirectoryOfFormat1IsMigratedAndKeepsItsData) {
  testing::TempDir dir;
  const std::string path = dir.path() + "/db";
  make_format_1(path);
  for (int start = 0; start < 2; ++start) {
    auto opened = open(path);
    ASSERT_TRUE(opened) << opened.error().message;
    auto& store = **opened;
    EXPECT_EQ(*read_format(store), 2);
    EXPECT_EQ(store.identity().shards, 256);
    EXPECT_EQ(*store.sequence(7), 5);
    EXPECT_EQ(Table<ToyTable>(store).get({toy_owner, 1})->value, (Toy{1, "red", {"a"}}));
    EXPECT_EQ(testing::dump(store, testing::toys_by_color).size(), 1U);  // format 1 had none
    ASSERT_TRUE(store.has_family("of_the_past"));  // families that nobody lists are kept
    EXPECT_EQ(testing::dump(store, "of_the_past").size(), 1U);
  }
}

TEST(Format, AMigrationThatIsBrokenOffAtAnyCallIsDoneAgain) {
  const testing::TempDir dir{testing::memory_directory()};
  for (std::int64_t call = 1;; ++call) {
    const std::string path = dir.path() + "/" + std::to_string(call);
    make_format_1(path);
    testing::FaultEnv disk;
    auto options = testing::toy_options();
    options.env = disk.env.get();
    disk.files->fail_at(call, testing::Fault::power);
    auto broken_off = open(path, options);
    const bool is_done = !disk.files->has_failed();
    disk.files->lose_power();
    broken_off = Error{};
    disk.files->come_back();
    auto store = open(path, options);
    ASSERT_TRUE(store) << "call " << call << ": " << store.error().message;
    EXPECT_EQ((*store)->identity().shards, 256);
    EXPECT_EQ(*(*store)->sequence(7), 5);
    EXPECT_EQ(testing::dump(**store, testing::toys_by_color).size(), 1U) << "call " << call;
    store = Error{};
    std::filesystem::remove_all(path);
    if (is_done) break;
    ASSERT_LT(call, 1000);
  }
}

TEST(Format, MigrationsRunFromTheFormatThatIsThereInOrder) {
  testing::TempDir dir;
  auto store = *open(dir.path());
  static std::string ran;
  const auto named = [](std::int64_t from) {
    return Migration{from, "a test's", [](Store& s, const MigrationContext&, rocksdb::WriteBatch&) {
                       ran += std::to_string(*read_format(s));
                       return Status{};
                     }};
  };
  const std::vector migrations{named(1), named(2), named(3)};
  ASSERT_TRUE(migrate(*store, {}, migrations));
  EXPECT_EQ(ran, "23");
  EXPECT_EQ(*read_format(*store), 4);
}

TEST(Format, RefusesADirectoryOfANewerRelease) {
  testing::TempDir dir;
  { auto store = *open(dir.path()); }
  write_file(dir.path() + "/FORMAT", "reverie 3\n");
  const auto by_file = open(dir.path());
  ASSERT_FALSE(by_file);
  EXPECT_EQ(by_file.error().code, Errc::invalid_argument);
  EXPECT_NE(
    by_file.error().message.find("written by a newer release (format 3, this one reads up to 2)"),
    std::string::npos)
    << by_file.error().message;

  write_file(dir.path() + "/FORMAT", "reverie 2\n");
  {
    auto store = *open(dir.path());
    rocksdb::WriteBatch batch;
    batch.Put(store->family(MetaTable::family), "format", "9");
    ASSERT_TRUE(store->write(batch));
  }
  const auto by_record = open(dir.path());
  ASSERT_FALSE(by_record);
  EXPECT_EQ(by_record.error().code, Errc::invalid_argument);
  EXPECT_NE(by_record.error().message.find("format 9"), std::string::npos);
}

TEST(Format, RefusesADirectoryThatIsNotOurs) {
  testing::TempDir dir;
  const std::string photos = dir.path() + "/photos";
  std::filesystem::create_directory(photos);
  write_file(photos + "/cat.jpg", "meow");
  EXPECT_EQ(open(photos).error().code, Errc::invalid_argument);
  EXPECT_FALSE(std::filesystem::exists(photos + "/FORMAT"));

  const std::string other = dir.path() + "/other_database";
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, other, &opened).ok());
  delete opened;
  EXPECT_EQ(open(other).error().code, Errc::invalid_argument);

  write_file(dir.path() + "/file", "");
  EXPECT_EQ(open(dir.path() + "/file/db").error().code, Errc::unavailable);
}

TEST(Format, OpensWhatAKillLeftOfAFirstStart) {
  testing::TempDir dir;
  write_file(dir.path() + "/FORMAT.partial", "rev");
  EXPECT_TRUE(open(dir.path()));
}

TEST(Format, SaysWhatIsDamagedAndHowToGoOn) {
  testing::TempDir dir;
  const auto damage = [&](const std::string& name, auto&& how) {
    const std::string path = dir.path() + "/" + name;
    {
      auto store = *open(path);
      Batch batch;
      Table<ToyTable>(*store).add(batch, {toy_owner, 1}, {1, "red", {}});
      testing::commit_now(*store, std::move(batch));
      ASSERT_TRUE(store->db().Flush({}, store->family(ToyTable::family)).ok());
    }
    for (const auto& entry : std::filesystem::directory_iterator(path))
      how(entry.path().filename().string(), entry.path().string());
    const auto refused = open(path);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, Errc::corruption) << refused.error().message;
    EXPECT_NE(refused.error().message.find("reverie restore"), std::string::npos)
      << refused.error().message;
    EXPECT_NE(refused.error().message.find(path), std::string::npos);
  };
  damage("no CURRENT", [](const std::string& name, const std::string& path) {
    if (name == "CURRENT") std::filesystem::remove(path);
  });
  damage("no manifest", [](const std::string& name, const std::string& path) {
    if (name.starts_with("MANIFEST")) std::filesystem::remove(path);
  });
  damage("garbage in the manifest", [](const std::string& name, const std::string& path) {
    if (name.starts_with("MANIFEST")) write_file(path, std::string(4096, 'x'));
  });
  damage("a table is gone", [](const std::string& name, const std::string& path) {
    if (name.ends_with(".sst")) std::filesystem::remove(path);
  });
  damage("FORMAT", [](const std::string& name, const std::string& path) {
    if (name == "FORMAT") write_file(path, "reverie x\n");
  });
}

TEST(Format, NamesTheProcessThatHasItOpen) {
  testing::TempDir dir;
  const std::string path = dir.path() + "/db";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {  // holds the lock until it is killed
    auto store = open(path);
    (void)::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto refused = open(path);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_NE(refused.error().message.find("another reverie process uses it (pid "
                                         + std::to_string(child) + ")"),
            std::string::npos)
    << refused.error().message;
  EXPECT_TRUE(open(path));  // the lock went with the process
}

TEST(Format, RefusesASecondStoreInOneProcessAndOtherNumbersOfShards) {
  testing::TempDir dir;
  auto store = open(dir.path());
  const auto second = open(dir.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::unavailable);
  store = Error{};
  auto options = testing::toy_options();
  options.shards = 16;
  EXPECT_EQ(open(dir.path(), options).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace reverie
