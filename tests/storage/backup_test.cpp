#include "storage/backup.hpp"

#include "tests/storage/toy.hpp"
#include "tests/support/commit_now.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace reverie {
namespace {

using testing::ToyTable;

class BackupTest : public ::testing::Test {
 protected:
  static Result<std::unique_ptr<Store>> open(const std::string& path) {
    return Store::open(path, testing::toy_families(), testing::toy_options());
  }
  void add(std::uint64_t number) {
    Batch batch;
    toys.add(batch, {owner, number}, {static_cast<std::int64_t>(number), "red", {"a"}});
    testing::commit_now(*store, std::move(batch));
  }

  testing::TempDir dir;
  const std::string owner = "agent-2f6c81d4-0000-4000-8000-000000000000";
  const std::string backup = dir.path() + "/backup";
  const std::string restored = dir.path() + "/restored";
  std::unique_ptr<Store> store = *open(dir.path() + "/db");
  Table<ToyTable> toys{*store};
};

TEST_F(BackupTest, HoldsWhatWasThereAndNothingLater) {
  add(1);
  ASSERT_TRUE(store->db().Flush({}, store->family(ToyTable::family)).ok());
  add(2);  // in the write-ahead log alone
  const auto taken = backup_to(*store, backup + "/");
  ASSERT_TRUE(taken) << taken.error().message;
  add(3);
  const auto done = restore_from(backup, restored);
  ASSERT_TRUE(done) << done.error().message;
  auto copy = *open(restored);
  const Table<ToyTable> toys_then{*copy};
  EXPECT_TRUE(toys_then.get({owner, 1}));
  EXPECT_TRUE(toys_then.get({owner, 2}));
  EXPECT_FALSE(toys_then.get({owner, 3}));
  EXPECT_EQ(testing::dump(*copy, testing::toys_by_color).size(), 2U);
  EXPECT_EQ(copy->identity(), store->identity());
  EXPECT_TRUE(toys.get({owner, 3}));
  EXPECT_FALSE(std::filesystem::exists(backup + ".partial"));
}

TEST_F(BackupTest, WritesOverNothing) {
  add(1);
  std::filesystem::create_directory(backup);  // empty: fine
  ASSERT_TRUE(backup_to(*store, backup));
  EXPECT_EQ(backup_to(*store, backup).error().code, Errc::conflict);
  std::filesystem::create_directory(restored);
  std::ofstream(restored + "/file") << "x";
  EXPECT_EQ(restore_from(backup, restored).error().code, Errc::conflict);
}

TEST_F(BackupTest, ReplacesWhatAnInterruptedOneLeft) {
  add(1);
  std::filesystem::create_directory(backup + ".partial");
  std::ofstream(backup + ".partial/file") << "x";
  ASSERT_TRUE(backup_to(*store, backup));
  EXPECT_FALSE(std::filesystem::exists(backup + "/file"));
}

TEST_F(BackupTest, RestoresNothingFromWhatIsNoGoodBackup) {
  EXPECT_EQ(restore_from(dir.path() + "/nowhere", restored).error().code, Errc::not_found);
  add(1);
  ASSERT_TRUE(store->db().Flush({}, store->family(ToyTable::family)).ok());
  ASSERT_TRUE(backup_to(*store, backup));
  std::string format_text = "reverie 99\n";
  std::ofstream(backup + "/FORMAT") << format_text;
  EXPECT_EQ(restore_from(backup, restored).error().code, Errc::invalid_argument);
  std::ofstream(backup + "/FORMAT") << "reverie 2\n";
  for (const auto& entry : std::filesystem::directory_iterator(backup)) {
    if (entry.path().extension() != ".sst") continue;
    // A file of its own first: those of the store are linked.
    const auto size = std::filesystem::file_size(entry.path());
    std::filesystem::remove(entry.path());
    std::ofstream(entry.path(), std::ios::binary) << std::string(size, 'x');
  }
  EXPECT_EQ(restore_from(backup, restored).error().code, Errc::corruption);
  EXPECT_FALSE(std::filesystem::exists(restored));
  EXPECT_TRUE(toys.get({owner, 1}));
}

TEST_F(BackupTest, LeavesTheBackupAsItIs) {
  add(1);
  ASSERT_TRUE(backup_to(*store, backup));
  const auto names = [&] {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(backup))
      all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  };
  const auto before = names();
  ASSERT_TRUE(restore_from(backup, restored));
  EXPECT_EQ(names(), before);
}

// Of one agent's memory, as git lays it out.
TEST_F(BackupTest, HoldsTheRepositoriesBesideTheTables) {
  namespace fs = std::filesystem;
  const auto write = [](const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  };
  const auto read = [](const fs::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const fs::path git = fs::path(dir.path()) / "db/git";
  write(git / "a.git/HEAD", "ref: refs/heads/main");
  write(git / "a.git/refs/heads/main", "1");
  write(git / "a.git/objects/ab/cd", "object");
  write(git / "a.git/objects/pack/tmp_pack_1", "half");
  write(git / "a.git/refs/heads/main.lock", "half");
  write(git / "b.git.partial/HEAD", "half");
  const auto taken = backup_to(*store, backup);
  ASSERT_TRUE(taken) << taken.error().message;
  write(git / "a.git/refs/heads/main", "2");
  ASSERT_TRUE(restore_from(backup, restored));
  const fs::path copy = fs::path(restored) / "git";
  EXPECT_EQ(read(copy / "a.git/HEAD"), "ref: refs/heads/main");
  EXPECT_EQ(read(copy / "a.git/refs/heads/main"), "1");
  EXPECT_EQ(read(copy / "a.git/objects/ab/cd"), "object");
  EXPECT_FALSE(fs::exists(copy / "a.git/objects/pack/tmp_pack_1"));
  EXPECT_FALSE(fs::exists(copy / "a.git/refs/heads/main.lock"));
  EXPECT_FALSE(fs::exists(copy / "b.git.partial"));
  EXPECT_TRUE(open(restored));
  EXPECT_FALSE(fs::exists(backup + ".git.partial"));
}

}  // namespace
}  // namespace reverie
