// Lists of runs: those that have not ended have rows of their own.

#include "config/ids.hpp"
#include "runtime/views/views.hpp"
#include "storage/index_families.hpp"
#include "storage/indexes.hpp"
#include "storage/tables.hpp"
#include "tests/support/commit_now.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Ids = std::vector<std::string>;
using StoredRun = RunTable::Value;  // googletest has a Run of its own

std::unique_ptr<Store> open_store(const std::string& path, std::vector<IndexRule> indexes) {
  StoreOptions options;
  options.indexes = std::move(indexes);
  return *Store::open(path, all_families(), options);
}

class RunViewsTest : public ::testing::Test {
 protected:
  void put(const StoredRun& run) {
    Batch batch;
    const RunTable::Key key{run.agent_id, static_cast<std::uint64_t>(run.sequence_id)};
    Table<RunTable>{*store}.put_unchecked(batch, key, run);
    Table<ChildTable>{*store}.put_unchecked(batch, {run.id}, {run.agent_id, run.sequence_id});
    testing::commit_now(*store, std::move(batch));
  }

  StoredRun add(const std::string& status, const std::string& org_id = "org-1") {
    StoredRun run;
    run.id = *new_child_id(Prefix::run, agent_id, random);
    run.agent_id = agent_id;
    run.org_id = org_id;
    run.sequence_id = ++runs;
    run.status = status;
    run.created_at = Timestamp{std::chrono::seconds{runs}};
    if (status != "created" && status != "running") run.completed_at = run.created_at;
    put(run);
    return run;
  }

  Ids list(const ListRuns& request) {
    const ViewContext context{*store, providers, "org-1", ""};
    const auto json = answer_request(context, request);
    EXPECT_TRUE(json);
    Ids ids;
    if (json)
      for (const Json& run : Json::parse(*json)) ids.push_back(run.at("id"));
    return ids;
  }
  Ids active() {
    ListRuns request;
    request.active = true;
    return list(request);
  }
  Ids with_statuses(std::vector<std::string> statuses) {
    ListRuns request;
    request.statuses = std::move(statuses);
    return list(request);
  }

  // What only a list of all runs needs.
  void forget_all_runs() {
    auto* family = store->family(runs_by_created);
    ASSERT_TRUE(store->db().DeleteRange({}, family, "", "\xff").ok());
  }

  testing::TempDir dir{testing::memory_directory()};
  SeededRandom random{1};
  ManualClock clock;
  Providers providers{{}, {}, {}, clock};
  std::unique_ptr<Store> store = open_store(dir.path(), all_indexes());
  const std::string agent_id = new_id(Prefix::agent, random);
  std::int64_t runs = 0;
};

TEST_F(RunViewsTest, ActiveRunsAreThoseThatHaveNotEnded) {
  const StoredRun waits = add("created");
  add("completed");
  const StoredRun goes_on = add("running");
  add("failed");
  add("running", "org-2");
  EXPECT_EQ(active(), (Ids{goes_on.id, waits.id}));
  EXPECT_EQ(with_statuses({"created", "running"}), (Ids{goes_on.id, waits.id}));
  EXPECT_EQ(with_statuses({"created"}), Ids{waits.id});
}

TEST_F(RunViewsTest, ARunThatEndsIsActiveNoMore) {
  StoredRun run = add("created");
  run.status = "running";
  put(run);
  EXPECT_EQ(active(), Ids{run.id});
  run.status = "completed";
  run.completed_at = run.created_at;
  put(run);
  EXPECT_EQ(active(), Ids{});
  EXPECT_EQ(list({}), Ids{run.id});
}

TEST_F(RunViewsTest, ActiveRunsAreNotLookedForAmongAll) {
  const StoredRun run = add("running");
  forget_all_runs();
  EXPECT_EQ(active(), Ids{run.id});
  EXPECT_EQ(with_statuses({"running"}), Ids{run.id});
  EXPECT_EQ(with_statuses({"running", "failed"}), Ids{});
}

TEST_F(RunViewsTest, PagesOfActiveRunsGoOnBehindOneThatHasEnded) {
  const StoredRun first = add("running");
  StoredRun second = add("running");
  const StoredRun third = add("running");
  second.status = "completed";
  second.completed_at = second.created_at;
  put(second);
  ListRuns request;
  request.active = true;
  request.after = second.id;
  EXPECT_EQ(list(request), Ids{first.id});
  request.order = "asc";
  EXPECT_EQ(list(request), Ids{third.id});
}

// Of a release whose rules did not know of active runs.
TEST_F(RunViewsTest, RunsOfAnOlderReleaseAreFoundToo) {
  auto rules = all_indexes();
  for (IndexRule& rule : rules)
    if (rule.family == RunTable::family) {
      rule.derived = {runs_by_created};
      rule.revision = 1;
      rule.rows = [](std::string_view, std::string_view, IndexRows&) {};
    }
  store.reset();
  store = open_store(dir.path(), std::move(rules));
  const StoredRun run = add("running");
  EXPECT_EQ(active(), Ids{});
  store.reset();
  store = open_store(dir.path(), all_indexes());
  EXPECT_EQ(active(), Ids{run.id});
}

}  // namespace
}  // namespace reverie
