// What runs do while the disk takes nothing, and when there is room again.

#include "tests/support/actor_fixture.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace reverie {
namespace {

class FullDiskRunsTest : public testing::ActorFixture {
 protected:
  static constexpr std::size_t refusals = 50;

  FullDiskRunsTest() {
    CreateAgent request;
    request.agent_id = agent_id;
    request.model = "reverie/demo";
    EXPECT_TRUE(ask_router(agent_id, request));
  }

  // The disk takes `writes` more, and then none.
  void fill_after(std::size_t writes) {
    log.outcomes.assign(writes, std::nullopt);
    log.outcomes.insert(log.outcomes.end(), refusals, AppendOutcome::full);
  }
  std::size_t refused() const { return refusals - log.outcomes.size(); }

  std::string send() {
    SendMessage request;
    request.agent_id = agent_id;
    request.input = RawJson{R"("hi")"};
    request.is_async = request.background = true;
    request.streaming = true;
    request.include_pings = false;
    const auto answer = ask_router(agent_id, request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(answer->json).at("id").get<std::string>() : "";
  }

  std::string status(const std::string& run_id) {
    const auto answer = ask_router(run_id, RetrieveRun{run_id});
    return answer ? Json::parse(answer->json).at("status").get<std::string>() : "";
  }

  const std::string agent_id = new_id(Prefix::agent, random);
};

TEST_F(FullDiskRunsTest, ARunThatCannotBeStoredTriesAgainAtIntervalsAndEndsWhenThereIsRoom) {
  fill_after(2);  // the run and its place in the queue, and its begin
  const std::string run_id = send();
  ASSERT_GE(refused(), 1U);
  EXPECT_LE(refused(), 2U);
  EXPECT_EQ(status(run_id), "running");

  const std::size_t before = refused();
  advance(std::chrono::seconds{10});
  EXPECT_GT(refused(), before);
  EXPECT_LE(refused(), before + 2);
  EXPECT_EQ(status(run_id), "running");

  log.outcomes.clear();
  advance(std::chrono::seconds{10});
  EXPECT_EQ(status(run_id), "completed");
}

TEST_F(FullDiskRunsTest, ARunThatCannotBeginWaitsInItsPlace) {
  fill_after(1);
  const std::string first = send();
  EXPECT_EQ(status(first), "created");
  EXPECT_LE(refused(), 2U);
  log.outcomes.clear();
  advance(std::chrono::seconds{10});
  EXPECT_EQ(status(first), "completed");
}

TEST_F(FullDiskRunsTest, EachThreadTriesOnceInAnInterval) {
  fill_after(2);
  const std::string run_id = send();
  for (int request = 0; request < 5; ++request) {
    SendMessage next;
    next.agent_id = agent_id;
    next.input = RawJson{R"("hello")"};
    EXPECT_FALSE(ask_router(agent_id, next));
  }
  const std::size_t before = refused();
  advance(std::chrono::seconds{5});
  EXPECT_LE(refused(), before + 2);
  EXPECT_EQ(status(run_id), "running");
}

TEST_F(FullDiskRunsTest, TheNextMessageDoesNotWaitForTheInterval) {
  fill_after(2);
  const std::string first = send();
  log.outcomes.clear();
  const std::string second = send();
  EXPECT_EQ(status(first), "completed");
  EXPECT_EQ(status(second), "completed");
}

}  // namespace
}  // namespace reverie
