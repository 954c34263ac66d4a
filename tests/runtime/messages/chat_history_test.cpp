#include "runtime/messages/chat_history.hpp"

#include "config/random.hpp"
#include "runtime/messages/packaged.hpp"
#include "tests/support/history_validator.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

const Timestamp noon = *from_rfc3339("2026-11-21T12:00:00Z");

Message stored(std::string role, std::string text = "") {
  Message message;
  message.role = std::move(role);
  if (!text.empty()) message.content = {{"text", std::move(text), "", {}}};
  message.created_at = noon;
  return message;
}

Message calling(std::vector<StoredToolCall> calls) {
  Message message = stored("assistant");
  message.tool_calls = std::move(calls);
  return message;
}

Message returning(std::vector<StoredToolReturn> returns) {
  Message message = stored("tool");
  message.tool_returns = std::move(returns);
  return message;
}

StoredToolReturn ok(std::string id, std::string text = "done") {
  return {std::move(id), "f", "success", std::move(text), {}, {}};
}

std::vector<ChatMessage> history(const std::vector<Message>& messages,
                                 ChatHistoryOptions options = {}) {
  auto out = chat_history(messages, options);
  EXPECT_EQ(testing::first_fault(out), "");
  return out;
}

ContentPart image_part() {
  ContentPart part;
  part.type = "image";
  part.source = RawJson(R"({"type":"letta","media_type":"image/png","data":"iVBORw0KGgoAAAAA"})");
  return part;
}

TEST(ChatHistory, KeepsImagesWhereTheyStood) {
  Message looked = stored("user", "before");
  looked.content.push_back(image_part());
  looked.content.push_back({"text", "behind", "", {}});
  Message alone = stored("user");
  alone.content = {image_part()};
  Message lost = stored("user");
  lost.content = {ContentPart{"image", "", "", RawJson("{}")}};
  const auto out = history({stored("system", "Be kind."), looked, alone, lost});
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[1].text, "before\nbehind");
  ASSERT_EQ(out[1].parts.size(), 3U);
  EXPECT_EQ(out[1].parts[0].text, "before");
  EXPECT_EQ(out[1].parts[1].image, (ChatImage{"image/png", "iVBORw0KGgoAAAAA", ""}));
  EXPECT_EQ(out[1].parts[2].text, "behind");
  ASSERT_EQ(out[2].parts.size(), 1U);
}

TEST(ChatHistory, AToolsImagesStandBehindItsText) {
  StoredToolReturn shot = ok("call_1", "a screenshot");
  shot.parts = RawJson(R"([{"type":"text","text":"a screenshot"},{"type":"image","source":)"
                       R"({"type":"base64","media_type":"x","data":"iVBORw0KGgoAAAAA"}},5,)"
                       R"({"type":"image","source":{"type":"url","url":"https://x"}}])");
  const auto out = history({stored("system", "Be kind."), stored("user", "look"),
                            calling({{"call_1", "f", "{}"}}), returning({shot})});
  ASSERT_EQ(out[3].tool_results[0].images.size(), 1U);
  EXPECT_NE(out[3].tool_results[0].text.find("a screenshot"), std::string::npos);
}

TEST(ChatHistory, TurnsAnOrdinaryTurnIntoWhatTheModelSaw) {
  const auto out = history({stored("system", "Be kind."), stored("user", "hello"),
                            calling({{"call_1", "memory_insert", R"({"label": "human"})"}}),
                            returning({ok("call_1", "Name: Ada.")}), stored("assistant", "noted")});
  ASSERT_EQ(out.size(), 5U);
  EXPECT_EQ(out[0].role, ChatRole::system);
  EXPECT_EQ(out[1].text, "hello");
  EXPECT_EQ(out[2].tool_calls[0], (ToolCall{"call_1", "memory_insert", R"({"label": "human"})"}));
  EXPECT_EQ(out[3].tool_results[0].text,
            "{\n  \"status\": \"OK\",\n  \"message\": \"Name: Ada.\",\n"
            "  \"time\": \"2026-11-21 12:00:00 PM UTC+0000\"\n}");
  EXPECT_EQ(out[4].text, "noted");
}

TEST(ChatHistory, PackagesFailuresAndObjectsInTheAgentsTimezone) {
  StoredToolReturn failed = ok("call_1", "no such label");
  failed.status = "error";
  const auto out = history({calling({{"call_1", "f", "{}"}, {"call_2", "g", "{}"}}),
                            returning({failed, ok("call_2", R"({"b":1,"a":2})")})},
                           {.model = "", .timezone = "Asia/Kolkata"});
  EXPECT_TRUE(out[1].tool_results[0].is_error);
  EXPECT_EQ(out[1].tool_results[0].text,
            "{\n  \"status\": \"Failed\",\n  \"message\": \"no such label\",\n"
            "  \"time\": \"2026-11-21 05:30:00 PM IST+0530\"\n}");
  EXPECT_NE(out[1].tool_results[1].text.find(R"("message": {"b":1,"a":2},)"), std::string::npos);
}

TEST(ChatHistory, ACallWithoutAReturnGetsAnError) {
  const auto out = history({calling({{"call_1", "f", "{}"}, {"call_2", "g", "{}"}}),
                            returning({ok("call_2")}), stored("assistant", "hm")});
  ASSERT_EQ(out.size(), 3U);
  EXPECT_TRUE(out[1].tool_results[0].is_error);
  EXPECT_FALSE(out[1].tool_results[1].is_error);
}

TEST(ChatHistory, AReturnWithoutACallIsDroppedAndOfTwoTheFirstCounts) {
  const auto out = history({stored("user", "hi"), returning({ok("call_9")}),
                            calling({{"call_1", "f", "{}"}, {"call_2", "f", "{}"}}),
                            returning({ok("call_1", "first"), ok("call_1", "second")}),
                            returning({ok("call_2")})});
  ASSERT_EQ(out.size(), 3U);
  EXPECT_NE(out[2].tool_results[0].text.find("first"), std::string::npos);
}

TEST(ChatHistory, WhatCameBetweenACallAndItsReturnComesAfter) {
  const auto out = history({calling({{"call_1", "f", "{}"}}), stored("user", "hurry"),
                            returning({ok("call_1")}), stored("assistant", "yes")});
  ASSERT_EQ(out.size(), 4U);
  EXPECT_FALSE(out[1].tool_results[0].is_error);
  EXPECT_EQ(out[2].text, "hurry");
}

TEST(ChatHistory, ReplaysThoughtsOnlyToTheModelThatHadThem) {
  Message message = stored("assistant");
  message.content = {
    {"reasoning", "hm", "sig", {}}, {"redacted_reasoning", "xyz", "", {}}, {"text", "so", "", {}}};
  message.model = "anthropic/claude";
  const auto same = history({message}, {.model = "anthropic/claude"});
  ASSERT_EQ(same[0].reasoning.size(), 2U);
  EXPECT_EQ(same[0].reasoning[0], (Reasoning{"hm", "sig", ""}));
  EXPECT_EQ(same[0].reasoning[1], (Reasoning{"", "", "xyz"}));
  EXPECT_TRUE(history({message}, {.model = "openai/gpt"})[0].reasoning.empty());
}

TEST(ChatHistory, LeavesOutWhatSaysNothing) {
  Message thought = stored("assistant");
  thought.content = {{"reasoning", "hm", "", {}}};
  EXPECT_EQ(
    history({stored("user", " \n"), thought, stored("assistant"), stored("odd", "x")}).size(), 0U);
}

TEST(ChatHistory, CapsALongReturnInTheRequest) {
  const std::string long_text(60'000, 'x');
  const auto out = history({calling({{"call_1", "f", "{}"}}), returning({ok("call_1", long_text)})},
                           {.model = "", .context_window = 8'000});  // 6400 characters
  const std::string& text = out[1].tool_results[0].text;
  EXPECT_NE(text.find("... [truncated 53600 chars]"), std::string::npos);
  EXPECT_LT(text.size(), 6'600U);
  EXPECT_GT(history({calling({{"call_1", "f", "{}"}}), returning({ok("call_1", long_text)})})[1]
              .tool_results[0]
              .text.size(),
            60'000U);
}

TEST(ChatHistory, MakesNamesAndIdsFitAndUnique) {
  Message named = stored("user", "hi");
  named.name = "Ada L";
  Message plain = stored("user", "hi");
  plain.name = "Ada";
  const auto out = history({named, plain, calling({{"0", "räum auf", "[1]"}}), returning({ok("0")}),
                            calling({{"0", "", "{}"}}), returning({ok("0")}),
                            calling({{std::string(80, 'i'), "f", "{}"}})});
  EXPECT_EQ(out[0].name, "");
  EXPECT_EQ(out[1].name, "Ada");
  EXPECT_EQ(out[2].tool_calls[0], (ToolCall{"0", "r__um_auf", "{}"}));
  EXPECT_EQ(out[4].tool_calls[0], (ToolCall{"0_2", "unknown", "{}"}));
}

// An Anthropic request holds the arguments as they are.
TEST(ChatHistory, ArgumentsThatAreNotOnlyAnObjectAreLeftOut) {
  const std::string deep = "{\"a\":" + std::string(300, '[') + std::string(300, ']') + "}";
  for (const std::string& text : {std::string("{}\0,\"role\":1", 12), deep, std::string("{}{}")})
    EXPECT_EQ(history({calling({{"call_1", "f", text}})})[0].tool_calls[0].arguments, "{}");
}

TEST(ChatHistory, TakesAnyWindow) {
  const auto out =
    history({calling({{"call_1", "f", "{}"}}), returning({ok("call_1")})},
            {.model = "", .context_window = std::numeric_limits<std::int64_t>::max()});
  EXPECT_EQ(out.size(), 2U);
}

// Some local servers give every call the same id.
TEST(ChatHistory, FindsIdsForManyCallsOfOneId) {
  std::vector<Message> messages;
  for (int i = 0; i < 10'000; ++i) {
    messages.push_back(calling({{"call_0", "f", "{}"}}));
    messages.push_back(returning({ok("call_0")}));
  }
  EXPECT_EQ(history(messages).back().tool_results[0].tool_call_id, "call_0_10000");
}

TEST(ChatHistory, LaterSystemMessagesAndSummariesComeFromTheUser) {
  const auto out = history(
    {stored("system", "Be kind."), stored("summary", "They met."), stored("system", "Hush.")});
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[1].role, ChatRole::user);
  EXPECT_EQ(out[2].role, ChatRole::user);
  EXPECT_NE(out[2].text.find("Hush."), std::string::npos);
}

TEST(ChatHistory, ACallThatWaitsForApprovalJoinsItsSiblings) {
  Message approval = calling({{"call_2", "g", "{}"}});
  approval.role = "approval";
  const auto out = history({calling({{"call_1", "f", "{}"}}), approval,
                            returning({ok("call_2"), ok("call_1")}), stored("assistant", "yes")});
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].tool_calls.size(), 2U);
}

// Any list of messages, with few ids so that they collide, and with what no server would write.
std::vector<Message> random_messages(Random& random) {
  const auto pick = [&](std::uint64_t count) { return random.next() % count; };
  const char* const roles[] = {"system", "user",     "assistant", "assistant", "tool",
                               "tool",   "approval", "summary",   ""};
  const char* const texts[] = {"", " ", "hello", "{\n  \"type\": \"heartbeat\"", "\xff\xfe"};
  const char* const ids[] = {"call_1", "call_2", "call_3", "", "sch\xc3\xb6n/\x01"};
  const char* const argument_texts[] = {"{}", "", "{", "[]", R"({"a":1})", "null"};
  std::vector<Message> out;
  for (std::uint64_t i = pick(12); i > 0; --i) {
    Message message = stored(roles[pick(std::size(roles))], texts[pick(std::size(texts))]);
    message.model = pick(2) == 0 ? "a/b" : "c/d";
    if (pick(3) == 0) message.content.push_back({"reasoning", "hm", "", {}});
    for (std::uint64_t k = pick(4); k > 0; --k)
      message.tool_calls.push_back({ids[pick(std::size(ids))], ids[pick(std::size(ids))],
                                    argument_texts[pick(std::size(argument_texts))]});
    for (std::uint64_t k = pick(4); k > 0; --k)
      message.tool_returns.push_back(ok(ids[pick(std::size(ids))], texts[pick(std::size(texts))]));
    out.push_back(std::move(message));
  }
  return out;
}

TEST(ChatHistory, IsValidForEveryProviderWhateverIsStored) {
  const std::uint64_t seed = SystemRandom().next();
  SeededRandom random(seed);
  for (int i = 0; i < 4'000; ++i) {
    const auto messages = random_messages(random);
    const auto out = chat_history(messages, {.model = "a/b", .context_window = 100});
    ASSERT_EQ(testing::first_fault(out), "") << "round " << i << ", seed " << seed;
  }
}

TEST(ChatHistory, ALongerHistoryBeginsWithTheShorterOne) {
  SeededRandom random(7);
  std::vector<Message> messages{stored("system", "Be kind.")};
  std::vector<ChatMessage> before = history(messages);
  for (int i = 0; i < 20; ++i) {
    const std::string id = "call_" + std::to_string(i);
    messages.push_back(stored("user", "question " + std::to_string(i)));
    messages.push_back(calling({{id, "f", "{}"}}));
    messages.push_back(returning({ok(id)}));
    messages.push_back(stored("assistant", "answer"));
    const std::vector<ChatMessage> now = history(messages);
    for (std::size_t k = 0; k < before.size(); ++k) EXPECT_EQ(now[k].text, before[k].text);
    before = now;
  }
}

}  // namespace
}  // namespace reverie
