#include "tests/scripted_model/reply.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

using Json = nlohmann::json;

const Json plain_tools = Json::parse(R"([{"type":"function","function":{"name":"a"}}])");

// The reply to a user text, `turns` answers later.
Reply reply_in(const std::string& text, std::size_t turns, Json tools = plain_tools,
               Json choice = "auto") {
  Json messages{{{"role", "user"}, {"content", text}}};
  for (std::size_t i = 0; i < turns; ++i)
    messages.push_back({{"role", "assistant"}, {"content", "."}});
  const std::string body =
    Json{{"messages", messages}, {"tools", std::move(tools)}, {"tool_choice", std::move(choice)}}
      .dump();
  const auto request = read_model_request(body);
  EXPECT_TRUE(request) << body;
  return request ? reply_to(*request) : Reply{};
}

TEST(Reply, RepeatsTheTextByDefault) {
  const Reply reply = reply_in("hello [[unknown]] you", 0);
  EXPECT_EQ(reply.content, "You said: hello  you");
  EXPECT_FALSE(reply.is_scripted);
}

TEST(Reply, FollowsTheScriptTurnByTurn) {
  const std::string script = R"([[reason why]][[call a {"x":1}]][[say fine]])";
  const Reply first = reply_in(script, 0);
  EXPECT_EQ(first.calls, (std::vector<Call>{{"a", R"({"x":1})"}}));
  EXPECT_EQ(first.reasoning, "why");
  EXPECT_FALSE(first.content);
  EXPECT_EQ(reply_in(script, 1).content, "fine");
  EXPECT_EQ(reply_in(script, 2).content, "Done.");
}

TEST(Reply, LoopsForEver) {
  EXPECT_EQ(reply_in("[[call a]][[call b]][[loop]]", 7).calls[0].name, "b");
}

TEST(Reply, GivesADefaultTextWhereTheStepHasNone) {
  EXPECT_EQ(reply_in("hi [[finish length]]", 0).content, "You said: hi");
}

TEST(Reply, IsTheSameForTheSameRequestOnly) {
  EXPECT_EQ(reply_in("a", 0).id, reply_in("a", 0).id);
  EXPECT_NE(reply_in("a", 0).id, reply_in("b", 0).id);
  EXPECT_NE(reply_in("a", 0).id, reply_in("a", 1).id);
  EXPECT_NE(call_id(reply_in("a", 0), 0), call_id(reply_in("a", 0), 1));
}

TEST(Reply, SummarisesOnlyWithoutTools) {
  EXPECT_TRUE(
    reply_in("Summarize this", 1, Json::array()).content->starts_with("SUMMARY of 2 messages ["));
  EXPECT_EQ(reply_in("Summarize this", 0).content, "You said: Summarize this");
}

TEST(Reply, DoesNotRunAScriptThatIsQuotedForASummary) {
  EXPECT_FALSE(reply_in("quoted: [[say x]]", 0, Json::array()).is_scripted);
  EXPECT_EQ(reply_in("[[say x]]", 0, Json::array()).content, "x");
}

TEST(Reply, AnswersThroughSendMessageWhenACallIsRequired) {
  const Json tools = Json::parse(R"([{"name":"other"},{"name":"send_message"}])");
  for (const Json& choice : {Json("required"), Json{{"type", "any"}}}) {
    const Reply reply = reply_in("hi", 0, tools, choice);
    EXPECT_EQ(reply.calls, (std::vector<Call>{{"send_message", R"({"message":"You said: hi"})"}}));
    EXPECT_FALSE(reply.content);
  }
}

TEST(Reply, MakesTheLeastArgumentsOfAForcedTool) {
  const Json tools = Json::parse(R"([{"name":"t","input_schema":{"type":"object",
    "properties":{"s":{"type":"string"},"n":{"type":["integer","null"]},"e":{"enum":["p","q"]},
                  "o":{"anyOf":[{"type":"object","properties":{},"required":[]}]},"not":{}},
    "required":["s","n","e","o"]}}])");
  const Reply reply = reply_in("hi", 0, tools, Json{{"type", "tool"}, {"name", "t"}});
  ASSERT_EQ(reply.calls.size(), 1U);
  EXPECT_EQ(reply.calls[0].arguments, R"({"s":"x","n":1,"e":"p","o":{}})");
}

TEST(Reply, FillsInThoughtsAndHeartbeats) {
  const Json tools = Json::parse(R"([{"type":"function","function":{"name":"a","parameters":{
    "properties":{"request_heartbeat":{"type":"boolean"}},
    "required":["thinking","request_heartbeat"]}}}])");
  const std::string script = R"([[call a {"x":1}]][[reason r]][[call a]])";
  EXPECT_EQ(reply_in(script, 0, tools).calls[0].arguments,
            R"({"thinking":"scripted","x":1,"request_heartbeat":true})");
  EXPECT_EQ(reply_in(script, 1, tools).calls[0].arguments,
            R"({"thinking":"r","request_heartbeat":false})");
}

TEST(Usage, CountsCharactersUnlessTheScriptSays) {
  const std::string body = R"({"messages":[{"role":"user","content":"üüüü"}]})";
  const auto request = read_model_request(body);
  const TokenUsage usage = usage_of(*request, reply_to(*request));
  EXPECT_EQ(usage.prompt, static_cast<std::int64_t>((body.size() + 3) / 4));
  EXPECT_EQ(usage.completion, 4);  // "You said: üüüü" has 14 characters
  EXPECT_EQ(usage.reasoning, 0);
  const Reply scripted = reply_in("[[usage prompt=9 cached=2]]", 0);
  EXPECT_EQ(usage_of(*request, scripted).prompt, 9);
  EXPECT_EQ(usage_of(*request, scripted).cached, 2);
}

TEST(Pieces, AreWordsWithTheSpaceBeforeThem) {
  using Texts = std::vector<std::string_view>;
  EXPECT_EQ(pieces("a bb\n c ", {}, 1), (Texts{"a", " bb", "\n c "}));
  EXPECT_EQ(pieces("a b c d e", {}, 2), (Texts{"a b", " c d", " e"}));
  EXPECT_EQ(pieces("  ", {}, 1), (Texts{"  "}));
  EXPECT_EQ(pieces("", {}, 1), Texts{});
}

TEST(Pieces, AreAsManyAsAskedForAndCutNoCharacter) {
  using Texts = std::vector<std::string_view>;
  EXPECT_EQ(pieces("abcdef", 3, 1), (Texts{"ab", "cd", "ef"}));
  EXPECT_EQ(pieces("üöä", 3, 1), (Texts{"ü", "ö", "ä"}));
  EXPECT_EQ(pieces("ab", 50, 1), (Texts{"a", "b"}));
  EXPECT_EQ(pieces("abc", 1, 1), (Texts{"abc"}));
}

}  // namespace
}  // namespace reverie::scripted
