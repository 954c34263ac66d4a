// What a store does while its disk is full, and when there is room again.

#include "storage/room.hpp"
#include "storage/time_limit.hpp"
#include "tests/storage/toy.hpp"
#include "tests/support/fault_env.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <string>

namespace reverie {
namespace {

using testing::Fault;
using testing::PlainToyTable;
using testing::ToyTable;

class FullDiskTest : public ::testing::Test {
 protected:
  FullDiskTest() {
    options.env = disk.env.get();
    options.resume_interval = std::chrono::milliseconds{0};
    options.on_fatal = [this](const Error& error) {
      {
        const std::lock_guard lock(mutex);
        fatal = error;
      }
      disk.files->let_go();
    };
    store = *Store::open(dir.path(), testing::toy_families(), options);
  }

  // A commit that leaves something in the memory of each family.
  AppendOutcome append() {
    Batch batch;
    const ToyTable::Key key{new_id(Prefix::agent, random), 1};
    Table<ToyTable>{*store}.add(batch, key, {1, "red", {"a", "b"}});
    Table<PlainToyTable>{*store}.add(batch, key, {});
    const std::vector groups{Group{7, 0, acknowledged + 1, {testing::writes_of(std::move(batch))}}};
    const auto outcome = LocalLog(*store).append(groups).front();
    if (outcome == AppendOutcome::ok) ++acknowledged;
    return outcome;
  }

  std::string fatal_message() {
    const std::lock_guard lock(mutex);
    return fatal.message;
  }

  // As RocksDB does it when the log has become long.
  void begin_flush_of_all() {
    rocksdb::FlushOptions flush;
    flush.wait = false;
    flush.allow_write_stall = true;
    for (const auto name : testing::toy_families())
      store->db().Flush(flush, store->family(name)).PermitUncheckedError();
  }

  testing::TempDir dir{testing::memory_directory()};
  testing::FaultEnv disk;
  SeededRandom random{4};
  std::mutex mutex;
  Error fatal;  // under mutex: the last one
  StoreOptions options = testing::toy_options();
  std::unique_ptr<Store> store;
  std::int64_t acknowledged = 0;
};

TEST_F(FullDiskTest, ManyLooksForRoomDoNotKeepItFromGoingOn) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(append(), AppendOutcome::ok) << fatal_message();
    disk.files->fail_at(1, Fault::full);
    begin_flush_of_all();  // none of them finds room
    for (int look = 0; look < 20; ++look)
      ASSERT_EQ(append(), AppendOutcome::full) << fatal_message();
    disk.files->make_room();
    // A flush that began before there was room may still have to fail.
    auto outcome = append();
    for (int look = 0; look < 20 && outcome == AppendOutcome::full; ++look) outcome = append();
    ASSERT_EQ(outcome, AppendOutcome::ok) << fatal_message();
    ASSERT_TRUE(store->db().Flush({}, store->family(ToyTable::family)).ok());
  }
  EXPECT_EQ(*store->sequence(7), acknowledged);
}

TEST_F(FullDiskTest, ADatabaseThatDoesNotGoOnWhenThereIsRoomEndsTheProcess) {
  options.resume_limit = std::chrono::milliseconds{1};
  store.reset();
  store = *Store::open(dir.path(), testing::toy_families(), options);
  ASSERT_EQ(append(), AppendOutcome::ok) << fatal_message();
  disk.files->fail_at(1, Fault::full);
  ASSERT_EQ(append(), AppendOutcome::full) << fatal_message();
  disk.files->hold_tables();
  disk.files->make_room();
  append();       // this process goes on, and the tables are let go: either outcome is right
  store.reset();  // what was said of it is said by now
  EXPECT_EQ(fatal.code, Errc::timeout);
  EXPECT_EQ(fatal.where, "storage.resume_s");
  EXPECT_NE(fatal.message.find("within 1 ms"), std::string::npos) << fatal.message;
}

TEST_F(FullDiskTest, ThereIsRoomForWhatFitsAndTheProbeIsGone) {
  EXPECT_TRUE(has_room(*disk.env, dir.path(), 0));
  EXPECT_TRUE(has_room(*disk.env, dir.path(), (1 << 20) + 1));
  EXPECT_FALSE(has_room(*disk.env, dir.path(), std::uint64_t{1} << 60));  // said to be too much
  EXPECT_FALSE(has_room(*disk.env, dir.path() + "/none", 1));
  disk.files->fail_at(3, Fault::full);  // found out while it is written
  EXPECT_FALSE(has_room(*disk.env, dir.path(), 4 << 20));
  EXPECT_FALSE(std::filesystem::exists(dir.path() + "/room.probe"));
}

TEST_F(FullDiskTest, AProbeThatAKillLeftIsTakenAwayAtTheNextStart) {
  ASSERT_TRUE(
    rocksdb::WriteStringToFile(disk.env.get(), "left", dir.path() + "/room.probe", false).ok());
  store.reset();
  store = *Store::open(dir.path(), testing::toy_families(), options);
  EXPECT_FALSE(std::filesystem::exists(dir.path() + "/room.probe"));
}

TEST(TimeLimitTest, IsSilentWhenTheCallCameBackInTime) {
  bool has_ended = false;
  {
    const TimeLimit limit{std::chrono::hours{1}, [&] { has_ended = true; }};
  }
  EXPECT_FALSE(has_ended);
}

}  // namespace
}  // namespace reverie
