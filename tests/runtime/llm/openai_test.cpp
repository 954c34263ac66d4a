#include "runtime/llm/openai.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace reverie::openai {

namespace {

using Json = nlohmann::json;

ChatMessage message(ChatRole role, std::string text) {
  ChatMessage out;
  out.role = role;
  out.text = std::move(text);
  return out;
}

LlmRequest request(std::string model = "gpt-4o-mini") {
  LlmRequest out;
  out.model.model = std::move(model);
  out.messages = {message(ChatRole::system, "Be \"kind\"\n"), message(ChatRole::user, "hi")};
  return out;
}

LlmRequest with_tool(std::string model = "gpt-4o-mini") {
  LlmRequest out = request(std::move(model));
  out.tools.push_back({"f", "does f", RawJson(R"({"type":"object","properties":{}})")});
  return out;
}

// An answer with two calls and their results.
void add_calls(LlmRequest& to) {
  ChatMessage calls = message(ChatRole::assistant, "");
  calls.tool_calls = {{"c1", "f", "{\"x\":1}"}, {"c2", "f", "{broken"}};
  calls.reasoning = {{"thought", "", ""}};
  ChatMessage results = message(ChatRole::tool, "");
  results.tool_results = {{"c1", "one", false}, {"c2", "two", true}};
  to.messages.push_back(calls);
  to.messages.push_back(results);
}

Json body(const LlmRequest& what, const Quirks& quirks = {}) {
  return Json::parse(request_body(what, quirks));
}

Quirks quirks(std::string_view type) {
  return quirks_of(type, "http://localhost/v1");
}

}  // namespace

TEST(OpenaiRequest, WritesTheLeastThatIsNeeded) {
  EXPECT_EQ(body(request()), Json::parse(R"({"model":"gpt-4o-mini","messages":[)"
                                         R"({"role":"system","content":"Be \"kind\"\n"},)"
                                         R"({"role":"user","content":"hi"}]})"));
}

TEST(OpenaiRequest, WritesWhatIsSet) {
  LlmRequest full = with_tool();
  full.model.output_tokens_max = 100;
  full.model.temperature = 0.5;
  full.model.parallel_tool_calls = true;
  full.model.response_format = RawJson(R"({"type":"json_object"})");
  full.user = "user-1";
  full.stream = true;
  Json json = body(full);
  EXPECT_EQ(json["max_completion_tokens"], 100);
  EXPECT_EQ(json["temperature"], 0.5);
  EXPECT_EQ(json["parallel_tool_calls"], true);
  EXPECT_EQ(json["response_format"]["type"], "json_object");
  EXPECT_EQ(json["user"], "user-1");
  EXPECT_EQ(json["stream"], true);
  EXPECT_EQ(json["stream_options"]["include_usage"], true);
  EXPECT_EQ(json["tool_choice"], "auto");
  EXPECT_EQ(json["tools"], Json::parse(R"([{"type":"function","function":{"name":"f",)"
                                       R"("description":"does f",)"
                                       R"("parameters":{"type":"object","properties":{}}}}])"));
}

TEST(OpenaiRequest, WritesCallsAndOneMessageForEachResult) {
  LlmRequest chain = with_tool();
  add_calls(chain);
  const Json messages = body(chain)["messages"];
  ASSERT_EQ(messages.size(), 5u);
  EXPECT_EQ(messages[2],
            Json::parse(
              R"({"role":"assistant","content":null,"tool_calls":[)"
              R"({"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},)"
              R"({"id":"c2","type":"function","function":{"name":"f","arguments":"{broken"}}]})"));
  EXPECT_EQ(messages[3], Json::parse(R"({"role":"tool","tool_call_id":"c1","content":"one"})"));
  EXPECT_EQ(messages[4], Json::parse(R"({"role":"tool","tool_call_id":"c2","content":"two"})"));
}

TEST(OpenaiRequest, SendsANameOnlyWhenItIsOne) {
  LlmRequest named = request();
  named.messages[1].name = "Ada";
  EXPECT_EQ(body(named)["messages"][1]["name"], "Ada");
  named.messages[1].name = "Ada L";
  EXPECT_FALSE(body(named)["messages"][1].contains("name"));
}

TEST(OpenaiRequest, ForcesACallAsFarAsTheHostCan) {
  LlmRequest forced = with_tool();
  forced.tool_choice = ToolChoice::named;
  forced.forced_tool = "f";
  EXPECT_EQ(body(forced)["tool_choice"],
            Json::parse(R"({"type":"function","function":{"name":"f"}})"));
  EXPECT_EQ(body(forced, quirks("groq"))["tool_choice"], "required");
  EXPECT_EQ(body(forced, quirks("ollama"))["tool_choice"], "auto");
  forced.tool_choice = ToolChoice::required;
  EXPECT_EQ(body(forced)["tool_choice"], "required");
  EXPECT_EQ(body(forced, quirks("vllm"))["tool_choice"], "auto");
  forced.tool_choice = ToolChoice::none;
  EXPECT_EQ(body(forced)["tool_choice"], "none");
  forced.tools.clear();
  EXPECT_FALSE(body(forced).contains("tool_choice"));
}

TEST(OpenaiRequest, ReasoningModelsAreAskedDifferently) {
  LlmRequest thinking = with_tool("gpt-5-nano");
  thinking.model.temperature = 0.3;
  thinking.model.reasoning_effort = "max";
  Json json = body(thinking);
  EXPECT_EQ(json["messages"][0]["role"], "developer");
  EXPECT_FALSE(json.contains("temperature"));
  EXPECT_EQ(json["parallel_tool_calls"], false);
  EXPECT_EQ(json["reasoning_effort"], "xhigh");
  thinking.model.reasoning_effort = "none";
  EXPECT_FALSE(body(thinking).contains("reasoning_effort"));
  LlmRequest plain = request();
  plain.model.reasoning_effort = "high";
  EXPECT_FALSE(body(plain).contains("reasoning_effort"));
  EXPECT_EQ(body(request("openai/gpt-5"), quirks("openrouter"))["messages"][0]["role"], "system");
}

TEST(OpenaiRequest, OpenrouterHasItsOwnReasoningMember) {
  LlmRequest thinking = request("vendor/model");
  thinking.model.reasoning_effort = "low";
  EXPECT_EQ(body(thinking, quirks("openrouter"))["reasoning"], Json::parse(R"({"effort":"low"})"));
  thinking.model.reasoning_effort.reset();
  thinking.model.reasoning_enabled = true;
  EXPECT_EQ(body(thinking, quirks("openrouter"))["reasoning"], Json::parse(R"({"enabled":true})"));
  thinking.model.reasoning_enabled = false;
  EXPECT_FALSE(body(thinking, quirks("openrouter")).contains("reasoning"));
}

TEST(OpenaiRequest, DeepseekGetsItsThoughtsBackWithinAChainOnly) {
  LlmRequest chain = with_tool("deepseek-reasoner");
  add_calls(chain);
  EXPECT_EQ(body(chain, quirks("deepseek"))["messages"][2]["reasoning_content"], "thought");
  EXPECT_FALSE(body(chain)["messages"][2].contains("reasoning_content"));
  chain.messages.push_back(message(ChatRole::user, "next"));
  EXPECT_FALSE(body(chain, quirks("deepseek"))["messages"][2].contains("reasoning_content"));
}

TEST(OpenaiRequest, HostsDifferInTheNameOfTheLimit) {
  LlmRequest limited = request();
  limited.model.output_tokens_max = 5;
  for (const char* type : {"ollama", "lmstudio", "vllm", "together", "mistral", "deepseek", "any"})
    EXPECT_EQ(body(limited, quirks(type))["max_tokens"], 5) << type;
  for (const char* type : {"openai", "groq", "openrouter", "xai"})
    EXPECT_EQ(body(limited, quirks(type))["max_completion_tokens"], 5) << type;
}

TEST(OpenaiRequest, StrictToolsWhereTheHostKnowsThem) {
  LlmRequest strict = with_tool();
  strict.model.strict_tools = true;
  EXPECT_EQ(body(strict)["tools"][0]["function"]["strict"], true);
  EXPECT_EQ(body(strict)["tools"][0]["function"]["parameters"]["additionalProperties"], false);
  EXPECT_FALSE(body(strict, quirks("deepseek"))["tools"][0]["function"].contains("strict"));
  strict.tools[0].parameters = RawJson(R"({"type":"object"})");  // too free
  EXPECT_FALSE(body(strict)["tools"][0]["function"].contains("strict"));
}

TEST(OpenaiRequest, KeepsTheCacheOfTheVendorForADay) {
  const Quirks vendor = quirks_of("openai", "https://api.openai.com/v1");
  EXPECT_EQ(body(request("gpt-5.1"), vendor)["prompt_cache_retention"], "24h");
  EXPECT_EQ(body(request("gpt-4.1-mini"), vendor)["prompt_cache_retention"], "24h");
  EXPECT_FALSE(body(request("gpt-5-mini"), vendor).contains("prompt_cache_retention"));
  EXPECT_FALSE(body(request("gpt-5.1"), quirks("openai")).contains("prompt_cache_retention"));
}

TEST(OpenaiRequest, SendsImagesAsDataUrls) {
  LlmRequest looking = request();
  looking.messages[1].parts = {{"look", std::nullopt},
                               {"", ChatImage{"image/png", "AAAA", "low"}},
                               {"", ChatImage{"image/gif", "BBBB", ""}}};
  EXPECT_EQ(body(looking)["messages"][1]["content"], Json::parse(R"([{"type":"text","text":"look"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
      {"type":"image_url","image_url":{"url":"data:image/gif;base64,BBBB"}}])"));
}

TEST(OpenaiRequest, SaysThatAToolReturnedAnImage) {
  LlmRequest chain = with_tool();
  add_calls(chain);
  chain.messages.back().tool_results[0].images = {{"image/png", "AAAA", ""}};
  const Json content = body(chain)["messages"][3]["content"];
  EXPECT_TRUE(content.get<std::string>().starts_with("one\n[The tool also returned 1 image"));
  EXPECT_EQ(content.get<std::string>().find("AAAA"), std::string::npos);
}

TEST(OpenaiRequest, AsksForAnAnswerInAFormat) {
  LlmRequest shaped = request();
  shaped.model.response_format = RawJson(R"({"type":"text"})");
  EXPECT_FALSE(body(shaped).contains("response_format"));
  for (const char* format :
       {R"({"type":"json_object"})",
        R"({"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})"}) {
    shaped.model.response_format = RawJson(format);
    EXPECT_EQ(body(shaped)["response_format"], Json::parse(format));
  }
}

TEST(OpenaiRequest, AsksForProbabilitiesWhereThereAreSome) {
  LlmRequest curious = request();
  EXPECT_FALSE(body(curious).contains("logprobs"));
  curious.model.return_logprobs = true;
  EXPECT_EQ(body(curious)["logprobs"], true);
  EXPECT_FALSE(body(curious).contains("top_logprobs"));
  curious.model.top_logprobs = 3;
  EXPECT_EQ(body(curious)["top_logprobs"], 3);
  EXPECT_FALSE(body(curious, quirks("groq")).contains("logprobs"));
  curious.model.model = "o3";
  EXPECT_FALSE(body(curious).contains("logprobs"));
}

TEST(OpenaiRequest, VerbosityIsOfGpt5AndPenaltiesOfTheOthers) {
  LlmRequest set = request();
  set.model.verbosity = "low";
  set.model.frequency_penalty = 0.5;
  EXPECT_FALSE(body(set).contains("verbosity"));
  EXPECT_EQ(body(set)["frequency_penalty"], 0.5);
  set.model.model = "gpt-5.1";
  EXPECT_EQ(body(set)["verbosity"], "low");
  EXPECT_FALSE(body(set).contains("frequency_penalty"));
}

TEST(OpenaiRequest, TellsNewerReasoningModelsWhetherCallsMayBeParallel) {
  LlmRequest parallel = with_tool("gpt-5.1");
  EXPECT_EQ(body(parallel)["parallel_tool_calls"], false);
  parallel.model.parallel_tool_calls = true;
  EXPECT_EQ(body(parallel)["parallel_tool_calls"], true);
  parallel.model.reasoning_effort = "minimal";
  EXPECT_FALSE(body(parallel).contains("parallel_tool_calls"));
  EXPECT_FALSE(body(with_tool("o3-mini")).contains("parallel_tool_calls"));
}

TEST(OpenaiRequest, ZaiIsToldToThinkOrNot) {
  LlmRequest glm = request("glm-4.6");
  EXPECT_EQ(body(glm, quirks("zai"))["thinking"], Json::parse(R"({"type":"disabled"})"));
  glm.model.reasoning_enabled = true;
  EXPECT_EQ(body(glm, quirks("zai"))["thinking"],
            Json::parse(R"({"type":"enabled","clear_thinking":false})"));
}

TEST(OpenaiRequest, AClientsToolKeepsItsSchema) {
  LlmRequest strict = with_tool();
  strict.model.strict_tools = true;
  strict.tools[0].may_be_strict = false;
  EXPECT_FALSE(body(strict)["tools"][0]["function"].contains("strict"));
}

TEST(OpenaiRequest, WritesValidJsonForAnyBytes) {
  LlmRequest odd = request();
  odd.messages[1].text = std::string("\x00\x1f\x7f\xff\xed\xa0\x80 \xf0\x9f\x98\x80", 12);
  EXPECT_TRUE(Json::accept(request_body(odd, Quirks())));
}

}  // namespace reverie::openai
