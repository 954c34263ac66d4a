#include "actors/agent_actor.hpp"

#include "tests/support/actor_fixture.hpp"

#include <deque>

namespace reverie {
namespace {

// A model that says what the test has put there and keeps what it was asked.
struct ToldModel {
  std::vector<LlmRequest> asked;
  std::deque<Completion> answers;
};

ModelActor::behavior_type told_model_actor(ModelActor::pointer self, ToldModel* told) {
  return {
    [self, told](AskModel& message) {
      told->asked.push_back(*message.request);
      Completion answer = std::move(told->answers.front());
      told->answers.pop_front();
      self->send(
        caf::actor_cast<AgentActor>(self->current_sender()),
        ModelDone{message.call_id, std::make_shared<Result<Completion>>(std::move(answer))});
    },
    [](const CancelModel&) {},
    [](const ModelDone&) {},
  };
}

class AgentActorTest : public testing::ActorFixture {
 protected:
  std::string new_agent(bool autoclears = false) {
    CreateAgent request;
    request.message_buffer_autoclear = autoclears;
    request.agent_id = new_id(Prefix::agent, random);
    request.model = "reverie/demo";
    CreateBlockInAgent block;
    block.label = "human";
    request.memory_blocks = std::vector{block};
    const std::string id = request.agent_id;
    const auto created = ask_router(id, request);
    EXPECT_TRUE(created) << created.error().message;
    return id;
  }

  Result<Answer> say(const std::string& agent_id, const std::string& text) {
    SendMessage request;
    request.agent_id = agent_id;
    request.input = RawJson{Json(text).dump()};
    return ask_router(agent_id, request);
  }

  std::size_t running() { return system.registry().running(); }

  // How many messages each call of the model was shown: by a plain message, and by another whose
  // first answer calls a tool.
  std::vector<std::size_t> shown(const std::string& agent_id) {
    ToldModel told;
    Completion call;
    call.tool_calls = {{"call-1", "memory_insert", R"({"label":"human","new_string":"x"})"}};
    Completion text;
    text.text = "done";
    told.answers = {text, call, text};
    const ModelActor actor = system.spawn(told_model_actor, &told);
    services.model_actor = [actor](const std::string&) { return actor; };
    EXPECT_TRUE(say(agent_id, "one"));
    EXPECT_TRUE(say(agent_id, "two"));
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    std::vector<std::size_t> counts;
    for (const LlmRequest& request : told.asked) {
      EXPECT_EQ(request.messages.front().role, ChatRole::system);
      counts.push_back(request.messages.size());
    }
    return counts;
  }
};

TEST_F(AgentActorTest, AnswersAndKeepsWhatItIsTold) {
  const std::string id = new_agent();
  ASSERT_TRUE(say(id, "My name is Ada."));
  const auto answer = say(id, "What is my name?");
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->json.find("Ada"), std::string::npos);
}

TEST_F(AgentActorTest, AMessageWithoutToolsIsTwoSyncedCommits) {
  const std::string id = new_agent();
  const std::size_t before = log.writes.size();
  ASSERT_TRUE(say(id, "hello"));
  EXPECT_EQ(log.writes.size() - before, 2U);
}

TEST_F(AgentActorTest, EachCallOfTheModelIsShownAllThatWasSaidBefore) {
  EXPECT_EQ(shown(new_agent()), (std::vector<std::size_t>{2, 4, 6}));
}

TEST_F(AgentActorTest, AnAgentThatClearsItsBufferIsShownTheRunUnderWayAlone) {
  EXPECT_EQ(shown(new_agent(true)), (std::vector<std::size_t>{2, 2, 4}));
}

TEST_F(AgentActorTest, AnIdleAgentLeavesAndTheNextMessageWakesIt) {
  const std::string id = new_agent();
  ASSERT_TRUE(say(id, "My name is Ada."));
  const std::size_t awake = running();
  advance(std::chrono::seconds{settings.actors.idle_s + 10});
  EXPECT_EQ(running(), awake - 1);
  const auto answer = say(id, "What is my name?");
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->json.find("Ada"), std::string::npos);
}

TEST_F(AgentActorTest, NoTimerFiresWhileAgentsRestUntilTheFirstCanLeave) {
  const std::string id = new_agent();
  ASSERT_TRUE(say(id, "hello"));
  advance(std::chrono::seconds{30});  // whoever listened to its run is gone
  EXPECT_EQ(advance(std::chrono::seconds{settings.actors.idle_s - 60}), 0U);
}

TEST_F(AgentActorTest, AnAgentThatIsUsedStays) {
  const std::string id = new_agent();
  const std::size_t awake = running();
  for (int i = 0; i < 4; ++i) {
    advance(std::chrono::seconds{settings.actors.idle_s / 2});
    ASSERT_TRUE(say(id, "hello"));
  }
  EXPECT_EQ(running(), awake);
}

TEST_F(AgentActorTest, AFullDiskRefusesTheMessageAndTheNextOneIsAnswered) {
  const std::string id = new_agent();
  log.outcomes = {AppendOutcome::full};
  const auto refused = say(id, "hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_TRUE(say(id, "hello again"));
}

TEST_F(AgentActorTest, ARunThatCouldNotBeStoredIsGoneOnWithBeforeTheNextOne) {
  const std::string id = new_agent();
  log.outcomes = {std::nullopt, AppendOutcome::full};
  const auto lost = say(id, "My name is Ada.");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::unavailable);
  const auto answer = say(id, "What is my name?");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->json.find("Ada"), std::string::npos);
  const auto open = ask_router("", [] {
    ListRuns request;
    request.active = true;
    return request;
  }());
  ASSERT_TRUE(open);
  EXPECT_EQ(open->json, "[]");
}

TEST_F(AgentActorTest, AFailedWriteWithUnknownOutcomeStopsTheShardForAllWhoCome) {
  const std::string id = new_agent();
  log.outcomes = {AppendOutcome::unknown};
  const auto unknown = say(id, "hello");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Errc::timeout);
  const auto after = say(id, "hello again");
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().code, Errc::unavailable);
}

TEST_F(AgentActorTest, ADeletedAgentLeavesNoRowBehind) {
  const std::string id = new_agent();
  ASSERT_TRUE(say(id, "My name is Ada."));
  DeleteAgent request;
  request.agent_id = id;
  ASSERT_TRUE(ask_router(id, request));
  for (const std::string_view family : all_families()) {
    if (family == MetaTable::family || family == BlockTable::family) continue;
    if (family == blocks_by_created || family == counts) continue;
    const std::unique_ptr<rocksdb::Iterator> row{
      store->db().NewIterator({}, store->family(family))};
    row->SeekToFirst();
    EXPECT_FALSE(row->Valid()) << family;
  }
  const auto gone = say(id, "hello");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::not_found);
}

TEST_F(AgentActorTest, ARepetitionThatComesBeforeTheFirstIsAcceptedMakesNoSecondTurn) {
  const std::string id = new_agent();
  SendMessage request;
  request.agent_id = id;
  request.messages = RawJson{R"([{"role":"user","content":"hello","otid":"one"}])"};
  caf::scoped_actor self{system};
  const Routed routed{id, "org-1", "user-1", request};
  auto first = self->request(services.router, caf::infinite, routed);
  auto second = self->request(services.router, caf::infinite, routed);
  run();
  std::vector<std::string> run_ids;
  const auto keep = [&](const Answer& answer) { run_ids.push_back(answer.run_id); };
  const auto fail = [](const caf::error& error) { ADD_FAILURE() << from_caf(error).message; };
  first.receive(keep, fail);
  second.receive(keep, fail);
  ASSERT_EQ(run_ids.size(), 2U);
  EXPECT_EQ(run_ids[0], run_ids[1]);
}

TEST_F(AgentActorTest, AnotherOrganisationDoesNotSeeIt) {
  const std::string id = new_agent();
  caf::scoped_actor self{system};
  SendMessage request;
  request.agent_id = id;
  request.input = RawJson{R"("hello")"};
  auto asked =
    self->request(services.router, caf::infinite, Routed{id, "org-2", "user-1", request});
  run();
  asked.receive([](const Answer&) { ADD_FAILURE(); },
                [](const caf::error& error) { EXPECT_EQ(from_caf(error).code, Errc::not_found); });
}

}  // namespace
}  // namespace reverie
