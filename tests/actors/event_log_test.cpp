// What is kept of a run's events, and what the sweep takes away.

#include "actors/event_log.hpp"

#include "actors/sweep_actor.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

#include <limits>

namespace reverie {
namespace {

using Numbers = std::vector<std::int64_t>;

class EventLogTest : public testing::ActorFixture {
 protected:
  static StreamEvent event(std::int64_t number) {
    return {number, std::make_shared<const std::string>(100, 'x'), false};
  }

  static std::vector<StreamEvent> events(std::int64_t first, std::int64_t last) {
    std::vector<StreamEvent> made;
    for (std::int64_t number = first; number <= last; ++number) made.push_back(event(number));
    return made;
  }

  // Adds them to the log in one commit.
  void store_events(EventLog& event_log, std::vector<StreamEvent> added, std::size_t bytes_max,
                    std::int64_t number = 1, std::optional<Timestamp> ended_at = {}) {
    Batch batch;
    const RunLogTable::Key key{agent_id, static_cast<std::uint64_t>(number)};
    event_log.add(*tables, key, added, bytes_max, batch);
    if (ended_at) event_log.end(*ended_at);
    event_log.write(*tables, key, batch);
    testing::commit_now(*store, std::move(batch));
  }

  Numbers stored(std::int64_t of_run = 1) const {
    Numbers numbers;
    const Page<RunEventTable::Key> all{std::nullopt, Order::ascending,
                                       std::numeric_limits<std::size_t>::max()};
    EXPECT_TRUE(tables->run_events.scan_page(
      *home_of(agent_id), key_bytes(agent_id, static_cast<std::uint64_t>(of_run)), all,
      [&](const RunEventTable::Key& key, const RunEvent&) {
        numbers.push_back(static_cast<std::int64_t>(key.number));
        return true;
      }));
    return numbers;
  }

  // The numbers of the runs whose logs are due.
  static Numbers runs_of(const Result<std::vector<RunLogTable::Key>>& keys) {
    Numbers numbers;
    EXPECT_TRUE(keys);
    if (!keys) return numbers;
    for (const RunLogTable::Key& key : *keys)
      numbers.push_back(static_cast<std::int64_t>(key.run_sequence_id));
    return numbers;
  }

  Timestamp ago(std::int64_t seconds) const { return clock.now() - std::chrono::seconds{seconds}; }

  // A run with one event that ended so long ago.
  void store_run(std::int64_t number, std::int64_t ended_s_ago) {
    EventLog event_log;
    store_events(event_log, events(1, 1), 1'000, number, ago(ended_s_ago));
  }

  std::string agent_id = new_id(Prefix::agent, random);
  std::unique_ptr<AgentTables> tables = std::make_unique<AgentTables>(*store);
};

TEST_F(EventLogTest, TheOldestEventsGoWhereThereAreTooManyBytes) {
  EventLog event_log;
  store_events(event_log, events(1, 3), 500);
  EXPECT_EQ(event_log.record().dropped, 0);
  store_events(event_log, events(4, 6), 500);
  EXPECT_EQ(stored(), (Numbers{4, 5, 6}));
  EXPECT_EQ(event_log.record(), (RunLog{300, 3, {}}));
}

TEST_F(EventLogTest, OneCommitThatIsTooMuchKeepsItsEnd) {
  EventLog event_log;
  store_events(event_log, events(1, 9), 250);
  EXPECT_EQ(stored(), (Numbers{8, 9}));
  EXPECT_EQ(event_log.record().dropped, 7);
  store_events(event_log, events(10, 10), 50);
  EXPECT_EQ(stored(), (Numbers{10}));
}

TEST_F(EventLogTest, GoesOnFromWhatIsStored) {
  EventLog before;
  store_events(before, events(1, 4), 300);
  auto after = EventLog::load(*tables, agent_id, 1);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->record(), before.record());
  store_events(*after, events(1'000'001, 1'000'002), 350);
  EXPECT_EQ(stored(), (Numbers{1'000'001, 1'000'002}));
  EXPECT_EQ(after->record(), (RunLog{200, 4, {}}));
}

TEST_F(EventLogTest, ASweepTakesWhatIsTooOldAndNothingElse) {
  store_run(1, 20'000);
  store_run(2, settings.runs.events_age_s);
  store_run(3, settings.runs.events_age_s - 1);
  EventLog live;
  store_events(live, events(1, 3), 1'000, 4);
  EventSweep sweep;
  sweep.init(services);
  EXPECT_EQ(runs_of(sweep.due()), (Numbers{1, 2}));
}

TEST_F(EventLogTest, ASweepTakesTheOldestWhereAllTogetherAreTooMany) {
  for (std::int64_t i = 1; i <= 5; ++i) store_run(i, 200 - 10 * i);
  store_run(6, 0);
  EventLog live;
  store_events(live, events(1, 3), 1'000, 7);
  settings.runs.events_node_bytes_max = 600;
  EventSweep sweep;
  sweep.init(services);
  EXPECT_EQ(runs_of(sweep.due()), (Numbers{1, 2, 3}));
}

TEST_F(EventLogTest, ASweepCountsAgainWhatWasDeletedSince) {
  for (std::int64_t i = 1; i <= 6; ++i) store_run(i, 200 - i);
  settings.runs.events_node_bytes_max = 600;
  EventSweep sweep;
  sweep.init(services);
  EXPECT_EQ(runs_of(sweep.due()), Numbers{});
  Batch batch;
  tables->run_logs.erase_unchecked(batch, {agent_id, 1});
  testing::commit_now(*store, std::move(batch));
  store_run(7, 0);
  EXPECT_EQ(runs_of(sweep.due()), Numbers{});
  store_run(8, 0);
  EXPECT_EQ(runs_of(sweep.due()), (Numbers{2}));
}

TEST_F(EventLogTest, TheSweepErasesEventsAndLog) {
  const SweepActor actor =
    system.spawn(sweep_actor, static_cast<const Services*>(&services), shards);
  store_run(1, 20'000);
  store_run(2, 0);
  run();
  advance(std::chrono::seconds{settings.runs.events_sweep_s});
  EXPECT_EQ(stored(1), Numbers{});
  EXPECT_FALSE(tables->run_logs.get({agent_id, 1}));
  EXPECT_EQ(stored(2), (Numbers{1}));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  run();
}

}  // namespace
}  // namespace reverie
