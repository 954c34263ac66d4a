// An agent as a whole: what it is doing, pausing it, and calls that nobody decides about.

#include "actors/approval_expiry.hpp"
#include "runtime/messages/approvals.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

#include "actors/agent_record.hpp"

namespace reverie {
namespace {

using std::chrono::seconds;

class LifecycleTest : public testing::ActorFixture {
 protected:
  std::string new_agent() {
    CreateAgent request;
    request.agent_id = new_id(Prefix::agent, random);
    request.model = "reverie/demo";
    CreateBlockInAgent human;
    human.label = "human";
    request.memory_blocks = std::vector{human};
    const std::string id = request.agent_id;
    const auto created = ask_router(id, request);
    EXPECT_TRUE(created) << created.error().message;
    return id;
  }

  Json ask(Request request) {
    const auto answer = ask_router(agent, std::move(request));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(answer->json, nullptr, false) : Json();
  }
  Json list(ListApprovals request = {}) { return ask(std::move(request)); }
  std::string state() { return ask(RetrieveLifecycle{agent})["lifecycle"]; }
  std::vector<std::string> states() {
    std::vector<std::string> out;
    const Json shown = ask(RetrieveLifecycle{agent});
    for (const Json& event : shown["events"]) out.push_back(event["lifecycle"]);
    return out;
  }

  Result<Answer> say(const std::string& text) {
    SendMessage request;
    request.agent_id = agent;
    request.input = RawJson{Json(text).dump()};
    return ask_router(agent, request);
  }

  void need_approval() {
    ModifyToolApproval request;
    request.agent_id = agent;
    request.tool_name = "memory_insert";
    request.requires_approval = true;
    ask(request);
  }
  // A call that waits. Returns the id of the message that asks.
  std::string ask_for_approval() {
    need_approval();
    const auto answer = say(R"(/call memory_insert {"label":"human","new_string":"x"})");
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(answer->json)["messages"][0]["id"].get<std::string>() : "";
  }

  ApprovalExpiryActor start_expiry(std::int64_t expire_s) {
    settings.approvals.expire_s = expire_s;
    auto actor = system.spawn(approval_expiry_actor, static_cast<const Services*>(&services));
    run();
    return actor;
  }
  static void end(const ApprovalExpiryActor& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
  // Both clocks: that of records and that of timers.
  void pass(seconds time) {
    clock.advance(time);
    advance(time);
  }

  std::string agent = new_agent();
};

TEST_F(LifecycleTest, ANewAgentSleepsAndSoDoesOneWhoseRunHasEnded) {
  EXPECT_EQ(states(), (std::vector<std::string>{"creating", "initializing", "sleeping"}));
  pass(seconds{1});
  ASSERT_TRUE(say("hello"));
  EXPECT_EQ(state(), "sleeping");
  EXPECT_EQ(ask(RetrieveAgent{agent, {"agent.lifecycle"}, {}})["lifecycle"], "sleeping");
}

TEST_F(LifecycleTest, APausedAgentRefusesMessagesUntilItIsResumed) {
  EXPECT_EQ(ask(PauseAgent{agent})["lifecycle"], "paused");
  const auto refused = say("hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::agent_paused);
  EXPECT_FALSE(refused.error().where.empty());
  EXPECT_EQ(ask(ResumeAgent{agent})["lifecycle"], "sleeping");
  EXPECT_TRUE(say("hello"));
}

TEST_F(LifecycleTest, TheLogKeepsTheNewestChangesAlone) {
  for (int i = 0; i < 50; ++i) {
    pass(seconds{1});
    ask(PauseAgent{agent});
    ask(ResumeAgent{agent});
  }
  const auto kept = Table<LifecycleTable>{*store}.get({agent});
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->value.events.size(), AgentLifecycle::events_max);
  EXPECT_EQ(kept->value.events.back().state, "resumed");
}

TEST_F(LifecycleTest, WhatWaitsIsInTheListAndGoesWithItsAgent) {
  const std::string request_id = ask_for_approval();
  pass(seconds{90});
  const Json shown = list();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0]["id"], request_id);
  EXPECT_NEAR(shown[0]["age_s"].get<double>(), 90,
              1);  // the clock of records goes on with each look
  EXPECT_TRUE(shown[0]["expires_at"].is_null());
  EXPECT_EQ(shown[0]["tool_calls"][0]["name"], "memory_insert");
  ListApprovals older;
  older.min_age_s = 91;
  EXPECT_EQ(list(older).size(), 0U);
  ListApprovals behind;
  behind.after = request_id;
  EXPECT_EQ(list(behind).size(), 0U);
  DeleteAgent request;
  request.agent_id = agent;
  ask(request);
  EXPECT_EQ(list().size(), 0U);
}

TEST_F(LifecycleTest, WhatNobodyDecidesIsDeniedWhenItIsDue) {
  const auto expiry = start_expiry(30);
  pass(seconds{10});
  ask_for_approval();
  pass(seconds{20});  // the look that the actor has begun with
  EXPECT_EQ(list().size(), 1U);
  pass(seconds{9});
  EXPECT_EQ(list().size(), 1U);
  pass(seconds{2});
  EXPECT_EQ(list().size(), 0U);
  EXPECT_EQ(ask(RetrieveAgent{agent, {}, {}})["last_stop_reason"], "cancelled");
  ListRuns runs;
  EXPECT_EQ(ask(runs)[0]["status"], "cancelled");
  EXPECT_TRUE(say("hello"));
  end(expiry);
}

TEST_F(LifecycleTest, WhatBecameDueWhileNobodyLookedIsDeniedAtTheStart) {
  ask_for_approval();
  pass(seconds{100});
  const auto expiry = start_expiry(30);
  EXPECT_EQ(list().size(), 0U);
  end(expiry);
}

TEST_F(LifecycleTest, ADenialOfWhatWasDecidedChangesNothing) {
  const std::string request_id = ask_for_approval();
  const auto other = ask_router(agent, ExpireApproval{agent, "", "message-other"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::conflict);
  EXPECT_EQ(list().size(), 1U);
  EXPECT_TRUE(ask_router(agent, ExpireApproval{agent, "", request_id}));
  const auto again = ask_router(agent, ExpireApproval{agent, "", request_id});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::conflict);
}

TEST_F(LifecycleTest, TheNextLookIsWhenTheOldestBecomesDue) {
  ApprovalExpiryState state;
  const auto idle = state.look(*store, clock.now(), seconds{30});
  ASSERT_TRUE(idle);
  EXPECT_TRUE(idle->due.empty());
  EXPECT_EQ(idle->pause, seconds{30});
  ask_for_approval();
  pass(seconds{12});
  const auto later = state.look(*store, clock.now(), seconds{30});
  ASSERT_TRUE(later);
  EXPECT_LT(later->pause, seconds{19});
  EXPECT_GT(later->pause, seconds{17});
  pass(seconds{19});
  const auto due = state.look(*store, clock.now(), seconds{30});
  ASSERT_TRUE(due);
  ASSERT_EQ(due->due.size(), 1U);
  EXPECT_EQ(due->due.front().agent_id, agent);
  EXPECT_EQ(due->pause, ApprovalExpiryState::retry_after);
}

TEST_F(LifecycleTest, TracesAreKeptWithTheirStepsWhereTheyAreAskedFor) {
  settings.traces.enabled = true;
  const auto answer = say("hello");
  ASSERT_TRUE(answer);
  const std::string step_id = Json::parse(answer->json)["messages"][0]["step_id"];
  const Json trace = ask(RetrieveStepTrace{step_id});
  EXPECT_EQ(trace["step_id"], step_id);
  EXPECT_TRUE(trace["request_json"]["messages"].is_array());
  pass(seconds{settings.traces.age_s});
  EXPECT_TRUE(ask(RetrieveStepTrace{step_id}).is_null());
}

}  // namespace
}  // namespace reverie
