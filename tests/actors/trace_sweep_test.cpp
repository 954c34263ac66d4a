// Traces that are too old leave the disk, whatever their agents do.

#include "actors/trace_sweep.hpp"

#include "actors/sweep_actor.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

#include <algorithm>

namespace reverie {
namespace {

using std::chrono::seconds;

class TraceSweepTest : public testing::ActorFixture {
 protected:
  TraceSweepTest() {
    clock.advance(seconds{3 * settings.traces.age_s});
    sweep.init(services);
  }

  // Traces of one agent, the first step's first, each so many seconds old.
  std::string store_agent(const std::vector<std::int64_t>& ages_s) {
    std::string agent_id = new_id(Prefix::agent, random);
    Batch batch;
    std::uint64_t step = 0;
    for (const std::int64_t each_s : ages_s) {
      ProviderTrace trace;
      trace.agent_id = agent_id;
      trace.request = RawJson{R"({"messages":[]})"};
      trace.created_at = clock.now() - seconds{each_s};
      traces.put_unchecked(batch, {agent_id, ++step}, trace);
    }
    testing::commit_now(*store, std::move(batch));
    return agent_id;
  }

  // The agents of what one look finds, with the steps.
  using Found = std::vector<std::pair<std::string, std::uint64_t>>;
  Found look() {
    Found found;
    auto due = sweep.due();
    EXPECT_TRUE(due);
    if (!due) return found;
    is_unfinished = due->is_unfinished;
    for (auto& key : due->keys) found.emplace_back(std::move(key.agent_id), key.step_sequence_id);
    std::sort(found.begin(), found.end());
    return found;
  }

  std::size_t rows() const {
    std::size_t count = 0;
    const std::unique_ptr<rocksdb::Iterator> row{
      store->db().NewIterator({}, store->family(ProviderTraceTable::family))};
    for (row->SeekToFirst(); row->Valid(); row->Next()) ++count;
    return count;
  }

  Table<ProviderTraceTable> traces{*store};
  TraceSweep sweep;
  bool is_unfinished = false;
  std::int64_t age_s = settings.traces.age_s;
};

TEST_F(TraceSweepTest, FindsThoseOfEachAgentThatAreTooOldAndNothingElse) {
  const std::string first = store_agent({2 * age_s, age_s, age_s - 1, 0});
  store_agent({age_s - 1});
  const std::string third = store_agent({age_s + 1});
  Found expected{{first, 1}, {first, 2}, {third, 1}};
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(look(), expected);
  EXPECT_FALSE(is_unfinished);
}

TEST_F(TraceSweepTest, WhereThereIsNothingNothingIsFound) {
  EXPECT_EQ(look(), Found{});
  EXPECT_FALSE(is_unfinished);
}

TEST_F(TraceSweepTest, APassIsMadeInPieces) {
  const auto each = static_cast<std::int64_t>(TraceSweep::traces_max);
  const std::string first = store_agent(std::vector(static_cast<std::size_t>(each), age_s));
  const std::string second = store_agent({age_s});
  Found all = look();
  EXPECT_TRUE(is_unfinished);
  const Found rest = look();
  EXPECT_FALSE(is_unfinished);
  EXPECT_EQ(all.size(), TraceSweep::traces_max);
  EXPECT_EQ(rest.size(), 1U);
}

TEST_F(TraceSweepTest, APassBeginsAfterAHundredthOfTheAgeOrAfterAFailure) {
  EXPECT_EQ(look(), Found{});
  const std::string agent = store_agent({age_s});
  EXPECT_EQ(look(), Found{});
  clock.advance(seconds{age_s / 100});
  EXPECT_EQ(look().size(), 1U);
  EXPECT_EQ(look(), Found{});
  sweep.forget();
  EXPECT_EQ(look().size(), 1U);
}

TEST_F(TraceSweepTest, WhatCannotBeReadIsLeft) {
  const std::string agent = store_agent({age_s, age_s});
  std::string key;
  put_home(key, *home_of(agent));
  key += key_bytes(agent, std::uint64_t{1});
  ASSERT_TRUE(store->db().Put({}, store->family(ProviderTraceTable::family), key, "\xff").ok());
  const std::string other = store_agent({age_s});
  EXPECT_EQ(look(), (Found{{other, 1}}));
}

TEST_F(TraceSweepTest, TheSweepErasesThem) {
  const SweepActor actor =
    system.spawn(sweep_actor, static_cast<const Services*>(&services), shards);
  store_agent(std::vector(TraceSweep::traces_max + 10, age_s));
  store_agent({age_s, 0});
  run();
  advance(seconds{settings.runs.events_sweep_s});
  EXPECT_EQ(rows(), 1U);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  run();
}

}  // namespace
}  // namespace reverie
