// What a model is told of an agent's messages is what is stored of them, whatever has happened to
// them since the call before.

#include "actors/agent_record.hpp"
#include "runtime/messages/chat_history.hpp"
#include "runtime/messages/packaged.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/answering_model.hpp"
#include "tests/support/commit_now.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reverie {
namespace {

using testing::answering_model_actor;
using testing::AnsweringModel;
using testing::call_of;
using testing::text;

class HistoryTest : public testing::ActorFixture {
 protected:
  using Told = std::vector<std::pair<ChatRole, std::string>>;

  HistoryTest() {
    model_.answering = [](const LlmRequest& request) -> std::optional<Result<Completion>> {
      if (AnsweringModel::asks_for_summary(request)) return text("They talked.");
      return text("fine");
    };
    actor_ = system.spawn(answering_model_actor, &model_);
    services.model_actor = [this](const std::string&) { return actor_; };
    CreateAgent request;
    request.agent_id = new_id(Prefix::agent, random);
    request.model = "reverie/demo";
    CreateBlockInAgent block;
    block.label = "human";
    request.memory_blocks = std::vector{block};
    id_ = request.agent_id;
    EXPECT_TRUE(ask_router(id_, request));
  }
  ~HistoryTest() override {
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
    run();
  }

  SendMessage message(const std::string& words, const std::string& conversation_id = "") {
    SendMessage request;
    request.agent_id = id_;
    if (!conversation_id.empty()) request.conversation_id = conversation_id;
    request.input = RawJson{Json(words).dump()};
    return request;
  }
  Result<Answer> say(const std::string& words, const std::string& conversation_id = "") {
    return ask_router(id_, message(words, conversation_id));
  }

  std::vector<Message> stored(const std::string& conversation_id = "") {
    std::vector<Message> out;
    const auto thread = Table<ContextTable>{*store}.get({id_, conversation_id});
    if (!thread) return out;
    for (const std::int64_t id : thread->value.sequence_ids)
      if (auto found = Table<MessageTable>{*store}.get({id_, static_cast<std::uint64_t>(id)}))
        out.push_back(std::move(found->value));
    return out;
  }

  static Told told(const std::vector<ChatMessage>& messages) {
    Told out;
    for (const ChatMessage& each : messages) {
      std::string words = each.text;
      for (const ToolCall& call : each.tool_calls) words += call.name + call.arguments;
      for (const ToolResult& result : each.tool_results) words += result.text;
      out.emplace_back(each.role, std::move(words));
    }
    return out;
  }

  // Says something, and compares what the model was told with what the store has by then: all but
  // the answer.
  Told compare(const std::string& words, const std::string& conversation_id = "") {
    const auto answer = say(words, conversation_id);
    EXPECT_TRUE(answer) << answer.error().message;
    auto messages = stored(conversation_id);
    EXPECT_FALSE(messages.empty());
    if (!messages.empty()) messages.pop_back();
    const Told seen = told(model_.asked.back().messages);
    EXPECT_EQ(seen, told(chat_history(messages, {"reverie/demo", "UTC", 0})));
    EXPECT_TRUE(std::any_of(seen.begin(), seen.end(),
                            [&](const auto& each) { return each.second == words; }));
    return seen;
  }

  Result<Answer> correct(const Message& message, const std::string& words) {
    ModifyMessage request;
    request.agent_id = id_;
    request.message_id = message.id;
    request.content = RawJson{Json(words).dump()};
    return ask_router(id_, request);
  }

  std::string fork(const std::string& of) {
    ForkConversation request;
    request.conversation_id = of;
    const auto answer = ask_router(of == "default" ? id_ : of, request);
    EXPECT_TRUE(answer);
    return Json::parse(answer->json)["id"];
  }

  AnsweringModel model_;
  ModelActor actor_;
  std::string id_;
};

TEST_F(HistoryTest, GrowsWithEachTurn) {
  for (int i = 0; i < 12; ++i) compare("part " + std::to_string(i));
  EXPECT_EQ(stored().size(), 1U + 12 * 2);
}

TEST_F(HistoryTest, TheSameFromMemoryInPartAndNotAtAll) {
  for (const std::int64_t bytes_max : {0, 400, 3'000}) {
    settings.actors.history_bytes_max = bytes_max;
    advance(std::chrono::seconds{settings.actors.idle_s + 10});  // leaves; the next one wakes it
    for (int i = 0; i < 10; ++i) compare("part " + std::to_string(i) + std::string(80, '.'));
  }
}

TEST_F(HistoryTest, TheNewestAreNotReadAgain) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(say("part " + std::to_string(i)));
  AgentRecord record{services, id_};
  const auto ids = record.context("")->sequence_ids;
  const auto texts = [&] {
    std::vector<std::string> out;
    EXPECT_TRUE(
      record.visit_history(ids, [&](const MessageContent& each) { out.push_back(text_of(each)); }));
    return out;
  };
  const auto before = texts();
  ASSERT_EQ(before.size(), 11U);
  Batch batch;
  record.tables().messages.erase_range(batch, *home_of(id_), key_bytes(id_));
  testing::commit_now(*store, std::move(batch));
  EXPECT_EQ(texts(), before);
  record.forget();
  EXPECT_TRUE(texts().empty());
}

TEST_F(HistoryTest, ACorrectedMessage) {
  ASSERT_TRUE(say("my name is Ada"));
  ASSERT_TRUE(correct(stored().at(1), "my name is Grace"));
  EXPECT_EQ(compare("who am I?").at(1).second, "my name is Grace");
}

TEST_F(HistoryTest, AMessageThatIsCorrectedWhileTheModelIsSilent) {
  ASSERT_TRUE(say("my name is Ada"));
  const auto before = std::exchange(
    model_.answering, [](const LlmRequest&) { return std::optional<Result<Completion>>{}; });
  caf::scoped_actor self{system};
  auto asked =
    self->request(services.router, caf::infinite, Routed{id_, "org-1", "user-1", message("wait")});
  run();
  ASSERT_EQ(model_.silent.size(), 1U);
  ASSERT_TRUE(correct(stored().at(1), "my name is Grace"));
  CancelRuns cancel;
  cancel.agent_id = id_;
  ASSERT_TRUE(ask_router(id_, cancel));
  asked.receive([](const Answer&) {}, [](const caf::error&) { ADD_FAILURE(); });
  model_.answering = before;
  const Told seen = compare("who am I?");
  EXPECT_EQ(seen.at(1).second, "my name is Grace");
  EXPECT_EQ(seen.at(3).second, "wait");
}

TEST_F(HistoryTest, AfterAReset) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(say("part " + std::to_string(i)));
  ResetMessages reset;
  reset.agent_id = id_;
  ASSERT_TRUE(ask_router(id_, reset));
  EXPECT_EQ(compare("hello").size(), 2U);
}

TEST_F(HistoryTest, AfterACompaction) {
  for (int i = 0; i < 6; ++i) compare("part " + std::to_string(i) + std::string(2'000, '.'));
  CompactMessages request;
  request.agent_id = id_;
  request.compaction_settings = RawJson{R"({"mode":"all"})"};
  ASSERT_TRUE(ask_router(id_, request));
  EXPECT_EQ(compare("hello").size(), 3U);  // system, summary, this
}

TEST_F(HistoryTest, WithAnEditedBlock) {
  ASSERT_TRUE(say("hello"));
  ModifyAgentBlock edit;
  edit.agent_id = id_;
  edit.block_label = "human";
  edit.value = "Name: Grace";
  ASSERT_TRUE(ask_router(id_, edit));
  EXPECT_NE(compare("who am I?").at(0).second.find("Name: Grace"), std::string::npos);
}

TEST_F(HistoryTest, WithToolsThatHaveRun) {
  int calls = 0;
  model_.answering = [&](const LlmRequest&) -> std::optional<Result<Completion>> {
    if (++calls % 2 == 0) return text("done");
    return call_of("memory_insert", R"({"label":"human","new_string":"x"})");
  };
  compare("note this");
  compare("note that");
  EXPECT_EQ(calls, 4);
}

TEST_F(HistoryTest, OfThreadsThatShareMessages) {
  ASSERT_TRUE(say("in common"));
  const std::string first = fork("default");
  compare("only in the first", first);
  const std::string second = fork(first);
  EXPECT_EQ(compare("only in the second", second).size(), 6U);
  EXPECT_EQ(compare("in the default thread").size(), 4U);

  // What the threads share passes to the forks when the default one starts again.
  ResetMessages reset;
  reset.agent_id = id_;
  ASSERT_TRUE(ask_router(id_, reset));
  EXPECT_EQ(compare("still here?", first).at(1).second, "in common");
  const Message shared = stored(second).at(1);
  ASSERT_TRUE(correct(shared, "corrected"));
  EXPECT_EQ(compare("and here?", second).at(1).second, "corrected");
  DeleteConversation gone;
  gone.conversation_id = first;
  ASSERT_TRUE(ask_router(first, gone));
  compare("and now?", second);
  compare("and in the default thread?");
}

TEST_F(HistoryTest, AfterARunThatFailed) {
  ASSERT_TRUE(say("hello"));
  const auto before = std::exchange(model_.answering, [](const LlmRequest&) {
    return std::optional{Result<Completion>{Error{Errc::llm_connection, "refused", "llm"}}};
  });
  ASSERT_FALSE(say("lost"));
  model_.answering = before;
  EXPECT_EQ(compare("again").size(), 4U);  // what failed is not in the context
}

TEST_F(HistoryTest, AfterAStepThatWasNotStored) {
  ASSERT_TRUE(say("hello"));
  log.outcomes = {std::nullopt, AppendOutcome::full};
  ASSERT_FALSE(say("one more"));
  // The next request first ends what was left.
  EXPECT_EQ(compare("again").size(), 6U);
}

}  // namespace
}  // namespace reverie
