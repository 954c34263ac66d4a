#include "runtime/llm/anthropic.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reverie::anthropic {

namespace {

using Json = nlohmann::json;

ChatMessage message(ChatRole role, std::string text) {
  ChatMessage out;
  out.role = role;
  out.text = std::move(text);
  return out;
}

ChatMessage results(std::vector<ToolResult> of) {
  ChatMessage out = message(ChatRole::tool, "");
  out.tool_results = std::move(of);
  return out;
}

LlmRequest request(std::string model = "claude-sonnet-4-5") {
  LlmRequest out;
  out.model.model = std::move(model);
  out.messages = {message(ChatRole::system, "Be kind."), message(ChatRole::user, "hi")};
  return out;
}

LlmRequest with_tools() {
  LlmRequest out = request();
  out.tools.push_back({"f", "does f", RawJson(R"({"type":"object","properties":{}})")});
  out.tools.push_back({"g", "", RawJson()});
  return out;
}

ChatMessage calls() {
  ChatMessage out = message(ChatRole::assistant, "Let me look.");
  out.reasoning = {{"thought", "sig==", ""}, {"", "", "hidden=="}, {"unsigned", "", ""}};
  out.tool_calls = {{"call.1", "f", "{\"x\": [1, 2]}"}, {"c2", "g", "{broken"}};
  return out;
}

Json body(const LlmRequest& what) {
  return Json::parse(request_body(what));
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

TEST(AnthropicRequest, WritesTheLeastThatIsNeeded) {
  EXPECT_EQ(body(request()),
            Json::parse(R"({"model":"claude-sonnet-4-5","max_tokens":4096,"stream":true,)"
                        R"("system":[{"type":"text","text":"Be kind.",)"
                        R"("cache_control":{"type":"ephemeral"}}],)"
                        R"("messages":[{"role":"user","content":[{"type":"text","text":"hi",)"
                        R"("cache_control":{"type":"ephemeral"}}]}]})"));
  EXPECT_EQ(beta_features(request()), "");
}

TEST(AnthropicRequest, MarksSystemLastToolAndLastMessageForTheCache) {
  const std::string text = request_body(with_tools());
  EXPECT_EQ(count(text, "cache_control"), 3u);
  const Json json = Json::parse(text);
  EXPECT_TRUE(json["system"][0].contains("cache_control"));
  EXPECT_FALSE(json["tools"][0].contains("cache_control"));
  EXPECT_TRUE(json["tools"][1].contains("cache_control"));
  EXPECT_TRUE(json["messages"][0]["content"][0].contains("cache_control"));
}

TEST(AnthropicRequest, ReplaysCallsThoughtsAndResults) {
  LlmRequest chain = with_tools();
  chain.messages.push_back(calls());
  chain.messages.push_back(
    results({{"call.1", "one", false}, {"c2", "bad", true}, {"c2", "again", false}}));
  chain.messages.push_back(message(ChatRole::user, "and?"));
  const std::string text = request_body(chain);
  EXPECT_EQ(count(text, "cache_control"), 3u);
  const Json messages = Json::parse(text)["messages"];
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[1],
            Json::parse(R"({"role":"assistant","content":[)"
                        R"({"type":"thinking","thinking":"thought","signature":"sig=="},)"
                        R"({"type":"redacted_thinking","data":"hidden=="},)"
                        R"({"type":"text","text":"Let me look."},)"
                        R"({"type":"tool_use","id":"call_1","name":"f","input":{"x":[1,2]}},)"
                        R"({"type":"tool_use","id":"c2","name":"g","input":{}}]})"));
  EXPECT_EQ(
    messages[2],
    Json::parse(R"({"role":"user","content":[)"
                R"({"type":"tool_result","tool_use_id":"call_1","content":"one"},)"
                R"({"type":"tool_result","tool_use_id":"c2","content":"bad","is_error":true},)"
                R"({"type":"text","text":"and?","cache_control":{"type":"ephemeral"}}]})"));
}

TEST(AnthropicRequest, SendsImagesOfTheUserAndOfTools) {
  LlmRequest looking = with_tools();
  looking.messages[1].parts = {{"look", std::nullopt}, {"", ChatImage{"image/png", "AAAA", "low"}}};
  ChatMessage asking = message(ChatRole::assistant, "");
  asking.tool_calls = {{"c1", "f", "{}"}};
  looking.messages.push_back(asking);
  looking.messages.push_back(results({{"c1", "a screenshot", false, {{"image/gif", "BBBB", ""}}}}));
  const Json messages = body(looking)["messages"];
  EXPECT_EQ(messages[0]["content"], Json::parse(R"([{"type":"text","text":"look"},{"type":"image",
      "source":{"type":"base64","media_type":"image/png","data":"AAAA"}}])"));
  EXPECT_EQ(messages[2]["content"][0]["content"],
            Json::parse(R"([{"type":"text","text":"a screenshot"},{"type":"image",
      "source":{"type":"base64","media_type":"image/gif","data":"BBBB"}}])"));
  EXPECT_TRUE(messages[2]["content"][0].contains("cache_control"));
}

TEST(AnthropicRequest, AnImageAtTheEndHasTheMark) {
  LlmRequest looking = request();
  looking.messages[1].parts = {{"", ChatImage{"image/png", "AAAA", ""}}};
  EXPECT_TRUE(body(looking)["messages"][0]["content"][0].contains("cache_control"));
}

TEST(AnthropicRequest, StrictToolsWhereTheModelKeepsToThem) {
  LlmRequest strict = with_tools();
  strict.model.strict_tools = true;
  strict.tools[0].parameters =
    RawJson(R"({"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":[]})");
  const Json tools = body(strict)["tools"];
  EXPECT_EQ(tools[0]["strict"], true);
  EXPECT_EQ(tools[0]["input_schema"],
            Json::parse(R"({"type":"object","properties":{"n":{"type":"integer"}},"required":[],
              "additionalProperties":false})"));
  EXPECT_NE(beta_features(strict).find("structured-outputs-2025-11-13"), std::string::npos);
  strict.tools[0].may_be_strict = false;
  EXPECT_FALSE(body(strict)["tools"][0].contains("strict"));
  strict.model.model = "claude-sonnet-4-20250514";
  EXPECT_FALSE(body(strict)["tools"][1].contains("strict"));
  EXPECT_EQ(beta_features(strict).find("structured-outputs"), std::string::npos);
}

TEST(AnthropicRequest, HasNoResponseFormat) {
  LlmRequest shaped = request();
  shaped.model.response_format = RawJson(R"({"type":"json_object"})");
  EXPECT_EQ(request_body(shaped), request_body(request()));
}

TEST(AnthropicRequest, RolesAlternateAndTheUserStarts) {
  LlmRequest odd = request();
  odd.messages = {message(ChatRole::system, " "),
                  message(ChatRole::assistant, "hello"),
                  message(ChatRole::user, "a"),
                  message(ChatRole::user, "  \n"),
                  message(ChatRole::system, "it is late"),
                  message(ChatRole::assistant, ""),
                  message(ChatRole::user, "b")};
  const Json json = body(odd);
  EXPECT_FALSE(json.contains("system"));
  ASSERT_EQ(json["messages"].size(), 3u);
  EXPECT_EQ(json["messages"][0]["role"], "user");
  EXPECT_EQ(json["messages"][1]["content"][0]["text"], "hello");
  const Json& last = json["messages"][2]["content"];
  ASSERT_EQ(last.size(), 3u);
  EXPECT_EQ(last[0]["text"], "a");
  EXPECT_EQ(last[1]["text"], "<event>SYSTEM ALERT: it is late</event>");
  EXPECT_EQ(last[2]["text"], "b");
}

TEST(AnthropicRequest, AnEmptyHistoryStillHasAUserMessage) {
  LlmRequest empty = request();
  empty.messages.pop_back();
  const Json messages = body(empty)["messages"];
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0]["role"], "user");
  empty.messages.clear();
  EXPECT_EQ(body(empty)["messages"].size(), 1u);
}

TEST(AnthropicRequest, AnAnswerToGoOnWithEndsInNoBlank) {
  LlmRequest begun = request();
  begun.messages.push_back(message(ChatRole::assistant, "Well \n"));
  EXPECT_EQ(body(begun)["messages"][1]["content"][0]["text"], "Well");
}

TEST(AnthropicRequest, ForcesACallUnlessItThinks) {
  LlmRequest forced = with_tools();
  EXPECT_EQ(body(forced)["tool_choice"],
            Json::parse(R"({"type":"auto","disable_parallel_tool_use":true})"));
  forced.tool_choice = ToolChoice::required;
  forced.model.parallel_tool_calls = true;
  EXPECT_EQ(body(forced)["tool_choice"], Json::parse(R"({"type":"any"})"));
  forced.tool_choice = ToolChoice::named;
  forced.forced_tool = "f";
  EXPECT_EQ(body(forced)["tool_choice"], Json::parse(R"({"type":"tool","name":"f"})"));
  forced.model.reasoning_enabled = true;
  EXPECT_EQ(body(forced)["tool_choice"], Json::parse(R"({"type":"auto"})"));
  forced.tool_choice = ToolChoice::none;
  EXPECT_EQ(body(forced)["tool_choice"], Json::parse(R"({"type":"none"})"));
}

TEST(AnthropicRequest, ThinksWithABudgetBelowTheLimit) {
  LlmRequest thinking = request();
  thinking.model.reasoning_enabled = true;
  thinking.model.thinking_budget = 5000;
  thinking.model.temperature = 0.2;
  Json json = body(thinking);
  EXPECT_EQ(json["thinking"], Json::parse(R"({"type":"enabled","budget_tokens":5000})"));
  EXPECT_GT(json["max_tokens"], 5000);
  EXPECT_EQ(json["temperature"], 1.0);
  EXPECT_EQ(beta_features(thinking), "interleaved-thinking-2025-05-14");
  thinking.model.thinking_budget = 1;
  EXPECT_EQ(body(thinking)["thinking"]["budget_tokens"], 1024);
  EXPECT_EQ(body(thinking)["max_tokens"], 4096);
  thinking.model.model = "claude-3-5-haiku-latest";
  EXPECT_FALSE(body(thinking).contains("thinking"));
}

TEST(AnthropicRequest, NewerModelsThinkAsMuchAsTheyWant) {
  LlmRequest thinking = request("claude-opus-4-6");
  thinking.model.reasoning_enabled = true;
  thinking.model.reasoning_effort = "max";
  EXPECT_EQ(body(thinking)["thinking"], Json::parse(R"({"type":"adaptive"})"));
  EXPECT_EQ(body(thinking)["output_config"], Json::parse(R"({"effort":"max"})"));
  EXPECT_EQ(beta_features(thinking),
            "adaptive-thinking-2026-01-28,effort-2025-11-24,max-effort-2026-01-24");
}

TEST(AnthropicRequest, DoesNotThinkInAChainThatAnotherModelBegan) {
  LlmRequest chain = with_tools();
  chain.model.reasoning_enabled = true;
  chain.messages.push_back(calls());
  chain.messages.push_back(results({{"call.1", "1", false}, {"c2", "2", false}}));
  EXPECT_TRUE(body(chain).contains("thinking"));
  chain.messages[2].reasoning.clear();
  EXPECT_FALSE(body(chain).contains("thinking"));
  chain.messages.push_back(message(ChatRole::user, "next"));
  EXPECT_TRUE(body(chain).contains("thinking"));
}

TEST(AnthropicRequest, AHistoryWithCallsNamesItsTools) {
  LlmRequest summary = request();
  summary.messages.push_back(calls());
  summary.messages.push_back(results({{"call.1", "1", false}, {"c2", "2", false}}));
  const Json json = body(summary);
  ASSERT_EQ(json["tools"].size(), 2u);
  EXPECT_EQ(json["tools"][0]["name"], "f");
  EXPECT_EQ(json["tool_choice"], Json::parse(R"({"type":"none"})"));
}

TEST(AnthropicRequest, AsksForFeaturesThatItUses) {
  LlmRequest long_one = with_tools();
  long_one.model.context_window = 1'000'000;
  long_one.stream = true;
  EXPECT_EQ(beta_features(long_one),
            "context-1m-2025-08-07,fine-grained-tool-streaming-2025-05-14");
  LlmRequest opus = request("claude-opus-4-5-20251101");
  opus.model.reasoning_enabled = true;
  opus.model.reasoning_effort = "high";
  opus.user = "user-1";
  opus.model.output_tokens_max = 7000;
  EXPECT_EQ(beta_features(opus),
            "interleaved-thinking-2025-05-14,effort-2025-11-24,context-management-2025-06-27");
  const Json json = body(opus);
  EXPECT_EQ(json["context_management"]["edits"][0]["keep"], "all");
  EXPECT_EQ(json["metadata"]["user_id"], "user-1");
  EXPECT_EQ(json["max_tokens"], 7000);
}

}  // namespace reverie::anthropic
