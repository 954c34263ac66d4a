#include "actors/agent_actor.hpp"
#include "runtime/compaction/token_estimate.hpp"
#include "runtime/messages/packaged.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/answering_model.hpp"

#include <optional>

namespace reverie {
namespace {

using testing::answering_model_actor;
using testing::AnsweringModel;
using testing::call_of;
using testing::text;

const Error too_long{Errc::llm_context_window, "prompt is too long", "llm"};

class CompactionActorTest : public testing::ActorFixture {
 protected:
  CompactionActorTest() {
    model_.answering = [](const LlmRequest& request) -> std::optional<Result<Completion>> {
      if (AnsweringModel::asks_for_summary(request)) return text("They talked.");
      return text("fine");
    };
    actor_ = system.spawn(answering_model_actor, &model_);
    services.model_actor = [this](const std::string&) { return actor_; };
  }
  ~CompactionActorTest() override {
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
    run();
  }

  std::string new_agent(std::int64_t window = 30'000) {
    CreateAgent request;
    request.agent_id = new_id(Prefix::agent, random);
    request.model = "reverie/demo";
    request.context_window_limit = window;
    CreateBlockInAgent block;
    block.label = "human";
    request.memory_blocks = std::vector{block};
    const std::string id = request.agent_id;
    const auto created = ask_router(id, request);
    EXPECT_TRUE(created) << created.error().message;
    return id;
  }

  static SendMessage message(const std::string& agent_id, const std::string& text) {
    SendMessage request;
    request.agent_id = agent_id;
    request.input = RawJson{Json(text).dump()};
    return request;
  }

  Result<Answer> say(const std::string& agent_id, const std::string& text) {
    return ask_router(agent_id, message(agent_id, text));
  }

  // Long messages: what leaves a context with them is more than what a summary adds.
  void talk(const std::string& agent_id, int turns) {
    for (int i = 0; i < turns; ++i)
      ASSERT_TRUE(say(agent_id, "part " + std::to_string(i) + std::string(2000, '.')));
  }

  Result<Answer> compact(const std::string& agent_id, const std::string& asked = "") {
    CompactMessages request;
    request.agent_id = agent_id;
    request.compaction_settings = RawJson{asked};
    return ask_router(agent_id, request);
  }

  std::vector<Message> context(const std::string& agent_id) {
    std::vector<Message> out;
    const auto thread = Table<ContextTable>{*store}.get({agent_id, ""});
    EXPECT_TRUE(thread);
    for (const std::int64_t id : thread->value.sequence_ids)
      if (auto found = Table<MessageTable>{*store}.get({agent_id, static_cast<std::uint64_t>(id)}))
        out.push_back(std::move(found->value));
    EXPECT_EQ(out.size(), thread->value.sequence_ids.size());
    EXPECT_EQ(out.size(), thread->value.message_ids().size());
    for (std::size_t i = 0; i < out.size(); ++i)
      EXPECT_EQ(thread->value.message_ids()[i], out[i].id);
    return out;
  }

  std::size_t listed(const std::string& agent_id) {
    ListMessages request;
    request.agent_id = agent_id;
    request.limit = 500;
    const auto answer = ask_router(agent_id, request);
    EXPECT_TRUE(answer);
    return Json::parse(answer->json).size();
  }

  // Refuses requests above this many bytes, as a provider with a smaller window than we think.
  void refuse_above(std::int64_t bytes_max) {
    model_.answering = [bytes_max, before = model_.answering](const LlmRequest& request) {
      if (bytes_of(request).all() > bytes_max) return std::optional<Result<Completion>>(too_long);
      return before(request);
    };
  }

  AnsweringModel model_;
  ModelActor actor_;
};

TEST_F(CompactionActorTest, AStepThatIsTooLongForTheModelIsCompactedAndGoesOn) {
  const std::string id = new_agent();
  talk(id, 6);
  const std::size_t before = context(id).size();
  refuse_above(bytes_of(model_.asked.back()).all());
  const auto answer = say(id, "one more");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->json.find("\"fine\""), std::string::npos);
  EXPECT_EQ(answer->json.find("They talked"), std::string::npos);  // nobody asked to see it
  EXPECT_EQ(model_.summaries(), 1U);
  const auto after = context(id);
  EXPECT_EQ(after.size(), before - 3 + 1 + 2);  // three left, the summary and this turn came
  EXPECT_EQ(after[0].role, "system");
  EXPECT_EQ(after[1].role, "user");
  EXPECT_EQ(unpack_summary(text_of(after[1])).text, "They talked.");
  EXPECT_EQ(text_of(after[after.size() - 2]), "one more");
  EXPECT_EQ(model_.asked.back().messages.back().text, "one more");
  EXPECT_EQ(listed(id), 1U + 7 * 2 + 1);  // system, all that was said, the summary
}

TEST_F(CompactionActorTest, BehindAStepThatFillsTheWindowTheNextOneIsMadeSmaller) {
  const std::string id = new_agent();
  talk(id, 4);
  int steps = 0;
  model_.answering = [&](const LlmRequest& request) -> std::optional<Result<Completion>> {
    if (AnsweringModel::asks_for_summary(request)) return text("They talked.");
    if (++steps == 2) return text("done");
    auto call = call_of("memory_insert", R"({"label":"human","new_string":"x"})");
    call->usage.prompt_tokens = 28'000;
    return call;
  };
  SendMessage request = message(id, "now");
  request.include_compaction_messages = true;
  const auto answer = ask_router(id, request);
  ASSERT_TRUE(answer);
  std::vector<std::string> kinds;
  const Json shown = Json::parse(answer->json)["messages"];
  for (const Json& each : shown) kinds.push_back(each["message_type"]);
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"tool_call_message", "tool_return_message", "event_message",
                                      "summary_message", "assistant_message"}));
  EXPECT_EQ(shown[2]["event_data"]["trigger"], "post_step_context_check");
  EXPECT_EQ(shown[2]["event_data"]["context_window"], 30'000);
  EXPECT_EQ(shown[3]["summary"], "They talked.");
  EXPECT_EQ(shown[3]["compaction_stats"]["messages_count_before"], 12);
  EXPECT_EQ(context(id)[1].role, "summary");
}

TEST_F(CompactionActorTest, ASummariserThatFailsDoesNotKeepTheAgentFull) {
  const std::string id = new_agent();
  talk(id, 6);
  model_.answering = [](const LlmRequest& request) -> std::optional<Result<Completion>> {
    if (AnsweringModel::asks_for_summary(request))
      return Result<Completion>(Error{Errc::llm_connection, "connection refused", "llm"});
    return text("fine");
  };
  refuse_above(bytes_of(model_.asked.back()).all());
  ASSERT_TRUE(say(id, "one more"));
  EXPECT_NE(text_of(context(id)[1]).find("no summary of them could be made"), std::string::npos);
  EXPECT_TRUE(say(id, "and more"));
}

TEST_F(CompactionActorTest, AModelThatRefusesEverythingEndsTheRunAndLeavesTheAgentUsable) {
  const std::string id = new_agent();
  talk(id, 6);
  const auto before = model_.answering;
  refuse_above(0);
  const std::size_t asked = model_.asked.size();
  const auto refused = say(id, "one more");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::llm_context_window);
  EXPECT_NE(refused.error().message.find("memory blocks"), std::string::npos)
    << refused.error().message;
  EXPECT_LE(model_.asked.size() - asked, 4U + 9U);  // the step, and who was to write a summary
  model_.answering = before;
  EXPECT_TRUE(say(id, "again"));
}

TEST_F(CompactionActorTest, APromptLargerThanTheWindowIsSaidBeforeTheModelIsAsked) {
  const std::string id = new_agent();
  ModifyAgent change;
  change.agent_id = id;
  change.system = std::string(200'000, 's');
  ASSERT_TRUE(ask_router(id, change));
  const auto refused = say(id, "hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::llm_context_window);
  EXPECT_TRUE(model_.asked.empty());
  const auto runs = ask_router("", ListRuns{});
  ASSERT_TRUE(runs);
  EXPECT_EQ(Json::parse(runs->json)[0]["stop_reason"], "context_window_overflow_in_system_prompt");
}

TEST_F(CompactionActorTest, ACompactionIsCancelledWithItsRun) {
  const std::string id = new_agent();
  talk(id, 6);
  const auto before = model_.answering;
  model_.answering = [](const LlmRequest& request) -> std::optional<Result<Completion>> {
    if (AnsweringModel::asks_for_summary(request)) return std::nullopt;
    return too_long;
  };
  caf::scoped_actor self{system};
  auto asked = self->request(services.router, caf::infinite,
                             Routed{id, "org-1", "user-1", message(id, "one more")});
  run();
  ASSERT_EQ(model_.silent.size(), 1U);
  const std::size_t messages = context(id).size();
  CancelRuns cancel;
  cancel.agent_id = id;
  ASSERT_TRUE(ask_router(id, cancel));
  std::string json;
  asked.receive([&](const Answer& answer) { json = answer.json; },
                [](const caf::error& error) { ADD_FAILURE() << from_caf(error).message; });
  EXPECT_NE(json.find("\"cancelled\""), std::string::npos);
  EXPECT_EQ(context(id).size(), messages + 1);  // what the client said is kept, as after any cancel
  model_.answering = before;
  EXPECT_TRUE(say(id, "again"));
}

TEST_F(CompactionActorTest, AfterACrashBehindTheCompactionTheRunGoesOnWithoutASecondOne) {
  const std::string id = new_agent();
  talk(id, 6);
  refuse_above(bytes_of(model_.asked.back()).all());
  // Acceptance and compaction are stored; the step is not, and the run is left open.
  log.outcomes = {std::nullopt, std::nullopt, AppendOutcome::full};
  ASSERT_FALSE(say(id, "one more"));
  EXPECT_EQ(model_.summaries(), 1U);
  const auto compacted = context(id);
  EXPECT_EQ(unpack_summary(text_of(compacted[1])).text, "They talked.");
  // The next request first ends what was left.
  ASSERT_TRUE(say(id, "and more"));
  EXPECT_EQ(model_.summaries(), 1U);
  std::size_t count = 0;
  for (const Message& each : context(id)) count += text_of(each) == "one more" ? 1 : 0;
  EXPECT_EQ(count, 1U);
}

TEST_F(CompactionActorTest, AfterACrashBeforeTheCompactionItIsMadeThen) {
  const std::string id = new_agent();
  talk(id, 6);
  refuse_above(bytes_of(model_.asked.back()).all());
  log.outcomes = {std::nullopt, AppendOutcome::full};
  const std::size_t before = context(id).size();
  ASSERT_FALSE(say(id, "one more"));
  EXPECT_EQ(context(id).size(), before);
  ASSERT_TRUE(say(id, "and more"));
  EXPECT_EQ(unpack_summary(text_of(context(id)[1])).text, "They talked.");
  EXPECT_EQ(listed(id), 1U + 8 * 2 + 1);
}

TEST_F(CompactionActorTest, AClientMayAskForIt) {
  const std::string id = new_agent();
  talk(id, 6);
  auto answer = compact(id, R"({"mode":"all"})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(Json::parse(answer->json),
            Json::parse(R"({"summary":"They talked.","num_messages_before":13,
                            "num_messages_after":2})"));
  // Nothing new was said: the same again, and no model is asked.
  answer = compact(id);
  ASSERT_TRUE(answer);
  EXPECT_EQ(Json::parse(answer->json)["num_messages_before"], 2);
  EXPECT_EQ(Json::parse(answer->json)["num_messages_after"], 2);
  EXPECT_EQ(Json::parse(answer->json)["summary"], "They talked.");
  EXPECT_EQ(model_.summaries(), 1U);
  EXPECT_TRUE(say(id, "hello"));
}

TEST_F(CompactionActorTest, WhatWasAskedForIsRefusedWhereItCannotBeHad) {
  const std::string id = new_agent();
  const auto wrong = compact(id, R"({"mode":"mystery"})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::invalid_argument);
  EXPECT_EQ(wrong.error().where, "body.compaction_settings.mode");
  talk(id, 6);
  model_.answering = [](const LlmRequest&) -> std::optional<Result<Completion>> {
    return Result<Completion>(Error{Errc::llm_rate_limit, "slow down", "llm"});
  };
  const auto failed = compact(id);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::llm_rate_limit);
  EXPECT_EQ(context(id).size(), 13U);
}

TEST_F(CompactionActorTest, AMessageWaitsUntilTheThreadIsCompacted) {
  const std::string id = new_agent();
  talk(id, 6);
  CompactMessages request;
  request.agent_id = id;
  caf::scoped_actor self{system};
  auto first =
    self->request(services.router, caf::infinite, Routed{id, "org-1", "user-1", request});
  auto second = self->request(services.router, caf::infinite,
                              Routed{id, "org-1", "user-1", message(id, "meanwhile")});
  run();
  const auto fail = [](const caf::error& error) { ADD_FAILURE() << from_caf(error).message; };
  first.receive([](const Answer&) {}, fail);
  second.receive([](const Answer&) {}, fail);
  EXPECT_TRUE(AnsweringModel::asks_for_summary(model_.asked[6]));
  EXPECT_EQ(model_.asked.back().messages.back().text, "meanwhile");
}

TEST_F(CompactionActorTest, ADeletedAgentAnswersWhoWaitsForItsCompaction) {
  const std::string id = new_agent();
  talk(id, 6);
  model_.answering = [](const LlmRequest&) -> std::optional<Result<Completion>> {
    return std::nullopt;
  };
  CompactMessages request;
  request.agent_id = id;
  caf::scoped_actor self{system};
  auto asked =
    self->request(services.router, caf::infinite, Routed{id, "org-1", "user-1", request});
  run();
  DeleteAgent deletion;
  deletion.agent_id = id;
  ASSERT_TRUE(ask_router(id, deletion));
  Errc code = Errc::internal;
  asked.receive([](const Answer&) { ADD_FAILURE(); },
                [&](const caf::error& error) { code = from_caf(error).code; });
  EXPECT_EQ(code, Errc::not_found);
}

}  // namespace
}  // namespace reverie
