#include "tests/scripted_model/request.hpp"

#include <gtest/gtest.h>

namespace reverie::scripted {
namespace {

// `messages` is the inside of the list.
Turn turn_of(const std::string& messages) {
  const std::string body = R"({"messages":[)" + messages + "]}";
  const auto request = read_model_request(body);
  EXPECT_TRUE(request) << body;
  return request ? latest_turn(*request) : Turn{};
}

TEST(ModelRequest, ReadsTheMembersOfBothDialects) {
  const auto request = read_model_request(
    R"({"model":"m","stream":true,"stream_options":{"include_usage":true},"system":"s",
        "tools":[{"name":"a"},{"name":"b"}],"tool_choice":"auto","other":[{}],
        "messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]},
                    {"role":"tool","content":"r","tool_call_id":"1"}]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "m");
  EXPECT_TRUE(request->is_stream);
  EXPECT_TRUE(request->includes_usage);
  EXPECT_EQ(request->system, "\"s\"");
  EXPECT_EQ(request->tools.size(), 2U);
  EXPECT_EQ(request->tool_choice, "\"auto\"");
  ASSERT_EQ(request->messages.size(), 2U);
  EXPECT_EQ(request->messages[0].tool_calls, R"([{"id":"1"}])");
  EXPECT_EQ(request->messages[1].tool_call_id, "\"1\"");
}

TEST(ModelRequest, IsNoneIfTheBodyIsNoObject) {
  EXPECT_FALSE(read_model_request(""));
  EXPECT_FALSE(read_model_request("[]"));
  EXPECT_FALSE(read_model_request(R"({"messages":[)"));
  EXPECT_FALSE(read_model_request(R"({"messages":[]} x)"));
}

TEST(LatestTurn, CountsTheAnswersBehindTheLastUserMessage) {
  const Turn turn = turn_of(R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},
    {"role":"user","content":"c"},{"role":"assistant","content":"d"},
    {"role":"tool","content":"e","tool_call_id":"1"},{"role":"assistant","content":"f"})");
  EXPECT_EQ(turn.text, "c");
  EXPECT_EQ(turn.assistant_turns, 2U);
}

TEST(LatestTurn, LooksThroughToolResults) {
  const Turn turn = turn_of(R"({"role":"user","content":[{"type":"text","text":"a"}]},
    {"role":"assistant","content":[{"type":"tool_use","id":"1"}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"x"}]})");
  EXPECT_EQ(turn.text, "a");
  EXPECT_EQ(turn.assistant_turns, 1U);
}

TEST(LatestTurn, UnpacksMessagesInJson) {
  EXPECT_EQ(
    turn_of(R"({"role":"user","content":"{\"type\":\"user_message\",\"message\":\"hi\"}"})").text,
    "hi");
  EXPECT_EQ(turn_of(R"({"role":"user","content":"{\"x\":1}"})").text, "{\"x\":1}");
}

TEST(LatestTurn, PassesOverWhatNoUserWrote) {
  const std::string hello = R"({"role":"user","content":"hello"},)";
  EXPECT_EQ(
    turn_of(hello + R"({"role":"user","content":"{\"type\":\"heartbeat\",\"message\":\"go on\"}"})")
      .text,
    "hello");
  EXPECT_EQ(
    turn_of(hello + R"({"role":"user","content":"<system-reminder>x</system-reminder>"})").text,
    "hello");
  EXPECT_EQ(turn_of(R"({"role":"user","content":"<system-reminder>x</system-reminder> hi"})").text,
            "hi");
}

TEST(LatestTurn, TakesWhatNoUserWroteIfThereIsNothingElse) {
  EXPECT_EQ(
    turn_of(R"({"role":"user","content":"{\"type\":\"login\",\"message\":\"Bo logged in\"}"})")
      .text,
    "Bo logged in");
  EXPECT_EQ(turn_of("").text, "");
}

TEST(TextOf, JoinsTheTextParts) {
  EXPECT_EQ(text_of(R"([{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}])"),
            "a\nb");
  EXPECT_EQ(text_of("null"), "");
}

}  // namespace
}  // namespace reverie::scripted
