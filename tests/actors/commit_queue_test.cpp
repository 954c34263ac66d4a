#include "actors/commit_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace reverie {
namespace {

// Keeps what was sent until the test answers it.
struct FakeShard {
  std::deque<CommitQueue::OnAnswer> waiting;
  CommitQueue queue;

  FakeShard() {
    queue.init([this](const Commit&, CommitQueue::OnAnswer answer) {
      waiting.push_back(std::move(answer));
    });
  }
  void answer(Result<CommitAnswer> with) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    next(std::move(with));
  }
};

CommitQueue::Change change(std::vector<std::string>& log, const std::string& name) {
  return {
    [&log, name]() -> Result<Batch> {
      log.push_back("build " + name);
      return Batch{};
    },
    [&log, name](const Status& status) { log.push_back((status ? "done " : "failed ") + name); }};
}

TEST(CommitQueue, BuildsAChangeWhenTheOneBeforeIsDurable) {
  FakeShard shard;
  std::vector<std::string> log;
  shard.queue.add(change(log, "a"));
  shard.queue.add(change(log, "b"));
  EXPECT_EQ(log, (std::vector<std::string>{"build a"}));
  shard.answer(CommitAnswer{1, {}});
  shard.answer(CommitAnswer{2, {}});
  EXPECT_EQ(log, (std::vector<std::string>{"build a", "done a", "build b", "done b"}));
  EXPECT_TRUE(shard.queue.empty());
}

TEST(CommitQueue, BuildsAgainAfterAConflict) {
  FakeShard shard;
  std::vector<std::string> log;
  shard.queue.add(change(log, "a"));
  shard.answer(CommitAnswer{0, RecordVersion{"blocks", "k", 2}});
  shard.answer(CommitAnswer{1, {}});
  EXPECT_EQ(log, (std::vector<std::string>{"build a", "build a", "done a"}));
}

TEST(CommitQueue, GivesUpWhenOthersKeepChangingIt) {
  FakeShard shard;
  Status outcome;
  shard.queue.add(
    {[] { return Result<Batch>{Batch{}}; }, [&](Status status) { outcome = std::move(status); }});
  for (int i = 0; i < CommitQueue::attempts_max; ++i)
    shard.answer(CommitAnswer{0, RecordVersion{"blocks", "k", 2}});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::conflict);
  EXPECT_TRUE(shard.queue.empty());
}

TEST(CommitQueue, AChangeThatIsMadeInAnotherWayIsForgotten) {
  FakeShard shard;
  bool was_done = false;
  shard.queue.add({[] { return Result<Batch>{Batch{}}; }, [&](const Status&) { was_done = true; },
                   [](const RecordVersion&) { return false; }});
  shard.answer(CommitAnswer{0, RecordVersion{"blocks", "k", 2}});
  EXPECT_FALSE(was_done);
  EXPECT_TRUE(shard.queue.empty());
}

TEST(CommitQueue, AnErrorOfOneChangeLetsTheNextGoOn) {
  FakeShard shard;
  std::vector<std::string> log;
  shard.queue.add({[]() -> Result<Batch> {
                     return Error{Errc::not_found, "gone", ""};
                   },
                   [&](const Status& status) { log.push_back(status.error().message); }});
  shard.queue.add(change(log, "b"));
  shard.answer(Error{Errc::unavailable, "the disk is full", ""});
  EXPECT_EQ(log, (std::vector<std::string>{"gone", "build b", "failed b"}));
}

TEST(CommitQueue, RefusesWhenTooManyWait) {
  FakeShard shard;
  std::size_t refused = 0;
  for (std::size_t i = 0; i <= CommitQueue::waiting_max; ++i)
    shard.queue.add({[] { return Result<Batch>{Batch{}}; },
                     [&](const Status& status) {
                       refused += !status && status.error().code == Errc::unavailable;
                     }});
  EXPECT_EQ(refused, 1U);
}

}  // namespace
}  // namespace reverie
