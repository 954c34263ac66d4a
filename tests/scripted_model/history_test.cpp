#include "tests/scripted_model/history.hpp"

#include <gtest/gtest.h>

namespace reverie::scripted {
namespace {

using Check = std::optional<std::string> (*)(const ModelRequest&);

// `messages` is the inside of the list. Empty if the history is valid.
std::string problem(Check check, const std::string& messages) {
  const std::string body = R"({"messages":[)" + messages + "]}";
  const auto request = read_model_request(body);
  EXPECT_TRUE(request) << body;
  return request ? check(*request).value_or("") : "";
}

std::string openai_problem(const std::string& messages) {
  return problem(openai::history_problem, messages);
}

std::string anthropic_problem(const std::string& messages) {
  return problem(anthropic::history_problem, messages);
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const std::string user = R"({"role":"user","content":"a"})";

const std::string openai_calls =
  R"(,{"role":"assistant","content":null,"tool_calls":[{"id":"c1"},{"id":"c2"}]})";
const std::string openai_result_1 = R"(,{"role":"tool","tool_call_id":"c1","content":"r"})";
const std::string openai_result_2 = R"(,{"role":"tool","tool_call_id":"c2","content":"r"})";

TEST(OpenaiHistory, IsValidWhenEveryCallHasItsResult) {
  EXPECT_EQ(openai_problem(user), "");
  EXPECT_EQ(openai_problem(user + openai_calls + openai_result_2 + openai_result_1 + "," + user),
            "");
}

TEST(OpenaiHistory, NamesTheCallsWithoutAResult) {
  const std::string at_end = openai_problem(user + openai_calls + openai_result_1);
  EXPECT_TRUE(mentions(at_end, "did not have response messages: c2")) << at_end;
  const std::string within = openai_problem(user + openai_calls + "," + user);
  EXPECT_TRUE(mentions(within, "did not have response messages: c1, c2")) << within;
}

TEST(OpenaiHistory, RefusesAResultWithoutItsCall) {
  EXPECT_TRUE(mentions(openai_problem(user + openai_result_1), "messages with role 'tool'"));
  EXPECT_TRUE(mentions(
    openai_problem(user + openai_calls + openai_result_1 + openai_result_1 + openai_result_2),
    "messages with role 'tool'"));
}

TEST(OpenaiHistory, RefusesAMessageThatSaysNothing) {
  EXPECT_TRUE(
    mentions(openai_problem(user + R"(,{"role":"assistant","content":null})"), "got null"));
}

const std::string anthropic_calls =
  R"(,{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"t1"},)"
  R"({"type":"tool_use","id":"t2"}]})";

std::string results(const std::string& ids_json) {
  return R"(,{"role":"user","content":[)" + ids_json + "]}";
}

const std::string result_1 = R"({"type":"tool_result","tool_use_id":"t1"})";
const std::string result_2 = R"({"type":"tool_result","tool_use_id":"t2"})";
const std::string text_block = R"({"type":"text","text":"and"})";

TEST(AnthropicHistory, IsValidWhenEveryCallHasItsResult) {
  EXPECT_EQ(anthropic_problem(user), "");
  EXPECT_EQ(anthropic_problem(user + anthropic_calls
                              + results(result_1 + "," + result_2 + "," + text_block)),
            "");
  EXPECT_EQ(anthropic_problem(user + anthropic_calls + results(result_1) + results(result_2)), "");
}

TEST(AnthropicHistory, NamesTheCallsWithoutAResult) {
  for (const std::string& rest : {std::string(), "," + user, results(result_1),
                                  results(result_1) + R"(,{"role":"assistant","content":"x"})",
                                  results(text_block + "," + result_1 + "," + result_2)}) {
    const std::string found = anthropic_problem(user + anthropic_calls + rest);
    EXPECT_TRUE(mentions(found, "without `tool_result` blocks immediately after")) << rest;
    EXPECT_TRUE(found.starts_with("messages.1: ")) << found;
    EXPECT_TRUE(mentions(found, "t2")) << found;
  }
}

TEST(AnthropicHistory, RefusesAResultWithoutItsCall) {
  EXPECT_TRUE(mentions(anthropic_problem(user + results(result_1)), "unexpected `tool_use_id`"));
}

TEST(AnthropicHistory, RefusesEmptyMessagesAndBlocks) {
  EXPECT_TRUE(mentions(anthropic_problem(""), "at least one message"));
  EXPECT_TRUE(mentions(anthropic_problem(R"({"role":"user","content":""})"), "non-empty content"));
  EXPECT_EQ(anthropic_problem(user + R"(,{"role":"assistant","content":""})"), "");
  EXPECT_TRUE(mentions(
    anthropic_problem(R"({"role":"user","content":[{"type":"text","text":" \n"}]})"), "white"));
}

TEST(AnthropicHistory, RefusesOtherRolesAndIdsThatComeTwice) {
  EXPECT_TRUE(mentions(anthropic_problem(R"({"role":"system","content":"x"})"), "Unexpected role"));
  const std::string answered = anthropic_calls + results(result_1 + "," + result_2);
  EXPECT_TRUE(mentions(anthropic_problem(user + answered + answered), "must be unique"));
}

}  // namespace
}  // namespace reverie::scripted
