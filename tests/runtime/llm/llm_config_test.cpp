#include "runtime/llm/llm_config.hpp"

#include "config/json.hpp"
#include "runtime/llm/demo.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::int64_t window_max = 128'000;

ModelInfo model_of(const std::string& type, const std::string& name, std::int64_t window,
                   std::int64_t output) {
  ModelInfo model;
  model.handle = type + "/" + name;
  model.name = name;
  model.display_name = name;
  model.provider = type;
  model.provider_type = type;
  model.endpoint = "http://127.0.0.1:9099/v1";
  model.context_window = window;
  model.output_tokens_max = output;
  return model;
}

ModelInfo gpt_4o_mini() {
  ModelInfo model = model_of("openai", "gpt-4o-mini", 128'000, 16'384);
  model.provider = "openai-proxy";
  model.handle = "openai-proxy/gpt-4o-mini";
  return model;
}

ModelInfo sonnet() {
  ModelInfo model = model_of("anthropic", "claude-sonnet-4-5-20250929", 200'000, 16'384);
  model.endpoint = "https://api.anthropic.com/v1";
  return model;
}

ModelRequest settings_of(const Json& settings) {
  ModelRequest request;
  request.model_settings = RawJson(settings.dump());
  return request;
}

Json config_of(const Result<AgentModel>& model) {
  return Json::parse(model->llm_config.text);
}
Json shown_of(const Result<AgentModel>& model) {
  return Json::parse(model->model_settings.text);
}

// What the retired server answered for the same requests.
TEST(LlmConfig, WritesOpenAiAsClientsHaveSeenIt) {
  const auto made = make_agent_model(gpt_4o_mini(), {}, window_max);
  EXPECT_EQ(made->handle, "openai-proxy/gpt-4o-mini");
  EXPECT_EQ(config_of(made), Json::parse(R"({"model":"gpt-4o-mini","display_name":null,
    "model_endpoint_type":"openai","model_endpoint":"http://127.0.0.1:9099/v1",
    "provider_name":"openai","provider_category":"base","model_wrapper":null,
    "context_window":128000,"put_inner_thoughts_in_kwargs":false,
    "handle":"openai-proxy/gpt-4o-mini","temperature":1.0,"max_tokens":16384,
    "enable_reasoner":false,"reasoning_effort":null,"max_reasoning_tokens":0,"effort":null,
    "frequency_penalty":null,"compatibility_type":null,"verbosity":null,"tier":null,
    "parallel_tool_calls":false,"response_format":null,"strict":false,"return_logprobs":false,
    "top_logprobs":null,"return_token_ids":false,"tool_call_parser":null})"));
  EXPECT_EQ(shown_of(made), Json::parse(R"({"max_output_tokens":16384,"parallel_tool_calls":true,
    "provider_type":"openai","temperature":1.0,"reasoning":{"reasoning_effort":"minimal"},
    "response_format":null,"strict":false})"));
}

TEST(LlmConfig, WritesAnthropicAsClientsHaveSeenIt) {
  const auto made = make_agent_model(sonnet(), {}, window_max);
  const Json config = config_of(made);
  EXPECT_EQ(config["context_window"], 128'000);
  EXPECT_EQ(config["enable_reasoner"], true);
  EXPECT_EQ(config["max_reasoning_tokens"], 1'024);
  EXPECT_EQ(config["model_endpoint_type"], "anthropic");
  EXPECT_EQ(shown_of(made), Json::parse(R"({"max_output_tokens":16384,"parallel_tool_calls":true,
    "provider_type":"anthropic","temperature":1.0,
    "thinking":{"type":"enabled","budget_tokens":1024},"response_format":null,"verbosity":null,
    "effort":null,"strict":false})"));
}

TEST(LlmConfig, TakesTheWindowThatIsAskedForUpToTheModels) {
  const ModelInfo large = model_of("openai", "gpt-4.1", 1'047'576, 16'384);
  ModelRequest request;
  EXPECT_EQ(config_of(make_agent_model(large, request, window_max))["context_window"], 128'000);
  request.context_window_limit = 500'000;
  EXPECT_EQ(config_of(make_agent_model(large, request, window_max))["context_window"], 500'000);
  EXPECT_EQ(config_of(make_agent_model(sonnet(), request, window_max))["context_window"], 200'000);
  request.context_window_limit = 8'000;
  EXPECT_EQ(config_of(make_agent_model(large, request, window_max))["context_window"], 8'000);
  request.context_window_limit = 0;
  EXPECT_EQ(make_agent_model(large, request, window_max).error().where, "context_window_limit");
}

TEST(LlmConfig, WritesSettingsIntoTheLegacyConfig) {
  const auto made = make_agent_model(gpt_4o_mini(),
                                     settings_of({{"provider_type", "openai"},
                                                  {"temperature", 0.2},
                                                  {"max_output_tokens", 500},
                                                  {"parallel_tool_calls", false},
                                                  {"strict", false},
                                                  {"response_format", {{"type", "json_object"}}}}),
                                     window_max);
  const Json config = config_of(made);
  EXPECT_EQ(config["temperature"], 0.2);
  EXPECT_EQ(config["max_tokens"], 500);
  EXPECT_EQ(config["parallel_tool_calls"], false);
  EXPECT_EQ(config["response_format"]["type"], "json_object");
  EXPECT_EQ(shown_of(made)["parallel_tool_calls"], false);
  EXPECT_EQ(shown_of(made)["max_output_tokens"], 500);
}

TEST(LlmConfig, SettingsThatAreSentHaveTheDefaultsOfTheirSchema) {
  const auto made = make_agent_model(model_of("openai", "gpt-5", 272'000, 16'384),
                                     settings_of({{"provider_type", "openai"}}), window_max);
  const Json config = config_of(made);
  EXPECT_EQ(config["temperature"], 0.7);
  EXPECT_EQ(config["parallel_tool_calls"], true);
  EXPECT_EQ(config["strict"], true);
  EXPECT_EQ(config["reasoning_effort"], "high");
  EXPECT_EQ(config["max_tokens"], 16'384);  // absent never clears it
}

TEST(LlmConfig, NamesAResponseFormatThatIsNone) {
  const std::pair<Json, const char*> cases[] = {
    {5, "model_settings.response_format"},
    {{{"type", "xml"}}, "model_settings.response_format.type"},
    {{{"type", "json_schema"}}, "model_settings.response_format.json_schema"},
  };
  for (const auto& [format, where] : cases) {
    const auto made =
      make_agent_model(gpt_4o_mini(), settings_of({{"response_format", format}}), window_max);
    ASSERT_FALSE(made) << format;
    EXPECT_EQ(made.error().code, Errc::invalid_argument);
    EXPECT_EQ(made.error().where, where);
  }
}

TEST(LlmConfig, PassesOnWhatOnlyTheLegacyConfigCanSay) {
  ModelRequest request;
  request.llm_config = RawJson(R"({"return_logprobs":true,"top_logprobs":2,"verbosity":"low",
    "frequency_penalty":0.5})");
  const auto call = model_config_of(*make_agent_model(gpt_4o_mini(), request, window_max));
  ASSERT_TRUE(call);
  EXPECT_TRUE(call->return_logprobs);
  EXPECT_EQ(call->top_logprobs, 2);
  EXPECT_EQ(call->verbosity, "low");
  EXPECT_EQ(call->frequency_penalty, 0.5);
}

TEST(LlmConfig, ThinkingCanBeSwitchedOff) {
  const auto off =
    make_agent_model(sonnet(), settings_of({{"thinking", {{"type", "disabled"}}}}), window_max);
  EXPECT_EQ(config_of(off)["enable_reasoner"], false);
  EXPECT_EQ(shown_of(off)["thinking"]["type"], "disabled");
  EXPECT_FALSE(model_config_of(*off)->reasoning_enabled);

  ModelRequest request;
  request.reasoning = false;
  EXPECT_EQ(config_of(make_agent_model(sonnet(), request, window_max))["enable_reasoner"], false);
}

TEST(LlmConfig, AModelThatDoesNotReasonIsNotMadeTo) {
  ModelRequest request = settings_of({{"reasoning", {{"reasoning_effort", "high"}}}});
  request.reasoning = true;
  const auto made = make_agent_model(gpt_4o_mini(), request, window_max);
  EXPECT_EQ(config_of(made)["enable_reasoner"], false);
  EXPECT_FALSE(model_config_of(*made)->reasoning_effort);
}

TEST(LlmConfig, SettingsThatCameFromUsChangeNothingWhenTheyComeBack) {
  for (const ModelInfo& model :
       {gpt_4o_mini(), sonnet(), demo_model_info(), model_of("ollama", "qwen3:8b", 40'960, 4'096),
        model_of("groq", "llama-3.3-70b", 131'072, 4'096),
        model_of("zai", "glm-4.6", 128'000, 4'096), model_of("openai", "gpt-5", 272'000, 16'384)}) {
    ModelRequest first;
    first.parallel_tool_calls = true;
    const auto made = make_agent_model(model, first, window_max);
    ModelRequest back;
    back.model_settings = made->model_settings;
    const auto again = change_agent_model(*made, nullptr, back, window_max);
    EXPECT_EQ(shown_of(again), shown_of(made)) << model.handle;
    EXPECT_EQ(model_config_of(*again)->temperature, model_config_of(*made)->temperature);
    EXPECT_EQ(config_of(again)["enable_reasoner"], config_of(made)["enable_reasoner"])
      << model.handle;
  }
}

TEST(LlmConfig, AnUpdateKeepsWhatItDoesNotName) {
  const auto made = make_agent_model(
    gpt_4o_mini(), settings_of({{"temperature", 0.3}, {"max_output_tokens", 900}}), window_max);
  const auto changed =
    change_agent_model(*made, nullptr, settings_of({{"strict", false}}), window_max);
  EXPECT_EQ(config_of(changed)["temperature"], 0.3);
  EXPECT_EQ(config_of(changed)["max_tokens"], 900);
  EXPECT_EQ(config_of(changed)["strict"], false);
  EXPECT_EQ(config_of(changed)["handle"], "openai-proxy/gpt-4o-mini");

  ModelRequest limit;
  limit.context_window_limit = 9'999'999;
  EXPECT_EQ(config_of(change_agent_model(*made, nullptr, limit, window_max))["context_window"],
            128'000);

  const ModelInfo other = sonnet();
  const auto moved = change_agent_model(*made, &other, {}, window_max);
  EXPECT_EQ(moved->handle, "anthropic/claude-sonnet-4-5-20250929");
  EXPECT_EQ(shown_of(moved)["provider_type"], "anthropic");
}

TEST(LlmConfig, ALegacyConfigSaysAllButWhichModelItIs) {
  ModelRequest request;
  request.llm_config = RawJson(
    R"({"model":"other","model_endpoint":"http://elsewhere","model_endpoint_type":"openai",
        "context_window":9999999,"temperature":0.4,"max_tokens":77,"temperature_unit":null})");
  const Json config = config_of(make_agent_model(gpt_4o_mini(), request, window_max));
  EXPECT_EQ(config["model"], "gpt-4o-mini");
  EXPECT_EQ(config["model_endpoint"], "http://127.0.0.1:9099/v1");
  EXPECT_EQ(config["context_window"], 128'000);
  EXPECT_EQ(config["temperature"], 0.4);
  EXPECT_EQ(config["max_tokens"], 77);
}

TEST(LlmConfig, NamesTheMemberThatIsWrong) {
  const auto where = [](const Json& settings) {
    return make_agent_model(sonnet(), settings_of(settings), window_max).error().where;
  };
  EXPECT_EQ(where({{"temperature", "hot"}}), "model_settings.temperature");
  EXPECT_EQ(where({{"max_output_tokens", 0}}), "model_settings.max_output_tokens");
  EXPECT_EQ(where({{"thinking", "yes"}}), "model_settings.thinking");
  EXPECT_EQ(where({{"thinking", {{"type", "perhaps"}}}}), "model_settings.thinking.type");
  EXPECT_EQ(where({{"effort", "huge"}}), "model_settings.effort");
  EXPECT_EQ(where({{"response_format", 7}}), "model_settings.response_format");
  EXPECT_EQ(where(Json::array()), "model_settings");
  ModelRequest request;
  request.llm_config = RawJson(R"({"temperature":"hot"})");
  EXPECT_EQ(make_agent_model(sonnet(), request, window_max).error().where,
            "llm_config.temperature");
}

TEST(LlmConfig, FindsTheHandleOfALegacyConfig) {
  EXPECT_EQ(*handle_of_llm_config(RawJson(R"({"handle":"a/b"})")), "a/b");
  EXPECT_EQ(*handle_of_llm_config(RawJson(R"({"model":"gpt-4o","provider_name":"openai"})")),
            "openai/gpt-4o");
  EXPECT_EQ(*handle_of_llm_config(RawJson(R"({"model":"m","model_endpoint_type":"groq"})")),
            "groq/m");
  EXPECT_EQ(handle_of_llm_config(RawJson(R"({"model":"m"})")).error().code, Errc::bad_request);
  EXPECT_EQ(handle_of_llm_config(RawJson("{")).error().code, Errc::bad_request);
}

TEST(LlmConfig, IsReadForACall) {
  ModelRequest request = settings_of({{"effort", "low"}, {"temperature", 0.5}});
  const auto made = make_agent_model(sonnet(), request, window_max);
  const auto call = model_config_of(*made);
  EXPECT_EQ(call->provider, "anthropic");
  EXPECT_EQ(call->model, "claude-sonnet-4-5-20250929");
  EXPECT_EQ(call->context_window, 128'000);
  EXPECT_EQ(call->output_tokens_max, 16'384);
  EXPECT_EQ(call->temperature, 0.5);
  EXPECT_EQ(call->reasoning_effort, "low");
  EXPECT_EQ(call->thinking_budget, 1'024);
  EXPECT_TRUE(call->reasoning_enabled);
  EXPECT_TRUE(call->parallel_tool_calls);
  EXPECT_TRUE(call->response_format.is_null());
}

TEST(LlmConfig, BytesThatDoNotDecodeAreCorruption) {
  const auto code = [](const char* text) {
    return model_config_of({"a/b", RawJson(text), RawJson("{}")}).error().code;
  };
  EXPECT_EQ(code("{\"model\":"), Errc::corruption);
  EXPECT_EQ(code("{}"), Errc::corruption);
  EXPECT_EQ(change_agent_model({"a/b", RawJson("x"), RawJson()}, nullptr, {}, 1).error().code,
            Errc::corruption);
  EXPECT_TRUE(field_numbers_are_unique<LlmConfig>());
}

TEST(LlmConfig, CompactionIsDoneByASmallModelOfTheSameVendor) {
  const auto model = [](const ModelInfo& of) {
    return Json::parse(default_compaction_settings(of))["model"];
  };
  EXPECT_EQ(model(sonnet()), "anthropic/claude-haiku-4-5");
  EXPECT_EQ(model(model_of("openai", "gpt-5", 1, 1)), "openai/gpt-5-mini");
  EXPECT_EQ(model(gpt_4o_mini()), "openai-proxy/gpt-4o-mini");
  EXPECT_EQ(model(demo_model_info()), "reverie/demo");
  EXPECT_EQ(Json::parse(default_compaction_settings(sonnet()))["mode"], "sliding_window");
}

}  // namespace
}  // namespace reverie
