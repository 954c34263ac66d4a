#include "runtime/memory/message_search.hpp"

#include "config/json.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/tools/native_tool.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

class Messages final : public MessageSource {
 public:
  void add(std::string role, std::string text, const char* at) {
    Message message;
    message.role = std::move(role);
    message.content = {{"text", std::move(text), "", {}}};
    message.created_at = *from_rfc3339(at);
    add(std::move(message));
  }
  void add(Message message) { oldest_first_.push_back(std::move(message)); }

  Status visit_newest_first(const std::function<bool(const Message&)>& visit) const override {
    if (is_broken) return Error{Errc::corruption, "a message does not decode", ""};
    for (auto it = oldest_first_.rbegin(); it != oldest_first_.rend(); ++it)
      if (!visit(*it)) break;
    return {};
  }

  bool is_broken = false;

 private:
  std::vector<Message> oldest_first_;
};

std::vector<std::string> found(const Messages& messages, const MessageQuery& query) {
  const auto result = search_messages(messages, query);
  std::vector<std::string> out;
  for (const FoundMessage& each : result->found) out.push_back(each.text);
  return out;
}

MessageQuery words(std::string text) {
  MessageQuery query;
  query.text = std::move(text);
  return query;
}

using Texts = std::vector<std::string>;

Messages conversation() {
  Messages messages;
  messages.add("system", "Tea is in the prompt", "2026-11-18T09:00:00Z");
  messages.add("user", "I like green tea", "2026-11-19T09:00:00Z");
  messages.add("assistant", "Noted: Green Tea.", "2026-11-20T09:00:00Z");
  messages.add("user", packaged_heartbeat("tea", {}, "UTC"), "2026-11-20T10:00:00Z");
  messages.add("user", "Ich mag \xc3\x96l im Tee", "2026-11-21T21:00:00Z");
  return messages;
}

TEST(MessageSearch, FindsMessagesThatHoldAllWordsNewestFirst) {
  EXPECT_EQ(found(conversation(), words("TEA green")),
            (Texts{"Noted: Green Tea.", "I like green tea"}));
  EXPECT_EQ(found(conversation(), words("black tea")), Texts{});
}

TEST(MessageSearch, SeesNoCaseInAnyScript) {
  EXPECT_EQ(found(conversation(), words("\xc3\xb6L")), (Texts{"Ich mag \xc3\x96l im Tee"}));
}

TEST(MessageSearch, ChoosesByRoleAndNumber) {
  MessageQuery query = words("tea");
  query.roles = {"user"};
  EXPECT_EQ(found(conversation(), query), Texts{"I like green tea"});
  query = words("");
  query.results_max = 2;
  EXPECT_EQ(found(conversation(), query), (Texts{"Ich mag \xc3\x96l im Tee", "Noted: Green Tea."}));
}

TEST(MessageSearch, FindsWhatOlderAgentsSaidAndNoSearches) {
  Messages messages;
  Message speech;
  speech.role = "assistant";
  speech.tool_calls = {{"call_1", "send_message", R"({"message":"tea is ready"})"}};
  messages.add(speech);
  Message search;
  search.role = "assistant";
  search.tool_calls = {{"call_2", "conversation_search", R"({"query":"tea"})"}};
  search.content = {{"text", "looking for tea", "", {}}};
  messages.add(search);
  Message result;
  result.role = "tool";
  result.tool_returns = {{"call_2", "conversation_search", "success", "tea", {}, {}}};
  messages.add(result);
  EXPECT_EQ(found(messages, words("tea")), Texts{"tea is ready"});
}

TEST(MessageSearch, LooksAtToolReturnsWhenAskedTo) {
  Messages messages;
  Message result;
  result.role = "tool";
  result.tool_returns = {{"call_1", "brew", "success", "tea is ready", {}, {}}};
  messages.add(result);
  EXPECT_EQ(found(messages, words("tea")), Texts{});
  MessageQuery query = words("tea");
  query.roles = {"tool"};
  EXPECT_EQ(found(messages, query), Texts{"tea is ready"});
}

TEST(MessageSearch, StopsAtItsBoundAndSaysSo) {
  MessageQuery query = words("green");
  query.visited_max = 2;
  const auto result = *search_messages(conversation(), query);
  EXPECT_TRUE(result.found.empty());
  EXPECT_FALSE(result.is_complete);
  EXPECT_TRUE(search_messages(conversation(), words("green"))->is_complete);
}

TEST(MessageSearch, GivesTheErrorOfItsSource) {
  Messages messages;
  messages.is_broken = true;
  const auto result = search_messages(messages, words("tea"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::corruption);
}

class ConversationSearch : public ::testing::Test {
 protected:
  ToolOutcome run(const Json& arguments, const MessageSource* source) {
    NativeToolContext context{memory,
                              source,
                              random,
                              *from_rfc3339("2026-11-21T21:00:03Z"),
                              "agent-2f6c81d4-0000-4000-8000-000000000000",
                              "org-1",
                              "Europe/Berlin",
                              100};
    return run_native_tool("conversation_search", arguments, context);
  }
  CoreMemory memory;
  SeededRandom random{1};
  Messages messages = conversation();
};

TEST_F(ConversationSearch, ShowsWhatItFound) {
  const ToolOutcome outcome = run({{"query", "\xc3\x96l"}}, &messages);
  EXPECT_FALSE(outcome.is_error);
  EXPECT_EQ(outcome.text,
            R"({"message":"Showing 1 result:","results":[{"timestamp":)"
            R"("2026-11-21T22:00:00.000000+01:00","time_ago":"3s ago","role":"user",)"
            "\"relevance\":{\"search_mode\":\"text\"},\"content\":\"Ich mag \xc3\x96l im Tee\"}]}");
}

TEST_F(ConversationSearch, ADateAloneIncludesItsWholeDay) {
  // 21:00 UTC on the 21st is 22:00 in Berlin, still that day.
  EXPECT_NE(run({{"start_date", "2026-11-21"}, {"end_date", "2026-11-21"}}, &messages)
              .text.find("Showing 1 result"),
            std::string::npos);
  EXPECT_NE(
    run({{"end_date", "2026-11-20"}, {"query", "tea"}}, &messages).text.find("Showing 2 results"),
    std::string::npos);
}

TEST_F(ConversationSearch, ABadDateIsAnErrorThatNamesTheForm) {
  const ToolOutcome outcome = run({{"start_date", "yesterday"}}, &messages);
  EXPECT_TRUE(outcome.is_error);
  EXPECT_NE(outcome.text.find("YYYY-MM-DD"), std::string::npos);
}

TEST_F(ConversationSearch, NothingFoundIsNoError) {
  const char* const nothing = R"({"message":"No results found.","results":[]})";
  EXPECT_EQ(run({{"query", "zebra"}}, &messages).text, nothing);
  EXPECT_EQ(run({{"query", "tea"}}, nullptr).text, nothing);
}

}  // namespace
}  // namespace reverie
