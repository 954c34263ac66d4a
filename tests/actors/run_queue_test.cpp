// What waits in front of a busy thread: in order, in front, taken back, told to a callback URL.

#include "tests/support/actor_fixture.hpp"

#include <utility>
#include <vector>

namespace reverie {
namespace {

// A model that answers when the test says so, and lets go when a call is cancelled.
struct HeldModel {
  struct Asked {
    caf::actor agent;
    std::int64_t call_id = 0;
    std::string text;  // of the newest message
  };
  std::vector<Asked> calls;
};

ModelDone done_of(std::int64_t call_id, Result<Completion> completion) {
  return {call_id, std::make_shared<const Result<Completion>>(std::move(completion))};
}

ModelActor::behavior_type held_model_actor(ModelActor::pointer self, HeldModel* held) {
  return {
    [self, held](AskModel& message) {
      const auto agent = caf::actor_cast<caf::actor>(self->current_sender());
      held->calls.push_back({agent, message.call_id, message.request->messages.back().text});
    },
    [self](const CancelModel& message) {
      caf::anon_send(caf::actor_cast<caf::actor>(self->current_sender()),
                     done_of(message.call_id, Error{Errc::llm_cancelled, "cancelled", ""}));
    },
    [](const ModelDone&) {},
  };
}

class RunQueueTest : public testing::ActorFixture {
 protected:
  RunQueueTest() {
    held_model = system.spawn(held_model_actor, &held);
    services.model_actor = [this](const std::string&) { return held_model; };
    CreateAgent request;
    request.agent_id = agent_id;
    request.model = "reverie/demo";
    EXPECT_TRUE(ask_router(agent_id, request));
  }

  ~RunQueueTest() override {
    caf::anon_send_exit(held_model, caf::exit_reason::user_shutdown);
    run();
  }

  SendMessage message(const std::string& text, std::optional<std::string> when_busy = {}) const {
    SendMessage request;
    request.agent_id = agent_id;
    request.input = RawJson{Json(text).dump()};
    request.when_busy = std::move(when_busy);
    request.is_async = request.background = true;
    request.streaming = true;
    request.include_pings = false;
    return request;
  }

  // The run of an asynchronous message.
  std::string send(const SendMessage& request) {
    const auto answer = ask_router(agent_id, request);
    EXPECT_TRUE(answer) << answer.error().message;
    if (!answer) return "";
    const Json json = Json::parse(answer->json);
    EXPECT_EQ(json.at("status"), "created");
    return json.at("id");
  }
  std::string send(const std::string& text, std::optional<std::string> when_busy = {}) {
    return send(message(text, std::move(when_busy)));
  }

  Json run_json(const std::string& run_id) {
    const auto answer = ask_router(run_id, RetrieveRun{run_id});
    EXPECT_TRUE(answer);
    return answer ? Json::parse(answer->json) : Json();
  }
  std::string status(const std::string& run_id) { return run_json(run_id).at("status"); }

  // The model answers the newest call.
  void answer() {
    Completion completion;
    completion.text = "done";
    const HeldModel::Asked asked = held.calls.back();
    caf::anon_send(asked.agent, done_of(asked.call_id, std::move(completion)));
    run();
  }

  std::vector<std::string> asked() const {
    std::vector<std::string> texts;
    for (const HeldModel::Asked& call : held.calls) texts.push_back(call.text);
    return texts;
  }

  Result<Answer> cancel(std::optional<std::vector<std::string>> run_ids) {
    CancelRuns request;
    request.agent_id = agent_id;
    request.run_ids = std::move(run_ids);
    return ask_router(agent_id, request);
  }

  Routed routed(const SendMessage& request) const {
    return Routed{agent_id, "org-1", "user-1", request};
  }

  using Asked = decltype(std::declval<caf::scoped_actor&>()->request(
    std::declval<const RouterActor&>(), caf::infinite, std::declval<Routed>()));

  static std::string run_of(Asked& asked) {
    std::string run_id;
    asked.receive([&](const Answer& given) { run_id = given.run_id; },
                  [](const caf::error& error) { ADD_FAILURE() << from_caf(error).message; });
    return run_id;
  }
  static void expect_refused(Asked& asked, const std::string& run_id) {
    asked.receive([](const Answer&) { ADD_FAILURE() << "it was not refused"; },
                  [&](const caf::error& error) {
                    EXPECT_EQ(from_caf(error).code, Errc::conflict);
                    EXPECT_NE(from_caf(error).message.find("run_id=" + run_id), std::string::npos);
                  });
  }

  using Texts = std::vector<std::string>;
  HeldModel held;
  ModelActor held_model;
  std::string agent_id = new_id(Prefix::agent, random);
};

TEST_F(RunQueueTest, RunsThatWaitAreCreatedAndRunInOrder) {
  const Texts runs{send("one"), send("two"), send("three")};
  EXPECT_EQ(status(runs[0]), "running");
  EXPECT_EQ(status(runs[1]), "created");
  for (const std::string& each : runs) {
    answer();
    EXPECT_EQ(status(each), "completed");
  }
  EXPECT_EQ(asked().size(), 3U);
}

TEST_F(RunQueueTest, WhatInterruptsEndsWhatRunsAndGoesInFront) {
  const Texts runs{send("one"), send("two"), send("three", "interrupt")};
  EXPECT_EQ(run_json(runs[0]).at("stop_reason"), "cancelled");
  EXPECT_EQ(status(runs[1]), "created");
  EXPECT_EQ(status(runs[2]), "running");
  answer();
  EXPECT_EQ(status(runs[1]), "running");
  answer();
  EXPECT_EQ(status(runs[1]), "completed");
}

TEST_F(RunQueueTest, OfTwoThatInterruptTheLaterOneIsAnswered) {
  const std::string first = send("one");
  caf::scoped_actor self{system};
  const auto routed = [&](const char* text) {
    return Routed{agent_id, "org-1", "user-1", message(text, "interrupt")};
  };
  auto second = self->request(services.router, caf::infinite, routed("two"));
  auto third = self->request(services.router, caf::infinite, routed("three"));
  run();
  Texts runs;
  const auto keep = [&](const Answer& given) { runs.push_back(given.run_id); };
  const auto fail = [](const caf::error& error) { ADD_FAILURE() << from_caf(error).message; };
  second.receive(keep, fail);
  third.receive(keep, fail);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(status(first), "cancelled");
  EXPECT_EQ(status(runs[0]), "cancelled");
  answer();
  EXPECT_EQ(status(runs[1]), "completed");
  EXPECT_EQ(asked().size(), 2U);
}

TEST_F(RunQueueTest, WhatDoesNotWantToWaitIsRefusedWithTheRunInItsWay) {
  const std::string first = send("one");
  const auto refused = ask_router(agent_id, message("two", "reject"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_NE(refused.error().message.find("run_id=" + first), std::string::npos);
  EXPECT_NE(refused.error().message.find("is currently being processed"), std::string::npos);
  answer();
  send("two", "reject");
}

// While the first of two has no run on the disk yet.
TEST_F(RunQueueTest, WhatDoesNotWantToWaitIsRefusedWhileARunIsAccepted) {
  caf::scoped_actor self{system};
  SendMessage first = message("one", "reject");
  first.is_async = false;
  SendMessage second = first;
  second.input = RawJson{R"("two")"};
  auto accepted = self->request(services.router, caf::infinite, routed(first));
  auto refused = self->request(services.router, caf::infinite, routed(second));
  run();
  const std::string run_id = run_of(accepted);
  expect_refused(refused, run_id);
  EXPECT_EQ(asked().size(), 1U);
  answer();
}

// The end of one run is told, and the next one is on its way to the disk.
TEST_F(RunQueueTest, WhatDoesNotWantToWaitIsRefusedBetweenTwoRuns) {
  const Texts runs{send("one"), send("two")};
  caf::scoped_actor self{system};
  std::optional<Asked> asked_between;
  log.on_append = [&] {
    if (asked_between) return;
    asked_between.emplace(
      self->request(services.router, caf::infinite, routed(message("three", "reject"))));
  };
  answer();
  log.on_append = nullptr;
  ASSERT_TRUE(asked_between);
  expect_refused(*asked_between, runs[1]);
  answer();
  EXPECT_EQ(asked().size(), 2U);
  send("three", "reject");
}

TEST_F(RunQueueTest, TheSameInputIsNotInItsOwnWay) {
  SendMessage request = message("one", "reject");
  request.is_async = false;
  request.idempotency_key = "key";
  caf::scoped_actor self{system};
  auto first = self->request(services.router, caf::infinite, routed(request));
  auto again = self->request(services.router, caf::infinite, routed(request));
  run();
  EXPECT_EQ(run_of(first), run_of(again));
  EXPECT_EQ(asked().size(), 1U);
}

TEST_F(RunQueueTest, AnUnknownWishIsNamed) {
  const auto refused = ask_router(agent_id, message("one", "wait"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  EXPECT_EQ(refused.error().where, "body.when_busy");
}

TEST_F(RunQueueTest, ARunThatWaitsIsTakenBack) {
  const Texts runs{send("one"), send("two"), send("three")};
  ASSERT_TRUE(cancel(std::vector{runs[1]}));
  EXPECT_EQ(run_json(runs[1]).at("stop_reason"), "cancelled");
  EXPECT_EQ(status(runs[0]), "running");
  answer();
  EXPECT_EQ(status(runs[2]), "running");
  answer();
  EXPECT_EQ(asked().size(), 2U);
}

// One whose end is not stored is gone on with by the next start.
TEST_F(RunQueueTest, ARunIsCancelledWhenItsEndIsStored) {
  const std::string first = send("one");
  log.outcomes = {AppendOutcome::full};
  const auto lost = cancel({});
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::unavailable);
  EXPECT_EQ(status(first), "running");
}

TEST_F(RunQueueTest, TheSameInputWaitsOnce) {
  send("one");
  SendMessage again = message("two");
  again.idempotency_key = "key";
  const std::string second = send(again);
  EXPECT_EQ(send(again), second);
  answer();
  answer();
  EXPECT_EQ(asked().size(), 2U);
}

TEST_F(RunQueueTest, TheQueueHasAnEnd) {
  settings.actors.queue_max = 2;
  for (const char* text : {"one", "two", "three"}) send(text);
  const auto refused = ask_router(agent_id, message("four"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
}

TEST_F(RunQueueTest, ADeletedAgentLeavesNothingThatWaits) {
  send("one");
  send("two");
  DeleteAgent request;
  request.agent_id = agent_id;
  ASSERT_TRUE(ask_router(agent_id, request));
  for (const std::string_view family : {RunStateTable::family, RunTable::family}) {
    const std::unique_ptr<rocksdb::Iterator> row{
      store->db().NewIterator({}, store->family(family))};
    row->SeekToFirst();
    EXPECT_FALSE(row->Valid()) << family;
  }
}

TEST_F(RunQueueTest, ARunWhoseTurnCannotBeginFails) {
  send("one");
  SendMessage decision = message("");
  decision.input = {};
  decision.messages = RawJson{
    R"([{"type":"approval","approvals":[{"type":"approval","approve":true,"tool_call_id":"x"}]}])"};
  const std::string second = send(decision);
  answer();
  EXPECT_EQ(status(second), "failed");
  const std::string third = send("three");
  EXPECT_EQ(status(third), "running");
  answer();
}

TEST_F(RunQueueTest, TheOutcomeOfACallbackIsStored) {
  SendMessage request = message("one");
  request.callback_url = "http://127.0.0.1:9/";
  const std::string first = send(request);
  answer();
  const Json json = run_json(first);
  EXPECT_EQ(json.at("callback_url"), "http://127.0.0.1:9/");
  EXPECT_EQ(json.at("callback_error"), "callbacks are not sent here");
  EXPECT_TRUE(json.at("callback_sent_at").is_string());
  const std::unique_ptr<rocksdb::Iterator> row{
    store->db().NewIterator({}, store->family(RunCallbackTable::family))};
  row->SeekToFirst();
  EXPECT_FALSE(row->Valid());
}

TEST_F(RunQueueTest, ALogThatIsNotWholeIsNotPassedOffAsOne) {
  settings.runs.events_bytes_max = 1;
  const std::string first = send("one");
  answer();
  ResumeStream resume;
  resume.run_id = first;
  const auto cut = ask_router(first, resume);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::gone);
  EXPECT_NE(cut.error().message.find("runs.events_bytes_max"), std::string::npos);
  resume.starting_after = 100;
  EXPECT_TRUE(ask_router(first, resume));
}

// The run that was under way is still on the disk when the message comes, and gone when it could go
// on.
TEST_F(RunQueueTest, AMessageThatComesWhileItsAgentIsDeletedFindsNoAgent) {
  send("first");
  ASSERT_EQ(asked(), Texts{"first"});
  SendMessage late = message("second");
  late.is_async = late.background = false;
  {
    caf::scoped_actor self{system};
    const auto ask = [&](Request request) {
      return self->request(services.router, caf::infinite,
                           Routed{agent_id, "org-1", "user-1", std::move(request)});
    };
    auto deleted = ask(DeleteAgent{agent_id});
    auto refused = ask(late);
    auto queued = ask(message("third"));
    run();
    deleted.receive([](const Answer&) {},
                    [](const caf::error& error) { ADD_FAILURE() << from_caf(error).message; });
    for (auto* each : {&refused, &queued})
      each->receive([](const Answer&) { ADD_FAILURE() << "the agent is there"; },
                    [](const caf::error& error) {
                      EXPECT_EQ(from_caf(error).code, Errc::not_found) << from_caf(error).message;
                    });
  }
  EXPECT_EQ(asked(), Texts{"first"}) << "the model is asked nothing more";
  const Table<RunStateTable> states{*store};
  std::size_t left = 0;
  EXPECT_TRUE(states.scan_page(*home_of(agent_id), key_bytes(agent_id),
                               {std::nullopt, Order::ascending, 10},
                               [&](const RunStateTable::Key&, const RunState&) {
                                 ++left;
                                 return true;
                               }));
  EXPECT_EQ(left, 0U);
}

TEST_F(RunQueueTest, ARunGoesOnWhenTheDiskTakesNoDeletionOfItsAgent) {
  const std::string run_id = send("first");
  log.outcomes.assign(1, AppendOutcome::full);
  EXPECT_FALSE(ask_router(agent_id, DeleteAgent{agent_id}));
  log.outcomes.clear();
  EXPECT_EQ(asked(), (Texts{"first", "first"}));
  answer();
  EXPECT_EQ(status(run_id), "completed");
}

}  // namespace
}  // namespace reverie
