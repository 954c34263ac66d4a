#include "runtime/llm/models_json.hpp"

#include "config/json.hpp"
#include "runtime/llm/demo.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

ModelInfo openai_model(const std::string& provider, const std::string& name, std::int64_t window) {
  ModelInfo model;
  model.handle = provider + "/" + name;
  model.name = name;
  model.display_name = name;
  model.provider = provider;
  model.provider_type = "openai";
  model.endpoint = "http://127.0.0.1:9099/v1";
  model.context_window = window;
  model.output_tokens_max = 16'384;
  return model;
}

TEST(ModelsJson, ListsModelsAsClientsHaveSeenThem) {
  const Json list = Json::parse(
    models_json({openai_model("openai-proxy", "gpt-4o-mini", 128'000), demo_model_info()}));
  EXPECT_EQ(list[0], Json::parse(R"({"handle":"openai-proxy/gpt-4o-mini","name":"gpt-4o-mini",
    "display_name":"gpt-4o-mini","provider_type":"openai","provider_name":"openai",
    "model_type":"llm","model":"gpt-4o-mini","model_endpoint_type":"openai",
    "model_endpoint":"http://127.0.0.1:9099/v1","provider_category":"base","model_wrapper":null,
    "context_window":128000,"put_inner_thoughts_in_kwargs":false,"temperature":1.0,
    "max_tokens":16384,"enable_reasoner":true,"reasoning_effort":null,"max_reasoning_tokens":0,
    "effort":null,"frequency_penalty":null,"compatibility_type":null,"verbosity":null,"tier":null,
    "parallel_tool_calls":false,"response_format":null,"strict":false,"return_logprobs":false,
    "top_logprobs":null,"return_token_ids":false,"tool_call_parser":null,
    "max_context_window":128000})"));
  EXPECT_EQ(list[1]["handle"], "reverie/demo");
  EXPECT_TRUE(list[1]["model_endpoint"].is_null());
  EXPECT_EQ(models_json({}), "[]");
}

TEST(ModelsJson, EveryModelHasTheRequiredMembers) {
  for (const Json& model : Json::parse(models_json({demo_model_info(), openai_model("a", "b", 1)})))
    for (const char* name : {"name", "provider_type", "model", "model_endpoint_type",
                             "context_window", "max_context_window"})
      EXPECT_FALSE(model[name].is_null()) << name;
}

TEST(ModelsJson, ListsEmbeddingModelsAsClientsHaveSeenThem) {
  ModelInfo model = openai_model("openai", "text-embedding-3-small", 8'191);
  model.is_embedding = true;
  model.embedding_dim = 1'536;
  EXPECT_EQ(Json::parse(embedding_models_json({model}))[0],
            Json::parse(R"({"handle":"openai/text-embedding-3-small",
    "name":"text-embedding-3-small","display_name":"text-embedding-3-small",
    "provider_type":"openai","provider_name":"openai","model_type":"embedding",
    "embedding_endpoint_type":"openai","embedding_endpoint":"http://127.0.0.1:9099/v1",
    "embedding_model":"text-embedding-3-small","embedding_dim":1536,"embedding_chunk_size":300,
    "batch_size":32,"azure_endpoint":null,"azure_version":null,"azure_deployment":null})"));
}

TEST(ModelsJson, AnEmbeddingHandleThatNobodyOffersIsKept) {
  const Json config = Json::parse(embedding_config_json("openai/text-embedding-3-small", nullptr));
  EXPECT_EQ(config["handle"], "openai/text-embedding-3-small");
  EXPECT_EQ(config["embedding_model"], "text-embedding-3-small");
  EXPECT_EQ(config["embedding_dim"], 1'536);
  EXPECT_EQ(config["embedding_endpoint_type"], "openai");
}

}  // namespace
}  // namespace reverie
