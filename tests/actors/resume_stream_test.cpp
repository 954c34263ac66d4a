// Who may listen again to a run, and for how long.

#include "tests/support/actor_fixture.hpp"

#include <chrono>

namespace reverie {
namespace {

class ResumeStreamTest : public testing::ActorFixture {
 protected:
  ResumeStreamTest() {
    CreateAgent request;
    request.agent_id = agent;
    request.model = "reverie/demo";
    const auto created = ask_router(agent, request);
    EXPECT_TRUE(created) << created.error().message;
  }

  // The id of a run that has ended.
  std::string stream(bool in_background) {
    SendMessage request;
    request.agent_id = agent;
    request.input = RawJson{R"("hello")"};
    request.streaming = true;
    request.background = in_background;
    const auto answer = ask_router(agent, request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? answer->run_id : "";
  }

  Result<Answer> resume(const std::string& run_id) {
    ResumeStream request;
    request.run_id = run_id;
    return ask_router(agent, request);
  }

  const std::string agent = new_id(Prefix::agent, random);
};

TEST_F(ResumeStreamTest, ABackgroundRunIsHeardAgainUntilItsEventsAreTooOld) {
  const std::string run_id = stream(true);
  clock.advance(std::chrono::seconds{settings.runs.events_age_s - 1});
  const auto heard = resume(run_id);
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(heard->run_id, run_id);
  clock.advance(std::chrono::seconds{2});
  EXPECT_EQ(resume(run_id).error().code, Errc::gone);
}

TEST_F(ResumeStreamTest, ARunThatWasNotInTheBackgroundIsNotHeardAgain) {
  EXPECT_EQ(resume(stream(false)).error().code, Errc::bad_request);
}

}  // namespace
}  // namespace reverie
