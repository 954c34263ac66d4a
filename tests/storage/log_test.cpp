#include "storage/log.hpp"

#include "storage/tables/meta_table.hpp"
#include "tests/storage/toy.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::PlainToyTable;

class LogTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Store> open(const std::string& path) {
    return *Store::open(path, testing::toy_families(), testing::toy_options());
  }
  PlainToyTable::Key key() { return {new_id(Prefix::agent, random), 1}; }
  std::string add(const PlainToyTable::Key& at) const {
    Batch batch;
    toys.add(batch, at, {});
    return testing::writes_of(std::move(batch));
  }
  AppendOutcome append(std::int64_t sequence) {
    return LocalLog(*store).append(std::vector{Group{7, 0, sequence, {}}}).front();
  }

  testing::TempDir dir;
  SeededRandom random{4};
  std::unique_ptr<Store> store = open(dir.path());
  Table<PlainToyTable> toys{*store};
};

TEST_F(LogTest, WritesTheGroupsOfSeveralShardsAtOnce) {
  const auto one = key();
  const auto two = key();
  const auto before = store->db().GetLatestSequenceNumber();
  const std::vector groups{Group{0, 0, 1, {add(one)}}, Group{1, 0, 1, {add(two)}}};
  EXPECT_EQ(LocalLog(*store).append(groups), std::vector(2, AppendOutcome::ok));
  EXPECT_TRUE(toys.get(one));
  EXPECT_TRUE(toys.get(two));
  EXPECT_EQ(store->db().GetLatestSequenceNumber() - before, 4U);  // two records, two sequences
}

TEST_F(LogTest, CountsAChangeOfEachHomeThatWasWritten) {
  const auto one = key();
  const auto two = key();
  const auto other = key();
  const auto version = [&](const auto& at) { return store->home_versions().of(*at.home()); };
  const std::vector groups{Group{0, 0, 1, {add(one)}}, Group{1, 0, 1, {add(two)}}};
  EXPECT_EQ(LocalLog(*store).append(groups), std::vector(2, AppendOutcome::ok));
  EXPECT_GT(version(one), 0U);
  EXPECT_GT(version(two), 0U);
  EXPECT_EQ(version(other), 0U);
}

TEST_F(LogTest, RefusesAGroupThatIsNoBatchAndWritesItsNeighbours) {
  const auto good = key();
  const auto bad = key();
  const std::vector groups{Group{0, 0, 1, {add(bad), "no batch"}}, Group{1, 0, 1, {add(good)}}};
  EXPECT_EQ(LocalLog(*store).append(groups),
            (std::vector{AppendOutcome::refused, AppendOutcome::ok}));
  EXPECT_TRUE(toys.get(good));
  EXPECT_FALSE(toys.get(bad));  // nothing of a refused group
  EXPECT_EQ(*store->sequence(0), 0);
  EXPECT_EQ(*store->sequence(1), 1);
}

TEST_F(LogTest, AcceptsOnlyTheNextSequenceAlsoAfterARestart) {
  EXPECT_EQ(append(2), AppendOutcome::refused);  // a gap
  EXPECT_EQ(append(1), AppendOutcome::ok);
  store.reset();
  store = open(dir.path());
  EXPECT_EQ(append(1), AppendOutcome::refused);  // again
  EXPECT_EQ(append(2), AppendOutcome::ok);
  EXPECT_EQ(*store->sequence(7), 2);
}

TEST_F(LogTest, ACommitIsCheckedForWhatNoLogApplies) {
  const auto at = key();
  const Commit good{add(at), {{"plain_toys", *encode_key(at), 0}}};
  EXPECT_TRUE(store->check(good));
  EXPECT_EQ(store->check({"no batch", {}}).error().code, Errc::corruption);

  auto* family = store->family(PlainToyTable::family);
  const auto refused = [&](auto&& write) {
    rocksdb::WriteBatch batch;
    write(batch);
    const auto status = store->check({batch.Data(), {}});
    return !status && status.error().code == Errc::invalid_argument;
  };
  const std::string text = *encode_key(at);
  EXPECT_TRUE(refused([&](auto& batch) { batch.Merge(family, text, "x"); }));
  EXPECT_TRUE(refused([&](auto& batch) { batch.SingleDelete(family, text); }));
  EXPECT_TRUE(refused([&](auto& batch) { batch.Put(text, "x"); }));  // the default family
  EXPECT_TRUE(refused([&](auto& batch) { batch.Put(store->family(MetaTable::family), text, ""); }));
  EXPECT_TRUE(refused([&](auto& batch) { batch.Put(family, "x", ""); }));  // no home
  EXPECT_TRUE(refused([&](auto& batch) {
    batch.Put(family, text, "");
    batch.Put(family, *encode_key(key()), "");
  }));
  EXPECT_TRUE(refused([&](auto& batch) { batch.DeleteRange(family, text, "\xff\xff\xff"); }));
  EXPECT_EQ(store->check({good.writes, {{"nowhere", text, 0}}}).error().code,
            Errc::invalid_argument);
}

TEST(EndProcess, EndsWithAStatusThatSaysSoftware) {
  EXPECT_EXIT(end_process({Errc::timeout, "a sync failed", "write"}), ::testing::ExitedWithCode(70),
              "");
}

// Every cut of a commit is told before it would take its group with it.
TEST_F(LogTest, ACommitThatIsCutOffIsNotAccepted) {
  const std::string writes = add(key());
  for (std::size_t size = 0; size < writes.size(); ++size)
    EXPECT_FALSE(store->check({writes.substr(0, size), {}})) << size;
}

}  // namespace
}  // namespace reverie
