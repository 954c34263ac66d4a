#include "runtime/compaction/compaction.hpp"

#include "runtime/compaction/cut.hpp"
#include "runtime/compaction/transcript.hpp"
#include "runtime/messages/packaged.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace reverie {
namespace {

Message said(std::string role, std::string text, std::int64_t number) {
  Message message;
  message.role = std::move(role);
  message.sequence_id = number;
  ContentPart part;
  part.text = std::move(text);
  message.content.push_back(std::move(part));
  return message;
}

// system, then user and assistant in turn; each of `size` bytes.
std::vector<Message> talk(std::size_t turns, std::size_t size) {
  std::vector<Message> out{said("system", "You are an agent.", 1)};
  for (std::size_t i = 0; i < turns; ++i) {
    const auto number = static_cast<std::int64_t>(out.size() + 1);
    out.push_back(said("user", "q" + std::to_string(i) + std::string(size, 'x'), number));
    out.push_back(said("assistant", "a" + std::to_string(i) + std::string(size, 'y'), number + 1));
  }
  return out;
}

CompactionInput input_of(std::vector<Message> context, std::string mode = "sliding_window") {
  CompactionInput input;
  input.context = std::move(context);
  input.settings.mode = std::move(mode);
  input.agent_model.context_window = 2000;
  input.agent_model.model = "own";
  input.agent_model_handle = "p/own";
  input.agent_model.reasoning_enabled = true;
  input.summariser = input.agent_model;
  input.summariser.model = "small";
  input.tools = {{"a_tool", "does", RawJson{"{}"}}};
  return input;
}

Completion text(std::string words) {
  Completion completion;
  completion.text = std::move(words);
  return completion;
}

const Error overflow{Errc::llm_context_window, "too long", ""};

TEST(Compaction, ASlidingWindowKeepsTheNewerMessagesAsTheyAre) {
  Compaction compaction(input_of(talk(10, 50)));
  const auto call = compaction.next_call();
  ASSERT_TRUE(call);
  EXPECT_FALSE(call->is_agents_own_model);
  EXPECT_EQ(call->request.model.model, "small");
  EXPECT_FALSE(call->request.model.reasoning_enabled);
  EXPECT_TRUE(call->request.tools.empty());
  EXPECT_NE(call->request.messages.back().text.find("q0"), std::string::npos);
  EXPECT_EQ(call->request.messages.back().text.find("a9"), std::string::npos);
  compaction.on_answer(text("they talked"));
  EXPECT_FALSE(compaction.next_call());
  const Compacted result = compaction.result();
  EXPECT_TRUE(result.is_summarised);
  EXPECT_EQ(result.summary, "they talked");
  // 21 messages: round(0.4 * 21) = 8, the answer at index 8 is the first that stays.
  EXPECT_EQ(result.evicted, (std::vector<std::int64_t>{2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(result.messages_before, 21);
  EXPECT_EQ(result.messages_after, 15);
  EXPECT_LT(result.tokens_after, result.tokens_before);
}

TEST(Compaction, AllLeavesTheSystemMessageAndTheSummary) {
  Compaction compaction(input_of(talk(3, 50), "all"));
  ASSERT_TRUE(compaction.next_call());
  compaction.on_answer(text("all of it"));
  EXPECT_FALSE(compaction.next_call());
  EXPECT_EQ(compaction.result().evicted.size(), 6U);
  EXPECT_EQ(compaction.result().messages_after, 2);
}

TEST(Compaction, TheAgentsOwnModelIsAskedWithItsHistoryAndItsTools) {
  auto context = talk(3, 50);
  context.push_back(said("user", "the last words", 8));
  Compaction compaction(input_of(std::move(context), "self_compact_all"));
  const auto call = compaction.next_call();
  ASSERT_TRUE(call && call->is_agents_own_model);
  const auto& messages = call->request.messages;
  EXPECT_EQ(call->request.model.model, "own");
  EXPECT_EQ(call->request.tools.size(), 1U);
  EXPECT_EQ(call->request.tool_choice, ToolChoice::none);
  EXPECT_EQ(messages.front().text, "You are an agent.");
  EXPECT_EQ(messages[messages.size() - 2].role, ChatRole::assistant);
  EXPECT_EQ(messages[messages.size() - 3].text, "the last words");
}

TEST(Compaction, AModeThatFailsFallsBackToTheNextOne) {
  Compaction compaction(input_of(talk(10, 50), "self_compact_all"));
  auto call = compaction.next_call();
  ASSERT_TRUE(call && call->is_agents_own_model);
  const std::size_t all = call->request.messages.size();
  compaction.on_failure(overflow);
  call = compaction.next_call();  // the agent's own model, with the head alone
  ASSERT_TRUE(call && call->is_agents_own_model);
  EXPECT_LT(call->request.messages.size(), all);
  compaction.on_answer(text(" "));  // empty: no summary
  call = compaction.next_call();
  ASSERT_TRUE(call);
  EXPECT_FALSE(call->is_agents_own_model);
  compaction.on_answer(text("at last"));
  EXPECT_FALSE(compaction.next_call());
  EXPECT_EQ(compaction.result().messages_after, 2);
}

TEST(Compaction, ATranscriptThatIsTooLongIsShortenedTwice) {
  auto context = talk(3, 50);
  Message returned;
  returned.role = "tool";
  returned.tool_returns = {{"c", "search", "success", std::string(20'000, 'z'), {}, {}}};
  context.push_back(returned);
  Compaction compaction(input_of(std::move(context), "all"));
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 3; ++i) {
    const auto call = compaction.next_call();
    ASSERT_TRUE(call);
    sizes.push_back(call->request.messages.back().text.size());
    compaction.on_failure(overflow);
  }
  EXPECT_GT(sizes[0], 20'000U);
  EXPECT_LT(sizes[1], 8'000U);
  EXPECT_LT(sizes[2], sizes[1]);
  EXPECT_FALSE(compaction.next_call());
  EXPECT_FALSE(compaction.result().is_summarised);
}

TEST(Compaction, WithoutAnySummaryTheContextIsSmallerAllTheSame) {
  auto context = talk(10, 50);
  context[1] = said("summary", packaged_summary("Ada likes tea.", RawJson{"{}"}, {}, "UTC"), 2);
  Compaction compaction(input_of(std::move(context)));
  ASSERT_TRUE(compaction.next_call());
  compaction.on_failure({Errc::llm_connection, "connection refused", ""});
  EXPECT_FALSE(compaction.next_call()) << "a model that is down is not asked in another way";
  const Compacted result = compaction.result();
  EXPECT_FALSE(result.is_summarised);
  EXPECT_EQ(result.evicted.size(), 7U);
  EXPECT_TRUE(result.summary.starts_with("6 earlier messages")) << result.summary;
  EXPECT_NE(result.summary.find("connection refused"), std::string::npos);
  EXPECT_NE(result.summary.find("Ada likes tea."), std::string::npos);
  EXPECT_NE(result.summary.find("q3"), std::string::npos);
}

TEST(Compaction, NobodyWhoWritesSummariesIsNobodyToWaitFor) {
  CompactionInput input = input_of(talk(5, 50));
  input.has_summariser = false;
  Compaction compaction(std::move(input));
  EXPECT_FALSE(compaction.next_call());
  EXPECT_FALSE(compaction.result().evicted.empty());
}

TEST(Compaction, TheLastForceTakesAllWithoutAModel) {
  CompactionInput input = input_of(talk(5, 50));
  input.force = CompactionForce::without_summary;
  Compaction compaction(std::move(input));
  EXPECT_FALSE(compaction.next_call());
  EXPECT_EQ(compaction.result().messages_after, 2);
}

TEST(Compaction, ARestThatIsStillTooMuchIsSummarisedToo) {
  CompactionInput input = input_of(talk(10, 50));
  input.other_bytes = 8000;  // tools: over the window of 2000 tokens by themselves
  Compaction compaction(std::move(input));
  ASSERT_TRUE(compaction.next_call());
  compaction.on_answer(text("the older part"));
  const auto call = compaction.next_call();
  ASSERT_TRUE(call);
  EXPECT_NE(call->request.messages.back().text.find("the older part"), std::string::npos);
  compaction.on_answer(text("all of it"));
  EXPECT_FALSE(compaction.next_call());
  EXPECT_EQ(compaction.result().messages_after, 2);
  EXPECT_EQ(compaction.result().summary, "all of it");
}

TEST(Compaction, ASummaryIsClipped) {
  CompactionInput input = input_of(talk(3, 50), "all");
  input.settings.clip_chars = 10;
  Compaction compaction(std::move(input));
  ASSERT_TRUE(compaction.next_call());
  compaction.on_answer(text(std::string(100, 's')));
  EXPECT_TRUE(compaction.result().summary.starts_with("ssssssssss... ["));
}

TEST(Compaction, ASummaryNeverFillsTheWindowAgain) {
  Compaction compaction(input_of(talk(3, 50), "all"));
  ASSERT_TRUE(compaction.next_call());
  compaction.on_answer(text(std::string(40'000, 's')));
  EXPECT_LT(compaction.result().summary.size(), 2'000U);
}

TEST(Compaction, APromptOfTheSettingsReplacesOurs) {
  CompactionInput input = input_of(talk(3, 50), "all");
  input.settings.prompt = "Only the names, please.";
  Compaction compaction(std::move(input));
  const auto call = compaction.next_call();
  ASSERT_TRUE(call);
  EXPECT_TRUE(call->request.messages.back().text.ends_with("Only the names, please."));
}

TEST(Compaction, AnEarlierSummaryAloneIsNothingToDo) {
  std::vector<Message> context{said("system", "s", 1)};
  EXPECT_FALSE(has_evictable(context));
  context.push_back(said("summary", "what was", 2));
  EXPECT_FALSE(has_evictable(context));
  context.push_back(
    said("user", packaged_summary("more", RawJson{R"({"trigger":"manual"})"}, {}, "UTC"), 3));
  EXPECT_FALSE(has_evictable(context));
  context.push_back(said("user", "hello", 4));
  EXPECT_TRUE(has_evictable(context));
}

TEST(Compaction, ACallThatWaitsForApprovalStaysWithItsSibling) {
  auto context = talk(2, 10);
  Message sibling = said("assistant", "both", 6);
  sibling.step_id = "step-1";
  Message pending = said("approval", "", 7);
  pending.step_id = "step-1";
  pending.tool_calls = {{"c", "t", "{}"}};
  context.push_back(sibling);
  context.push_back(pending);
  EXPECT_EQ(first_kept(context), 5U);
  Compaction compaction(input_of(context, "all"));
  ASSERT_TRUE(compaction.next_call());
  compaction.on_answer(text("sum"));
  EXPECT_EQ(compaction.result().evicted, (std::vector<std::int64_t>{2, 3, 4, 5}));
}

TEST(SlidingCut, MovesOnUntilTheRestIsSmallEnough) {
  const auto context = talk(10, 10);  // 21
  const auto tokens = [](std::size_t index) { return static_cast<std::int64_t>(21 - index) * 10; };
  EXPECT_EQ(sliding_cut(context, 0.3, 1000, tokens), 8U);  // 130 < 700
  EXPECT_EQ(sliding_cut(context, 0.3, 130, tokens), 12U);  // 130 >= 91; at 10: 110; at 12: 90
  EXPECT_EQ(sliding_cut(context, 0.3, 20, tokens), std::nullopt);
  EXPECT_EQ(sliding_cut(context, 1.0, 1000, tokens), std::nullopt);
}

TEST(SlidingCut, IsInFrontOfAnAnswerOrNowhere) {
  std::vector<Message> context{said("system", "s", 1)};
  for (int i = 0; i < 10; ++i) context.push_back(said("user", "u", i + 2));
  EXPECT_EQ(sliding_cut(context, 0.3, 1000, [](std::size_t) { return 0; }), std::nullopt);
}

TEST(Transcript, SaysWhoSaidWhat) {
  Message answer = said("assistant", "let me see", 2);
  answer.tool_calls = {{"c", "search", R"({"query":"tea"})"}};
  Message returned;
  returned.role = "tool";
  returned.tool_returns = {{"c", "search", "error", "nothing", {}, {}}};
  const std::vector<Message> messages{said("user", "tea?", 1), answer, returned};
  EXPECT_EQ(transcript(messages, 0),
            "[user]\ntea?\n\n[assistant]\nlet me see\n\n[assistant calls search]\n"
            "{\"query\":\"tea\"}\n\n[search failed with]\nnothing\n\n");
}

TEST(Transcript, TheMiddleGoesAtWholeCharacters) {
  EXPECT_EQ(cut_middle("short", 10), "short");
  const std::string umlauts = "ääääääääää";
  const std::string cut = cut_middle(umlauts, 10);
  EXPECT_TRUE(cut.starts_with("ää\n[... "));
  EXPECT_TRUE(cut.ends_with(" bytes left out ...]\nää"));
}

TEST(TokenScale, IsAGuessWithAMarginUntilAProviderHasCounted) {
  EXPECT_EQ(TokenScale().tokens(4000), 1300);
  EXPECT_EQ(TokenScale().tokens_at_least(4000), 1000);
  const TokenScale measured(500, 4000);
  EXPECT_EQ(measured.tokens(8000), 1000);
  EXPECT_EQ(measured.tokens_at_least(8000), 1000);
  EXPECT_EQ(measured.bytes(1000), 8000);
  // What a provider counted is true, and what comes on top of it has no token under a byte.
  const TokenScale odd(1000, 100);
  EXPECT_EQ(odd.tokens(100), 1000);
  EXPECT_EQ(odd.tokens(150), 1050);
  EXPECT_EQ(odd.tokens(50), 500);
  EXPECT_EQ(odd.tokens_at_least(100), 25);
}

TEST(TokenEstimate, CountsEachPartOfARequest) {
  LlmRequest request;
  ChatMessage system;
  system.role = ChatRole::system;
  system.text = std::string(1000, 's');
  ChatMessage user;
  user.text = std::string(100, 'u');
  request.messages = {system, user};
  request.tools = {{"name", std::string(200, 'd'), RawJson{"{}"}}};
  const RequestBytes bytes = bytes_of(request);
  EXPECT_EQ(bytes.system, 1016);
  EXPECT_EQ(bytes.messages, 116);
  EXPECT_EQ(bytes.tools, 222);
  EXPECT_EQ(bytes.all(), 1354);
}

TEST(CompactionSettings, TheRequestSpeaksForItsOwnFieldsAlone) {
  const RawJson agent{R"({"mode":"sliding_window","prompt":"mine","clip_chars":7})"};
  auto merged = compaction_settings(agent, RawJson{R"({"sliding_window_percentage":0.5})"});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->prompt, "mine");
  EXPECT_EQ(merged->clip_chars, 7);
  EXPECT_EQ(merged->sliding_window_percentage, 0.5);
  merged = compaction_settings(agent, RawJson{R"({"mode":"all"})"});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->mode, "all");
  EXPECT_FALSE(merged->prompt);
  EXPECT_EQ(merged->clip_chars, 7);
}

TEST(CompactionSettings, WhatTheAgentHasStoredWrongCountsAsNotSaid) {
  const auto settings = compaction_settings(RawJson{R"({"mode":"mystery"})"}, {});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->mode, "sliding_window");
  EXPECT_EQ(settings->clip_chars, 50'000);
}

TEST(CompactionSettings, ARequestThatIsWrongIsRefused) {
  const auto mode = compaction_settings({}, RawJson{R"({"mode":"mystery"})"});
  ASSERT_FALSE(mode);
  EXPECT_EQ(mode.error().where, "mode");
  EXPECT_FALSE(compaction_settings({}, RawJson{R"({"sliding_window_percentage":3})"}));
  EXPECT_FALSE(compaction_settings({}, RawJson{R"({"clip_chars":-1})"}));
}

}  // namespace
}  // namespace reverie
