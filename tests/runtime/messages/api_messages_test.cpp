#include "runtime/messages/api_messages.hpp"

#include "config/json.hpp"
#include "runtime/messages/packaged.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

Message stored(std::string role, std::vector<ContentPart> content = {}) {
  Message message;
  message.id = "message-0cf68235-4776-4da7-a956-2deb8debb8b2";
  message.role = std::move(role);
  message.content = std::move(content);
  message.step_id = "step-1";
  message.run_id = "run-1";
  message.created_at = *from_rfc3339("2026-11-21T09:33:57.75Z");
  return message;
}

ContentPart text(std::string value) {
  return {"text", std::move(value), "", {}};
}
ContentPart reasoning(std::string value, std::string signature = "") {
  return {"reasoning", std::move(value), std::move(signature), {}};
}

std::string list_text(const Message& message, const ApiMessageOptions& options = {}) {
  std::string out = "[";
  append_api_messages(out, message, options);
  return out + "]";
}

Json list(const Message& message, const ApiMessageOptions& options = {}) {
  return Json::parse(list_text(message, options));
}

std::vector<std::string> types(const Json& messages) {
  std::vector<std::string> out;
  for (const Json& message : messages) out.push_back(message["message_type"]);
  return out;
}

ApiMessageOptions older_agent() {
  ApiMessageOptions options;
  options.text_is_assistant = false;
  return options;
}

TEST(ApiMessages, WritesAnAnswerMemberByMember) {
  EXPECT_EQ(list_text(stored("assistant", {text("You said: hello")})),
            R"([{"id":"message-0cf68235-4776-4da7-a956-2deb8debb8b2",)"
            R"("date":"2026-11-21T09:33:57+00:00","name":null,"message_type":"assistant_message",)"
            R"("otid":"0cf68235-4776-4da7-a956-2deb8debb880","sender_id":null,)"
            R"("step_id":"step-1","is_err":null,"seq_id":null,"run_id":"run-1",)"
            R"("content":"You said: hello"}])");
}

TEST(ApiMessages, ShowsImagesAsTheyAreStored) {
  ContentPart image;
  image.type = "image";
  image.source = RawJson(R"({"type":"letta","file_id":"file-1","data":"AAAA"})");
  const Json content = list(stored("user", {text("look"), image}))[0]["content"];
  EXPECT_EQ(content, Json::parse(R"([{"type":"text","text":"look","signature":null},{"type":"image",
      "source":{"type":"letta","file_id":"file-1","data":"AAAA"}}])"));
}

TEST(ApiMessages, ShowsThoughtThenTextThenCallsWithGrowingOtids) {
  Message message = stored("assistant", {reasoning("hm", "c2ln"), text("let me look")});
  message.tool_calls = {{"call_1", "memory_insert", R"({"label": "human"})"},
                        {"call_2", "conversation_search", "{}"}};
  const Json messages = list(message);
  EXPECT_EQ(types(messages), (std::vector<std::string>{"reasoning_message", "assistant_message",
                                                       "tool_call_message"}));
  EXPECT_EQ(messages[0]["otid"], "0cf68235-4776-4da7-a956-2deb8debb880");
  EXPECT_EQ(messages[1]["otid"], "0cf68235-4776-4da7-a956-2deb8debb881");
  EXPECT_EQ(messages[2]["otid"], "0cf68235-4776-4da7-a956-2deb8debb882");
  EXPECT_EQ(messages[0]["source"], "reasoner_model");
  EXPECT_EQ(messages[0]["signature"], "c2ln");
  EXPECT_EQ(messages[2]["tool_calls"].size(), 2U);
  EXPECT_EQ(messages[2]["tool_call"], messages[2]["tool_calls"][0]);
  EXPECT_EQ(messages[2]["tool_call"]["arguments"], R"({"label": "human"})");
}

TEST(ApiMessages, ReversesThePartsOfOneMessage) {
  Message message = stored("assistant", {reasoning("hm"), text("so")});
  message.tool_calls = {{"call_1", "f", "{}"}};
  ApiMessageOptions options;
  options.reversed = true;
  Json reversed = list(message, options);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(reversed, list(message));
}

TEST(ApiMessages, MergesAdjacentTextsAndThoughts) {
  const Json messages =
    list(stored("assistant", {reasoning("a"), reasoning("b", "s"), text("c"), text("d")}));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0]["reasoning"], "ab");
  EXPECT_EQ(messages[0]["signature"], "s");
  EXPECT_EQ(messages[1]["content"], "cd");
}

TEST(ApiMessages, ShowsHiddenThoughts) {
  const Json messages = list(stored(
    "assistant", {{"redacted_reasoning", "xyz", "", {}}, {"omitted_reasoning", "", "", {}}}));
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0]["state"], "redacted");
  EXPECT_EQ(messages[0]["hidden_reasoning"], "xyz");
  EXPECT_EQ(messages[1]["state"], "omitted");
  EXPECT_EQ(messages[1]["hidden_reasoning"], nullptr);
}

TEST(ApiMessages, AnEmptyAnswerIsNoMessage) {
  EXPECT_EQ(list_text(stored("assistant", {text("")})), "[]");
}

TEST(ApiMessages, ShowsToolReturnsWithTheFirstOneOnTop) {
  Message message = stored("tool");
  message.tool_returns = {{"call_1", "memory_insert", "success", "Name: Ada.", {}, {}},
                          {"call_2", "roll", "error", "no dice", {"out"}, {"err"}}};
  const Json messages = list(message);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0]["name"], "memory_insert");
  EXPECT_EQ(messages[0]["tool_return"], "Name: Ada.");
  EXPECT_EQ(messages[0]["stderr"], nullptr);
  ASSERT_EQ(messages[0]["tool_returns"].size(), 2U);
  EXPECT_EQ(messages[0]["tool_returns"][1]["type"], "tool");
  EXPECT_EQ(messages[0]["tool_returns"][1]["status"], "error");
  EXPECT_EQ(messages[0]["tool_returns"][1]["stdout"], Json({"out"}));
  EXPECT_EQ(messages[0]["tool_returns"][1]["stderr"], Json({"err"}));
  EXPECT_EQ(messages[0]["otid"], "0cf68235-4776-4da7-a956-2deb8debb880");
}

TEST(ApiMessages, ShowsAnObjectThatAToolReturnedAsItsJsonText) {
  Message message = stored("tool");
  message.tool_returns = {{"call_1", "f", "success", R"({"results":[]})", {}, {}}};
  EXPECT_EQ(list(message)[0]["tool_return"], R"({"results":[]})");
}

TEST(ApiMessages, KeepsTheOtidAndTextOfInput) {
  Message message = stored("user", {text("hello")});
  message.otid = "45b6fc88-0446-47d8-a0c8-d56313391fa8";
  message.name = "Ada";
  message.sender_id = "identity-1";
  const Json shown = list(message)[0];
  EXPECT_EQ(shown["message_type"], "user_message");
  EXPECT_EQ(shown["otid"], "45b6fc88-0446-47d8-a0c8-d56313391fa8");
  EXPECT_EQ(shown["content"], "hello");
  EXPECT_EQ(shown["name"], "Ada");
  EXPECT_EQ(shown["sender_id"], "identity-1");
}

TEST(ApiMessages, ShowsSeveralPartsOfInputAsAList) {
  const Json content = list(stored("user", {text("one"), text("two")}))[0]["content"];
  EXPECT_EQ(content, Json::parse(R"([{"type":"text","text":"one","signature":null},
                                     {"type":"text","text":"two","signature":null}])"));
}

TEST(ApiMessages, UnwrapsThePackagedTextOfAUserAndNothingElse) {
  EXPECT_EQ(list(stored("user", {text(R"({"type":"user_message","message":"hi"})")}))[0]["content"],
            "hi");
  const Message heartbeat = stored("user", {text(packaged_heartbeat("go on", {}, "UTC"))});
  EXPECT_EQ(list(heartbeat)[0]["content"], heartbeat.content[0].text);
  EXPECT_TRUE(is_heartbeat(heartbeat));
  EXPECT_FALSE(is_heartbeat(stored("user", {text("heartbeat")})));
}

TEST(ApiMessages, TheSystemMessageHasNoOtid) {
  Message message = stored("system", {text("You are ...")});
  message.run_id.reset();
  const Json shown = list(message)[0];
  EXPECT_EQ(shown["message_type"], "system_message");
  EXPECT_EQ(shown["otid"], nullptr);
  EXPECT_EQ(shown["run_id"], nullptr);
}

TEST(ApiMessages, ShowsASummaryWithItsTextAndItsNumbers) {
  const RawJson stats(R"({"trigger":"manual","context_window":8000})");
  const Message message =
    stored("summary", {text(packaged_summary("They talked about tea.", stats, {}, "UTC"))});
  EXPECT_EQ(list(message)[0]["message_type"], "user_message");
  ApiMessageOptions options;
  options.shows_summaries = true;
  const Json shown = list(message, options)[0];
  EXPECT_EQ(shown["message_type"], "summary_message");
  EXPECT_EQ(shown["summary"], "They talked about tea.");
  EXPECT_EQ(shown["compaction_stats"]["trigger"], "manual");
}

TEST(ApiMessages, OlderAgentsThinkInTextAndSpeakByATool) {
  Message message = stored("assistant", {text("I should greet")});
  message.tool_calls = {{"call_1", "send_message", R"({"message":"Hi!"})"}};
  const Json messages = list(message, older_agent());
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0]["message_type"], "reasoning_message");
  EXPECT_EQ(messages[0]["source"], "non_reasoner_model");
  EXPECT_EQ(messages[1]["message_type"], "assistant_message");
  EXPECT_EQ(messages[1]["content"], "Hi!");
  EXPECT_EQ(messages[1]["otid"], "0cf68235-4776-4da7-a956-2deb8debb881");

  Message result = stored("tool");
  result.tool_returns = {{"call_1", "send_message", "success", "Sent", {}, {}},
                         {"call_2", "memory_insert", "success", "ok", {}, {}}};
  EXPECT_EQ(list(result, older_agent())[0]["tool_returns"].size(), 1U);
  result.tool_returns.pop_back();
  EXPECT_EQ(list(result, older_agent()).size(), 0U);
}

TEST(ApiMessages, OlderAgentsCanBeShownAsTheyAre) {
  Message message = stored("assistant");
  message.tool_calls = {{"call_1", "send_message", R"({"message":"Hi!"})"}};
  ApiMessageOptions options = older_agent();
  options.use_assistant_message = false;
  EXPECT_EQ(types(list(message, options)), std::vector<std::string>{"tool_call_message"});
  options = older_agent();
  options.tool_name = "say";
  options.tool_kwarg = "words";
  message.tool_calls = {{"call_1", "say", R"({"words":"Hi!"})"}};
  EXPECT_EQ(list(message, options)[0]["content"], "Hi!");
}

TEST(ApiMessages, ASpeechWithoutItsTextStaysACall) {
  Message message = stored("assistant");
  for (const char* arguments : {"{}", "{", R"({"message":5})", "[]"}) {
    message.tool_calls = {{"call_1", "send_message", arguments}};
    EXPECT_EQ(types(list(message, older_agent())), std::vector<std::string>{"tool_call_message"});
  }
}

TEST(ApiMessages, ShowsOnlyTheTypesThatWereAskedFor) {
  Message message = stored("assistant", {reasoning("hm"), text("so")});
  ApiMessageOptions options;
  options.types = MessageTypeSet::of({MessageType::assistant_message});
  const Json messages = list(message, options);
  ASSERT_EQ(messages.size(), 1U);
  // The place in the message counts what is not shown.
  EXPECT_EQ(messages[0]["otid"], "0cf68235-4776-4da7-a956-2deb8debb881");
}

TEST(ApiMessages, ListsJoinWithCommas) {
  std::string out = "[";
  EXPECT_EQ(append_api_messages(out, stored("user", {text("a")}), {}), 1U);
  EXPECT_EQ(append_api_messages(out, stored("assistant"), {}), 0U);
  EXPECT_EQ(append_api_messages(out, stored("user", {text("b")}), {}), 1U);
  EXPECT_EQ(Json::parse(out + "]").size(), 2U);
}

TEST(ApiMessages, TheOtidKeepsAllButTheLowestSevenBits) {
  EXPECT_EQ(message_otid("message-00000000-0000-4000-8000-0000000000ff", 0),
            "00000000-0000-4000-8000-000000000080");
  EXPECT_EQ(message_otid("message-00000000-0000-4000-8000-00000000007f", 127),
            "00000000-0000-4000-8000-00000000007f");
  EXPECT_EQ(message_otid("message-00000000-0000-4000-8000-0000000000c3", 3),
            "00000000-0000-4000-8000-000000000083");
  EXPECT_EQ(message_otid("odd", 3), "odd");
}

TEST(MessageTypes, AreReadFromTheirNames) {
  for (int i = 0; i < 11; ++i) {
    const auto type = static_cast<MessageType>(i);
    EXPECT_EQ(parse_message_type(to_string(type)), type);
  }
  const std::vector<std::string> unknown{"letter"};
  const auto refused = MessageTypeSet::parse(unknown);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid_argument);
  const std::vector<std::string> known{"user_message"};
  EXPECT_TRUE(MessageTypeSet::parse(known)->has(MessageType::user_message));
  EXPECT_FALSE(MessageTypeSet::parse(known)->has(MessageType::assistant_message));
}

}  // namespace
}  // namespace reverie
