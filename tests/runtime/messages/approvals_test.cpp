#include "runtime/messages/approvals.hpp"

#include "runtime/messages/api_messages.hpp"
#include "runtime/messages/chat_history.hpp"
#include "runtime/messages/stream_events.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr const char* message_id = "message-00000000-0000-4000-8000-000000000100";
constexpr const char* request_id = "message-00000000-0000-4000-8000-0000000000ff";

Message request(std::vector<std::string> ids = {"c1", "c2"}) {
  Message message;
  message.id = request_id;
  message.role = "approval";
  for (const std::string& id : ids) message.tool_calls.push_back({id, "tool_" + id, "{}"});
  return message;
}

Message answer(const char* json) {
  Message message;
  message.role = "approval";
  const auto read = read_approvals(Json::parse(json), image_bytes_max_default, message);
  EXPECT_TRUE(read) << read.error().message;
  return message;
}

Error error_of(const char* json) {
  Message message;
  const auto read = read_approvals(Json::parse(json), image_bytes_max_default, message);
  EXPECT_FALSE(read) << json;
  return read ? Error{} : read.error();
}

TEST(Approvals, TheRequestHasTheNumberBeforeTheAnswers) {
  EXPECT_EQ(approval_request_id(message_id), request_id);
  EXPECT_EQ(approval_request_id("message-00000000-0000-4000-8000-00000000000a"),
            "message-00000000-0000-4000-8000-000000000009");
}

TEST(Approvals, AnAnswerDecidesEachCallThatIsAsked) {
  Message given = answer(R"({"approvals":[{"type":"approval","tool_call_id":"c2","approve":true},
    {"type":"tool","tool_call_id":"c1","status":"success","tool_return":"12:00"}]})");
  EXPECT_TRUE(match_approvals(request(), given));
  EXPECT_EQ(given.approvals[0].approve, true);
  ASSERT_TRUE(given.approvals[1].returned);
  EXPECT_EQ(given.approvals[1].returned->text, "12:00");
  EXPECT_EQ(given.approvals[1].returned->name, "tool_c1");
}

TEST(Approvals, AnAnswerThatLacksACallOrNamesAnotherIsRefusedWithBothLists) {
  for (
    const char* json :
    {R"({"approvals":[]})", R"({})",
     R"({"approvals":[{"type":"approval","tool_call_id":"c1","approve":true}]})",
     R"({"approvals":[{"tool_call_id":"c1","approve":true},{"tool_call_id":"c3","approve":true}]})",
     R"({"approvals":[{"tool_call_id":"c1","approve":true},{"tool_call_id":"c2","approve":true},
                         {"tool_call_id":"c2","approve":false}]})"}) {
    Message given = answer(json);
    const auto matched = match_approvals(request(), given);
    ASSERT_FALSE(matched) << json;
    EXPECT_EQ(matched.error().code, Errc::bad_request);
    EXPECT_NE(matched.error().message.find("Invalid tool call IDs. Expected '['c1', 'c2']'"),
              std::string::npos)
      << matched.error().message;
  }
}

TEST(Approvals, TheOlderFormNamesTheRequestInsteadOfItsOnlyCall) {
  Message given = answer(
    (std::string(R"({"type":"approval","approve":false,"reason":"no","approval_request_id":")")
     + request_id + "\"}")
      .c_str());
  EXPECT_TRUE(match_approvals(request({"c1"}), given));
  EXPECT_EQ(given.approvals[0].tool_call_id, "c1");
  EXPECT_EQ(given.approvals[0].reason, "no");
  EXPECT_FALSE(match_approvals(request({"c1", "c2"}), given));
}

TEST(Approvals, ReturnsOfTheClientMayBePartsAndKeepTheirTexts) {
  const Message given = answer(
    R"({"type":"tool_return","tool_returns":[{"tool_call_id":"c1","status":"error","stderr":["x"],
        "tool_return":[{"type":"text","text":"a"},{"text":"b"},
          {"type":"image","source":{"type":"url","url":"data:image/png;base64,iVBORw0KGgoAAAAA"}}]}]})");
  const StoredToolReturn& returned = *given.approvals[0].returned;
  EXPECT_EQ(returned.text, "a\nb");
  EXPECT_EQ(returned.status, "error");
  EXPECT_EQ(returned.stderr_lines, std::vector<std::string>{"x"});
  const Json parts = Json::parse(returned.parts.text);
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[1], Json({{"type", "text"}, {"text", "b"}}));
  EXPECT_EQ(parts[2]["source"],
            Json({{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBORw0KGgoAAAAA"}}));
}

TEST(Approvals, AnImageOfAToolThatCannotBeTakenIsNamed) {
  const auto returned = [](const std::string& part) {
    return error_of(
      (R"({"tool_returns":[{"tool_call_id":"a","status":"success","tool_return":[)" + part + "]}]}")
        .c_str());
  };
  const std::string path = "tool_returns.0.tool_return.0";
  EXPECT_EQ(returned(R"({"type":"image"})").where, path + ".source");
  EXPECT_EQ(returned(R"({"type":"audio"})").where, path + ".type");
  EXPECT_EQ(returned(R"({"type":"image","source":{}})").where, path + ".source.type");
  for (const char* source : {R"({"type":"url","url":"file:///etc/passwd"})",
                             R"({"type":"url","url":"data:image/png;base64,PGh0bWw+"})"}) {
    const Error error = returned(std::string(R"({"type":"image","source":)") + source + "}");
    EXPECT_EQ(error.code, Errc::bad_request);
    EXPECT_EQ(error.where, path + ".source.url");
  }
}

TEST(Approvals, WhatIsMalformedIsNamed) {
  EXPECT_EQ(error_of(R"({"approvals":7})").where, "approvals");
  EXPECT_EQ(error_of(R"({"approvals":[7]})").where, "approvals.0");
  EXPECT_EQ(error_of(R"({"approvals":[{"approve":true}]})").where, "approvals.0.tool_call_id");
  EXPECT_EQ(error_of(R"({"approvals":[{"tool_call_id":"a","approve":1}]})").where,
            "approvals.0.approve");
  EXPECT_EQ(error_of(R"({"approvals":[{"type":"x"}]})").where, "approvals.0.type");
  EXPECT_EQ(error_of(R"({"tool_returns":[{"tool_call_id":"a","status":"odd"}]})").where,
            "tool_returns.0.status");
  EXPECT_EQ(
    error_of(R"({"tool_returns":[{"tool_call_id":"a","status":"error","tool_return":[{}]}]})")
      .where,
    "tool_returns.0.tool_return.0.text");
}

TEST(Approvals, AnAnswerCameBeforeWhenItsCallsAreAmongTheReturnsOfOneMessage) {
  Message returns;
  returns.role = "tool";
  for (const char* id : {"c0", "c1", "c2"})
    returns.tool_returns.push_back({id, "t", "success", "", {}, {}, {}});
  Message given = answer(R"({"approvals":[{"tool_call_id":"c2","approve":true},
                                          {"tool_call_id":"c1","approve":true}]})");
  EXPECT_TRUE(was_answered(given, std::vector{returns}));
  given.approvals[0].tool_call_id = "c9";
  EXPECT_FALSE(was_answered(given, std::vector{returns}));
  given.approvals.clear();
  EXPECT_FALSE(was_answered(given, std::vector{returns}));
}

TEST(Approvals, ListsShowTheRequestAndTheAnswer) {
  std::string json;
  EXPECT_EQ(append_api_messages(json, request({"c1"}), {}), 1U);
  const Json asked = Json::parse(json);
  EXPECT_EQ(asked["message_type"], "approval_request_message");
  EXPECT_EQ(asked["otid"], request_id);
  EXPECT_EQ(asked["tool_call"]["tool_call_id"], "c1");
  EXPECT_EQ(asked["tool_calls"].size(), 1U);

  Message given = answer(R"({"approvals":[{"tool_call_id":"c1","approve":false,"reason":"no"}]})");
  json.clear();
  EXPECT_EQ(append_api_messages(json, given, {}), 1U);
  const Json said = Json::parse(json);
  EXPECT_EQ(said["message_type"], "approval_response_message");
  EXPECT_EQ(said["approvals"][0]["type"], "approval");
  EXPECT_EQ(said["approvals"][0]["reason"], "no");
  EXPECT_EQ(said["approve"], false);
}

TEST(Approvals, AModelIsShownTheReturnsAndNotTheAnswer) {
  Message returns;
  returns.role = "tool";
  returns.tool_returns.push_back({"c1", "t", "success", "done", {}, {}, {}});
  Message said;
  said.content.push_back({"text", "go on", "", {}});
  const Message given = answer(R"({"approvals":[{"tool_call_id":"c1","approve":true}]})");
  const auto history = chat_history(std::vector{request({"c1"}), given, returns, said}, {});
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(history[0].tool_calls.size(), 1U);
  EXPECT_NE(history[1].tool_results[0].text.find("done"), std::string::npos);
  EXPECT_EQ(history[2].text, "go on");
}

TEST(Approvals, PiecesOfACallThatWaitsBelongToTheRequest) {
  DeltaRenderer renderer{{message_id, "step", "run", {}, [](auto name) { return name == "ask"; }},
                         {}};
  std::vector<std::string> events;
  renderer.add(TextDelta{"pre"}, events);
  renderer.add(ToolCallStart{0, "c0", "free"}, events);
  renderer.add(ToolCallStart{1, "c1", "ask"}, events);
  renderer.add(ToolCallDelta{1, "{}"}, events);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(Json::parse(events[1])["message_type"], "tool_call_message");
  const Json start = Json::parse(events[2]);
  EXPECT_EQ(start["message_type"], "approval_request_message");
  EXPECT_EQ(start["id"], request_id);
  EXPECT_EQ(start["otid"], request_id);
  EXPECT_EQ(start["tool_call"]["arguments"], nullptr);
  const Json piece = Json::parse(events[3]);
  EXPECT_EQ(piece["tool_calls"]["arguments"], "{}");
  EXPECT_EQ(piece["tool_calls"]["name"], nullptr);
}

}  // namespace
}  // namespace reverie
