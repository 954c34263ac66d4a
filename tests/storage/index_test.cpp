#include "storage/index.hpp"

#include "storage/apply.hpp"
#include "storage/tables/meta_table.hpp"
#include "tests/storage/toy.hpp"
#include "tests/support/commit_now.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::Toy;
using testing::ToyTable;

std::string color_key(const std::string& color, const ToyTable::Key& key) {
  return key_bytes(color, key.owner_id, key.number);
}

class IndexTest : public ::testing::Test {
 protected:
  std::vector<std::string> colors() const {
    std::vector<std::string> keys;
    for (auto& [key, value] : testing::dump(*store, testing::toys_by_color)) keys.push_back(key);
    return keys;
  }

  std::int64_t tag(const std::string& name) const {
    for (const auto& [key, value] : testing::dump(*store, testing::toy_tags))
      if (key == key_bytes(name)) return *index_count(value, "tag");
    return 0;
  }

  AppendOutcome append(std::vector<std::string> writes) {
    return LocalLog(*store).append(std::vector{Group{0, 0, ++sequence, std::move(writes)}}).front();
  }

  testing::TempDir dir;
  SeededRandom random{1};
  std::unique_ptr<Store> store =
    *Store::open(dir.path(), testing::toy_families(), testing::toy_options());
  Table<ToyTable> toys{*store};
  const ToyTable::Key one{new_id(Prefix::agent, random), 1};
  const ToyTable::Key two{one.owner_id, 2};
  std::int64_t sequence = 0;
};

TEST_F(IndexTest, RowsFollowTheirRecord) {
  Batch first;
  toys.add(first, one, {1, "red", {"a", "b"}});
  toys.add(first, two, {2, "blue", {"a"}});
  EXPECT_EQ(append({testing::writes_of(std::move(first))}), AppendOutcome::ok);
  EXPECT_EQ(colors(), (std::vector{color_key("blue", two), color_key("red", one)}));
  EXPECT_EQ(tag("a"), 2);
  EXPECT_EQ(tag("b"), 1);

  Batch second;
  toys.put(second, one, {1, "green", {"b", "c"}}, 1);
  EXPECT_EQ(append({testing::writes_of(std::move(second))}), AppendOutcome::ok);
  EXPECT_EQ(colors(), (std::vector{color_key("blue", two), color_key("green", one)}));
  EXPECT_EQ(tag("a"), 1);
  EXPECT_EQ(tag("c"), 1);

  Batch third;
  toys.erase(third, two, 1);
  EXPECT_EQ(append({testing::writes_of(std::move(third))}), AppendOutcome::ok);
  EXPECT_EQ(colors(), std::vector{color_key("green", one)});
  EXPECT_EQ(tag("a"), 0);
  EXPECT_EQ(testing::dump(*store, testing::toy_tags).size(), 2U);  // no row that counts nothing
}

TEST_F(IndexTest, ARecordThatIsWrittenTwiceInOneGroupLeavesTheRowsOfTheLastWrite) {
  Batch first;
  toys.add(first, one, {1, "red", {"a"}});
  Batch second;
  toys.put(second, one, {2, "blue", {"a"}}, 1);
  toys.put(second, one, {3, "blue", {"a", "b"}}, 2);
  EXPECT_EQ(append({testing::writes_of(std::move(first)), testing::writes_of(std::move(second))}),
            AppendOutcome::ok);
  EXPECT_EQ(testing::dump(*store, testing::toys_by_color),
            (std::vector{std::pair{color_key("blue", one), std::string("3")}}));
  EXPECT_EQ(tag("a"), 1);
  EXPECT_EQ(tag("b"), 1);
}

TEST_F(IndexTest, ARangeTakesTheRowsOfStoredAndOfNewRecords) {
  Batch stored;
  toys.add(stored, one, {1, "red", {"a"}});
  const ToyTable::Key other{*new_child_id(Prefix::agent, one.owner_id, random), 1};
  toys.add(stored, other, {1, "red", {"a"}});
  EXPECT_EQ(append({testing::writes_of(std::move(stored))}), AppendOutcome::ok);
  Batch range;
  toys.add(range, two, {2, "blue", {"a"}});
  toys.erase_range(range, *home_of(one.owner_id), key_bytes(one.owner_id));
  EXPECT_EQ(append({testing::writes_of(std::move(range))}), AppendOutcome::ok);
  EXPECT_FALSE(toys.get(one));
  EXPECT_FALSE(toys.get(two));
  EXPECT_TRUE(toys.get(other));
  EXPECT_EQ(colors(), std::vector{color_key("red", other)});
  EXPECT_EQ(tag("a"), 1);
}

TEST_F(IndexTest, ARefusedGroupLeavesNoTraceInItsNeighbours) {
  Batch bad;
  toys.add(bad, one, {1, "red", {"a"}});
  Batch good;
  toys.add(good, one, {2, "blue", {"b"}});
  const std::vector groups{Group{0, 0, 1, {testing::writes_of(std::move(bad)), "no batch"}},
                           Group{1, 0, 1, {testing::writes_of(std::move(good))}}};
  EXPECT_EQ(LocalLog(*store).append(groups),
            (std::vector{AppendOutcome::refused, AppendOutcome::ok}));
  EXPECT_EQ(colors(), std::vector{color_key("blue", one)});
  EXPECT_EQ(tag("a"), 0);
  EXPECT_EQ(tag("b"), 1);
}

TEST_F(IndexTest, ARecordThatCannotBeReadHasNoRowsAndCanBeReplaced) {
  rocksdb::WriteBatch raw;
  raw.Put(store->family(ToyTable::family), *encode_key(one), "\x01garbage");
  ASSERT_TRUE(store->write(raw));
  Batch batch;
  toys.put(batch, one, {1, "red", {}}, 1);
  EXPECT_EQ(append({testing::writes_of(std::move(batch))}), AppendOutcome::ok);
  EXPECT_EQ(colors(), std::vector{color_key("red", one)});
}

TEST_F(IndexTest, NoCommitWritesToADerivedFamily) {
  Batch batch;
  batch.put(store->family(testing::toys_by_color), std::string("key"), "value");
  EXPECT_EQ(store->check(*std::move(batch).commit()).error().code, Errc::invalid_argument);
  Batch precondition;
  precondition.require(testing::toys_by_color, std::string("key"), 0);
  EXPECT_EQ(store->check(*std::move(precondition).commit()).error().code, Errc::invalid_argument);
}

TEST_F(IndexTest, IsBuiltAgainByOtherRulesAndAfterABreakAndOnlyThen) {
  Batch batch;
  toys.add(batch, one, {1, "red", {"a"}});
  testing::commit_now(*store, std::move(batch));
  const auto reopen = [&](std::int64_t revision) {
    store.reset();
    auto options = testing::toy_options();
    options.indexes = testing::toy_rules(revision);
    store = *Store::open(dir.path(), testing::toy_families(), options);
  };
  const auto spoil = [&] {
    rocksdb::WriteBatch raw;
    raw.Put(store->family(testing::toys_by_color), "spoilt", "");
    ASSERT_TRUE(store->write(raw));
  };
  spoil();
  reopen(1);
  EXPECT_EQ(colors().size(), 2U);  // nobody looks through what the marker says is good
  reopen(2);
  EXPECT_EQ(colors(), std::vector{color_key("red", one)});
  EXPECT_EQ(tag("a"), 1);

  spoil();
  rocksdb::WriteBatch broken_off;
  broken_off.Delete(store->family(MetaTable::family), "indexes");
  ASSERT_TRUE(store->write(broken_off));
  reopen(2);
  EXPECT_EQ(colors(), std::vector{color_key("red", one)});
}

// Owners of rows put them without a look at what was there.
TEST_F(IndexTest, AnUncheckedPutTakesBackTheRowsOfWhatItReplaces) {
  Batch first;
  toys.put_unchecked(first, one, {1, "red", {"a"}});
  EXPECT_EQ(append({testing::writes_of(std::move(first))}), AppendOutcome::ok);
  Batch second;
  toys.put_unchecked(second, one, {2, "blue", {}});
  EXPECT_EQ(append({testing::writes_of(std::move(second))}), AppendOutcome::ok);
  EXPECT_EQ(colors(), std::vector{color_key("blue", one)});
  EXPECT_EQ(tag("a"), 0);
}

// Random commits, several of a record in one group, now and then a range or a reopening.
TEST_F(IndexTest, AnyHistoryEndsInTheRowsOfARebuild) {
  const std::vector<std::string> names{"", "red", "blue", "green"};
  std::vector<std::string> owners;
  for (int i = 0; i < 6; ++i) owners.push_back(new_id(Prefix::agent, random));
  const auto below = [&](std::uint64_t bound) { return random.next() % bound; };
  const auto toy = [&] {
    Toy made{static_cast<std::int64_t>(below(9)), names[below(4)], {}};
    for (std::uint64_t n = below(4); n > 0; --n) made.tags.push_back(names[1 + below(3)]);
    return made;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> writes;
    for (std::uint64_t n = 1 + below(5); n > 0; --n) {
      Batch batch;
      const std::string& owner = owners[below(owners.size())];
      for (std::uint64_t m = 1 + below(4); m > 0; --m) {
        const ToyTable::Key key{owner, below(5)};
        if (below(12) == 0)
          toys.erase_range(batch, *home_of(owner), key_bytes(owner));
        else if (below(3) == 0)
          toys.erase_unchecked(batch, key);
        else
          toys.put_unchecked(batch, key, toy());
      }
      writes.push_back(testing::writes_of(std::move(batch)));
    }
    ASSERT_EQ(append(std::move(writes)), AppendOutcome::ok);
    if (round % 100 == 50) {
      store.reset();
      store = *Store::open(dir.path(), testing::toy_families(), testing::toy_options());
      toys = Table<ToyTable>{*store};
    }
    if (round % 30 != 0) continue;
    const auto colors_then = testing::dump(*store, testing::toys_by_color);
    const auto tags_then = testing::dump(*store, testing::toy_tags);
    ASSERT_TRUE(rebuild_indexes(*store));
    ASSERT_EQ(testing::dump(*store, testing::toys_by_color), colors_then) << "round " << round;
    ASSERT_EQ(testing::dump(*store, testing::toy_tags), tags_then) << "round " << round;
  }
}

}  // namespace
}  // namespace reverie
