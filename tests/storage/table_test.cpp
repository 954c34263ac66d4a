#include "storage/table.hpp"

#include "tests/storage/toy.hpp"
#include "tests/support/commit_now.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::PlainToyTable;
using testing::Toy;
using testing::ToyTable;

class TableTest : public ::testing::Test {
 protected:
  // Six toys of one owner, "0" to "5" in key order, between those of other homes and owners.
  TableTest() {
    Batch batch;
    for (std::uint64_t i = 0; i < 6; ++i) {
      toys.add(batch, {owner, i}, {static_cast<std::int64_t>(i), {}, {}});
      toys.add(batch, {neighbour, i}, {9, {}, {}});
    }
    testing::commit_now(*store, std::move(batch));
    for (int i = 0; i < 20; ++i) {
      Batch elsewhere;
      toys.add(elsewhere, {new_id(Prefix::agent, random), 1}, {});
      testing::commit_now(*store, std::move(elsewhere));
    }
  }

  std::string scan(std::optional<std::uint64_t> after, Order order, std::size_t limit) {
    Page<ToyTable::Key> page{std::nullopt, order, limit};
    if (after) page.after = ToyTable::Key{owner, *after};
    std::string seen;
    status = toys.scan_page(*home_of(owner), key_bytes(owner), page, [&](auto, auto toy) {
      seen += std::to_string(toy.number);
      return toy.number != stop_at;
    });
    return seen;
  }

  testing::TempDir dir;
  SeededRandom random{6};
  std::unique_ptr<Store> store =
    *Store::open(dir.path(), testing::toy_families(), testing::toy_options());
  Table<ToyTable> toys{*store};
  const std::string owner = new_id(Prefix::agent, random);
  const std::string neighbour = *new_child_id(Prefix::agent, owner, random);
  std::int64_t stop_at = -1;
  Status status;
};

TEST_F(TableTest, PagesUpAndDownWithinOneOwner) {
  EXPECT_EQ(scan({}, Order::ascending, 4), "0123");
  EXPECT_EQ(scan(3, Order::ascending, 4), "45");
  EXPECT_EQ(scan(5, Order::ascending, 4), "");
  EXPECT_EQ(scan({}, Order::descending, 4), "5432");
  EXPECT_EQ(scan(2, Order::descending, 4), "10");
  EXPECT_EQ(scan(0, Order::descending, 4), "");
  EXPECT_EQ(scan({}, Order::ascending, 0), "");
  EXPECT_TRUE(status);
  stop_at = 1;  // the visitor may stop before the limit
  EXPECT_EQ(scan({}, Order::ascending, 4), "01");
}

TEST_F(TableTest, ACursorThatIsGoneStillHasItsPlace) {
  Batch batch;
  toys.erase(batch, {owner, 3}, 1);
  testing::commit_now(*store, std::move(batch));
  EXPECT_EQ(scan(3, Order::ascending, 4), "45");
  EXPECT_EQ(scan(3, Order::descending, 4), "210");
}

TEST_F(TableTest, RefusesACursorOfAnotherListAndAMalformedOne) {
  for (const std::string& id : {new_id(Prefix::agent, random), std::string("agent-1")}) {
    const Page<ToyTable::Key> page{ToyTable::Key{id, 0}, Order::ascending, 4};
    status =
      toys.scan_page(*home_of(owner), key_bytes(owner), page, [](auto, auto) { return true; });
    EXPECT_EQ(status.error().code, Errc::invalid_argument);
  }
}

TEST_F(TableTest, CountsVersions) {
  EXPECT_EQ(toys.get({owner, 1})->version, 1);
  Batch batch;
  toys.put(batch, {owner, 1}, {}, 1);
  const auto commit = *std::move(batch).commit();
  EXPECT_EQ(commit.preconditions,
            (std::vector{RecordVersion{"toys", *encode_key(ToyTable::Key{owner, 1}), 1}}));
  rocksdb::WriteBatch writes{commit.writes};
  ASSERT_TRUE(store->write(writes));
  EXPECT_EQ(toys.get({owner, 1})->version, 2);
  EXPECT_EQ(*store->version(commit.preconditions[0]), 2);
}

TEST_F(TableTest, SaysWhatIsNotThereAndWhatIsNoId) {
  EXPECT_EQ(toys.get({owner, 77}).error().code, Errc::not_found);
  EXPECT_EQ(toys.get({"agent-1", 0}).error().code, Errc::invalid_argument);
  rocksdb::WriteBatch raw;
  raw.Put(store->family(ToyTable::family), *encode_key(ToyTable::Key{owner, 77}), "\1\1");
  ASSERT_TRUE(store->write(raw));
  EXPECT_EQ(toys.get({owner, 77}).error().code, Errc::corruption);
}

TEST_F(TableTest, GetsManyInTheirOrder) {
  const std::vector<ToyTable::Key> keys{{owner, 4}, {owner, 77}, {neighbour, 0}, {owner, 4}};
  const auto toys_found = toys.multi_get(keys);
  ASSERT_TRUE(toys_found);
  ASSERT_EQ(toys_found->size(), 4U);
  EXPECT_EQ((*toys_found)[0]->value.number, 4);
  EXPECT_FALSE((*toys_found)[1]);
  EXPECT_EQ((*toys_found)[2]->value.number, 9);
  EXPECT_EQ((*toys_found)[3]->version, 1);
  EXPECT_TRUE(toys.multi_get(std::vector<ToyTable::Key>{})->empty());
  EXPECT_EQ(toys.multi_get(std::vector<ToyTable::Key>{{"agent-1", 0}}).error().code,
            Errc::invalid_argument);
}

TEST_F(TableTest, RawBytesAreTheRecord) {
  Pinned pinned;
  ASSERT_TRUE(toys.get_raw({owner, 3}, pinned));
  EXPECT_EQ(pinned.version, 1);
  EXPECT_EQ(pinned.value, encode(Toy{3, {}, {}}));
  EXPECT_EQ(toys.get_raw({owner, 77}, pinned).error().code, Errc::not_found);
}

TEST_F(TableTest, ASnapshotIsOnePointInTimeOfAllTables) {
  const Snapshot snapshot{*store};
  const Table<PlainToyTable> plain{*store};
  Batch batch;
  toys.erase_range(batch, *home_of(owner), key_bytes(owner));
  plain.add(batch, {owner, 1}, {});
  testing::commit_now(*store, std::move(batch));
  EXPECT_FALSE(toys.get({owner, 1}));
  EXPECT_TRUE(plain.get({owner, 1}));
  EXPECT_TRUE(toys.at(snapshot).get({owner, 1}));
  EXPECT_FALSE(plain.at(snapshot).get({owner, 1}));
  std::size_t seen = 0;
  const Page<ToyTable::Key> page{std::nullopt, Order::ascending, 100};
  ASSERT_TRUE(toys.at(snapshot).scan_page(*home_of(owner), key_bytes(owner), page,
                                          [&](auto, auto) { return ++seen > 0; }));
  EXPECT_EQ(seen, 6U);
  EXPECT_EQ(scan({}, Order::ascending, 9), "");
}

TEST_F(TableTest, ARangeIsOneOwnerAndNeverAHome) {
  Batch batch;
  toys.erase_range(batch, *home_of(owner), key_bytes(owner));
  const auto commit = std::move(batch).commit();
  ASSERT_TRUE(store->check(*commit));
  Batch again;
  toys.erase_range(again, *home_of(owner), key_bytes(owner));
  testing::commit_now(*store, std::move(again));
  EXPECT_EQ(scan({}, Order::ascending, 9), "");
  EXPECT_TRUE(toys.get({neighbour, 0}));

  Batch too_wide;
  toys.erase_range(too_wide, *home_of(owner), "");
  EXPECT_EQ(std::move(too_wide).commit().error().code, Errc::internal);
}

TEST_F(TableTest, EveryKeyStartsWithItsHome) {
  const auto bits = static_cast<unsigned>(*home_of(owner));
  EXPECT_TRUE(encode_key(ToyTable::Key{owner, 1})
                ->starts_with(std::string{static_cast<char>(bits >> 8), static_cast<char>(bits)}));
}

TEST_F(TableTest, ABatchHasOneHomeAndKeepsItsFirstFailure) {
  Batch two_homes;
  toys.add(two_homes, {new_id(Prefix::agent, random), 1}, {});
  toys.add(two_homes, {new_id(Prefix::agent, random), 1}, {});
  EXPECT_EQ(std::move(two_homes).commit().error().code, Errc::internal);
  Batch malformed;
  toys.add(malformed, {"agent-1", 1}, {});
  toys.add(malformed, {owner, 1}, {});
  EXPECT_EQ(std::move(malformed).commit().error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace reverie
