// A scripted day on a disk that fails at call n, for every n: nothing that was acknowledged
// is lost, and nothing else is half there. REVERIE_SOAK=1 takes every n; without it the day is
// the same and the steps are wider.

#include "storage/store.hpp"
#include "tests/storage/toy.hpp"
#include "tests/support/fault_env.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

namespace reverie {
namespace {

using testing::Fault;
using testing::PlainToyTable;
using testing::Toy;
using testing::ToyTable;

constexpr std::int64_t commits_of_a_day = 200;

std::int64_t every(std::int64_t step) {
  return std::getenv("REVERIE_SOAK") ? 1 : step;
}

// One record that two families and an index agree about, counted up by one commit after
// the other, with flushes and a compaction in between.
class Day {
 public:
  explicit Day(const std::string& path) : path_(path) {
    options_ = testing::toy_options();
    options_.env = disk.env.get();
    options_.resume_interval = std::chrono::milliseconds{0};
    options_.resume_limit = std::chrono::seconds{5};
    options_.on_fatal = [this](const Error& error) {
      is_over = true;
      did_not_resume = error.where == "storage.resume_s";
    };
  }

  // Goes on until it is done or the store says that it is over.
  void run() {
    if (!store) {
      auto opened = Store::open(path_, testing::toy_families(), options_);
      is_over = !opened;
      if (is_over) return;
      store = *std::move(opened);
    }
    while (acknowledged < commits_of_a_day && !is_over) {
      step();
      if (acknowledged % 25 == 0) flush();
      if (acknowledged == 120) compact();
    }
  }

  // What the machine finds that starts after it. `random`: some of what was not synced is there.
  void restart(Random* random) {
    disk.files->lose_power();
    store.reset();
    disk.files->come_back(random);
    is_over = false;
    auto opened = Store::open(path_, testing::toy_families(), options_);
    ASSERT_TRUE(opened) << opened.error().message;
    store = *std::move(opened);
  }

  // Both families, the index and the sequence hold one number, which is what was
  // acknowledged or the one commit more whose outcome was not told.
  void check() {
    const Table<ToyTable> toys{*store};
    const Table<PlainToyTable> plain{*store};
    const auto toy = toys.get(key_);
    const std::int64_t number = toy ? toy->value.number : 0;
    EXPECT_GE(number, acknowledged);
    EXPECT_LE(number, acknowledged + (is_unknown ? 1 : 0));
    const auto other = plain.get({key_.owner_id, key_.number});
    EXPECT_EQ(other ? other->value.number : 0, number);
    EXPECT_EQ(*store->sequence(3), number);
    std::vector<std::pair<std::string, std::string>> rows;
    if (number > 0)
      rows.emplace_back(key_bytes(color(number), key_.owner_id, key_.number),
                        std::to_string(number));
    EXPECT_EQ(testing::dump(*store, testing::toys_by_color), rows);
    acknowledged = number;
    is_unknown = false;
  }

  testing::FaultEnv disk;
  std::unique_ptr<Store> store;
  std::int64_t acknowledged = 0;
  std::int64_t refusals = 0;
  bool is_unknown = false;
  std::atomic<bool> is_over = false;
  std::atomic<bool> did_not_resume = false;

 private:
  static std::string color(std::int64_t number) { return std::to_string(number % 7); }

  // Some commits are longer than a block of the write-ahead log.
  static std::string filler(std::int64_t number) {
    return std::string(number % 10 == 0 ? 70'000 : 100, 'c');
  }

  void step() {
    const Table<ToyTable> toys{*store};
    const Table<PlainToyTable> plain{*store};
    const std::int64_t number = acknowledged + 1;
    Batch batch;
    toys.put(batch, key_, {number, color(number), {}}, acknowledged);
    plain.put(batch, {key_.owner_id, key_.number}, {number, filler(number), {}}, acknowledged);
    const std::vector groups{Group{3, 0, number, {testing::writes_of(std::move(batch))}}};
    switch (LocalLog(*store).append(groups).front()) {
      case AppendOutcome::ok: acknowledged = number; return;
      case AppendOutcome::full:
        if (is_over) return;
        if (++refusals == 3) disk.files->make_room();
        check();  // reads go on, and nothing was written
        if (refusals < 10) return;
        is_over = true;
        ADD_FAILURE() << "it does not go on by itself";
        return;
      default: is_unknown = is_over = true;
    }
  }

  void flush() {
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    for (const auto name : testing::toy_families()) families.push_back(store->family(name));
    store->db().Flush({}, families).PermitUncheckedError();
  }

  void compact() {
    store->db()
      .CompactRange({}, store->family(ToyTable::family), nullptr, nullptr)
      .PermitUncheckedError();
  }

  const std::string path_;
  StoreOptions options_;
  const ToyTable::Key key_{"agent-2f6c81d4-0000-4000-8000-000000000000", 1};
};

// The calls are shared out, so that each test ends soon also when it takes them all.
constexpr std::int64_t shares = 8;

class FaultTest : public ::testing::TestWithParam<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(Shares, FaultTest, ::testing::Range(std::int64_t{0}, shares));

// Runs the day with a fault at each call of the share, `step` calls apart.
template <class Then>
void for_every_call(Fault fault, std::int64_t step, Then&& then) {
  const testing::TempDir dir{testing::memory_directory()};
  std::int64_t calls = 0;
  {
    Day day{dir.path() + "/whole"};
    day.disk.files->fail_at(0, Fault::none);
    day.run();
    calls = day.disk.files->calls();
    ASSERT_EQ(day.acknowledged, commits_of_a_day);
    day.restart(nullptr);
    day.check();
  }
  ASSERT_GT(calls, 2 * commits_of_a_day);
  const std::int64_t first = 1 + FaultTest::GetParam() * every(step);
  for (std::int64_t call = first; call <= calls; call += shares * every(step)) {
    SCOPED_TRACE("call " + std::to_string(call) + " of " + std::to_string(calls));
    const std::string path = dir.path() + "/" + std::to_string(call);
    Day day{path};
    day.disk.files->fail_at(call, fault);
    day.run();
    then(day, call);
    if (::testing::Test::HasFailure()) return;
    day.store.reset();
    std::filesystem::remove_all(path);
  }
}

TEST_P(FaultTest, PowerLossAtAnyCallLosesNothingThatWasAcknowledged) {
  for_every_call(Fault::power, 17, [](Day& day, std::int64_t call) {
    EXPECT_TRUE(day.is_over || day.acknowledged == commits_of_a_day);
    SeededRandom random{static_cast<std::uint64_t>(call)};
    day.restart(call % 2 == 0 ? &random : nullptr);
    if (::testing::Test::HasFatalFailure()) return;
    day.check();
    day.run();  // and it goes on where it was
    EXPECT_EQ(day.acknowledged, commits_of_a_day);
  });
}

TEST_P(FaultTest, AFullDiskRefusesWritesAndThenGoesOnByItself) {
  for_every_call(Fault::full, 17, [](Day& day, std::int64_t call) {
    if (!day.store) {  // full before it was there: the next start, with room, makes it
      day.disk.files->make_room();
      day.is_over = false;
      day.run();
    }
    if (day.did_not_resume) {  // seldom, see Store::resume: the next start goes on
      day.restart(nullptr);
      day.run();
    }
    EXPECT_FALSE(day.is_over);
    EXPECT_EQ(day.acknowledged, commits_of_a_day);
    day.check();
    SeededRandom random{static_cast<std::uint64_t>(call)};
    day.restart(&random);
    if (!::testing::Test::HasFatalFailure()) day.check();
  });
}

TEST_P(FaultTest, AFullDiskLeavesNothingOfARefusedCommitAfterPowerLoss) {
  for_every_call(Fault::full, 41, [](Day& day, std::int64_t) {
    if (!day.store || day.refusals == 0) return;
    SeededRandom random{7};
    day.restart(&random);
    if (!::testing::Test::HasFatalFailure()) day.check();
  });
}

TEST_P(FaultTest, AnErrorOfTheDiskAtAnyCallEndsTheProcessOrDoesNoHarm) {
  for_every_call(Fault::error, 17, [](Day& day, std::int64_t call) {
    EXPECT_TRUE(day.is_over || day.acknowledged == commits_of_a_day);
    SeededRandom random{static_cast<std::uint64_t>(call)};
    day.restart(&random);
    if (::testing::Test::HasFatalFailure()) return;
    day.check();
    day.run();
    EXPECT_EQ(day.acknowledged, commits_of_a_day);
  });
}

TEST_P(FaultTest, ASyncThatFailsEndsTheProcessAlsoWhenTheReasonIsAFullDisk) {
  for_every_call(Fault::full_sync, 97, [](Day& day, std::int64_t) {
    if (!day.store) return;
    EXPECT_TRUE(day.is_over || day.acknowledged == commits_of_a_day);
    day.restart(nullptr);
    if (!::testing::Test::HasFatalFailure()) day.check();
  });
}

}  // namespace
}  // namespace reverie
