#include "runtime/llm/discovery.hpp"

#include "runtime/llm/ollama_discovery.hpp"

#include <gtest/gtest.h>

#include <map>

namespace reverie {
namespace {

ProviderSource source_of(const std::string& type, const std::string& url = "") {
  ProviderSource source{.name = type, .type = type, .base_url = url};
  if (url.empty()) source.base_url = find_provider_kind(type)->default_url;
  return source;
}

std::vector<std::string> handles_of(const std::vector<ModelInfo>& models, bool embeddings = false) {
  std::vector<std::string> handles;
  for (const ModelInfo& model : models)
    if (model.is_embedding == embeddings) handles.push_back(model.handle);
  return handles;
}

using Handles = std::vector<std::string>;

TEST(Discovery, OffersOpenAisChatModelsOnly) {
  const auto models = parse_model_list(source_of("openai"), R"({"object":"list","data":[
    {"id":"gpt-4o-mini"},{"id":"gpt-5"},{"id":"o3"},{"id":"whisper-1"},{"id":"dall-e-3"},
    {"id":"gpt-4o-transcribe"},{"id":"gpt-4o-search-preview"},{"id":"gpt-4o-realtime-preview"},
    {"id":"gpt-4o-mini-tts"},{"id":"o1-mini"},{"id":"o1-pro"},{"id":"computer-use-preview"},
    {"id":"text-embedding-3-small"},{"id":"gpt-3.5-turbo"},{"id":7},"x"]})");
  EXPECT_EQ(handles_of(*models), (Handles{"openai/gpt-4o-mini", "openai/gpt-5", "openai/o3"}));
  EXPECT_EQ(handles_of(*models, true),
            (Handles{"openai/text-embedding-3-large", "openai/text-embedding-3-small",
                     "openai/text-embedding-ada-002"}));
  EXPECT_EQ((*models)[0].context_window, 128'000);
  EXPECT_EQ((*models)[0].output_tokens_max, 16'384);
  EXPECT_EQ((*models)[0].endpoint, "https://api.openai.com/v1");
}

TEST(Discovery, OffersAllOfAnOpenAiProxy) {
  ProviderSource proxy = source_of("openai", "http://127.0.0.1:9099/v1");
  proxy.name = "openai-proxy";
  const auto models = parse_model_list(proxy, R"({"data":[{"id":"scripted"},{"id":"gpt-4.1"},
    {"id":"whisper-1"},{"id":"text-embedding-3-large"},{"id":"local","max_model_len":8192}]})");
  EXPECT_EQ(handles_of(*models), (Handles{"openai-proxy/scripted", "openai-proxy/gpt-4.1",
                                          "openai-proxy/whisper-1", "openai-proxy/local"}));
  EXPECT_EQ(handles_of(*models, true), Handles{"openai/text-embedding-3-large"});
  EXPECT_EQ((*models)[0].context_window, 30'000);
  EXPECT_EQ((*models)[1].context_window, 1'047'576);
  const ModelInfo& local = models->back();
  EXPECT_EQ(local.context_window, 8'192);
  EXPECT_EQ(local.output_tokens_max, 2'048);  // a quarter: the answer must fit beside the prompt
}

TEST(Discovery, NamesAnthropicsModelsAsClientsKnowThem) {
  const auto models = parse_model_list(source_of("anthropic"), R"({"data":[
    {"type":"model","id":"claude-haiku-4-5-20251001"},{"type":"model","id":"claude-2.1"},
    {"type":"model","id":"claude-sonnet-4-5-20250929"}],"has_more":false})");
  EXPECT_EQ(handles_of(*models),
            (Handles{"anthropic/claude-haiku-4-5", "anthropic/claude-sonnet-4-5-20250929"}));
  EXPECT_EQ((*models)[0].name, "claude-haiku-4-5-20251001");
  EXPECT_EQ((*models)[0].context_window, 200'000);
  EXPECT_EQ((*models)[0].output_tokens_max, 8'192);
}

TEST(Discovery, ReadsTheWindowsThatHostsTell) {
  const auto groq = parse_model_list(source_of("groq"), R"({"data":[
    {"id":"llama-3.3-70b-versatile","context_window":131072,"active":true},
    {"id":"whisper-large-v3","context_window":448},{"id":"old","context_window":8192,"active":false},
    {"id":"llama-guard-4-12b","context_window":131072}]})");
  EXPECT_EQ(handles_of(*groq), Handles{"groq/llama-3.3-70b-versatile"});
  EXPECT_EQ((*groq)[0].context_window, 131'072);

  const auto together = parse_model_list(source_of("together"), R"([
    {"id":"meta/llama","type":"chat","context_length":131072},
    {"id":"tiny","type":"chat","context_length":4096},{"id":"pic","type":"image"}])");
  EXPECT_EQ(handles_of(*together), Handles{"together/meta/llama"});

  const auto open = parse_model_list(
    source_of("openrouter"), R"({"data":[{"id":"z/m:free","context_length":65536},{"id":"n"}]})");
  EXPECT_EQ(handles_of(*open), (Handles{"openrouter/z/m:free", "openrouter/n"}));
  EXPECT_EQ((*open)[0].context_window, 65'536);

  const auto mistral = parse_model_list(source_of("mistral"), R"({"data":[
    {"id":"a","capabilities":{"completion_chat":true,"function_calling":true},
     "max_context_length":32768},
    {"id":"b","capabilities":{"completion_chat":true,"function_calling":false}},{"id":"c"}]})");
  EXPECT_EQ(handles_of(*mistral), Handles{"mistral/a"});

  const auto xai =
    parse_model_list(source_of("xai"), R"({"data":[{"id":"grok-4-0709"},{"id":"grok-2-image"}]})");
  EXPECT_EQ(handles_of(*xai), Handles{"xai/grok-4-0709"});
  EXPECT_EQ((*xai)[0].context_window, 256'000);
}

TEST(Discovery, ReadsWhatALocalServerHasLoaded) {
  const auto vllm = parse_model_list(
    source_of("vllm", "http://127.0.0.1:8000/v1"),
    R"({"object":"list","data":[{"id":"Qwen/Qwen3-8B","owned_by":"vllm","max_model_len":40960}]})");
  EXPECT_EQ(handles_of(*vllm), Handles{"vllm/Qwen/Qwen3-8B"});
  EXPECT_EQ((*vllm)[0].context_window, 40'960);

  const auto studio = parse_model_list(source_of("lmstudio_openai", "http://127.0.0.1:1234/v1"),
                                       R"({"data":[
    {"id":"qwen","type":"llm","max_context_length":131072,"loaded_context_length":4096},
    {"id":"gemma","type":"vlm","max_context_length":8192},
    {"id":"nomic","type":"embeddings","max_context_length":2048},{"id":"x"}]})");
  EXPECT_EQ(handles_of(*studio), (Handles{"lmstudio_openai/qwen", "lmstudio_openai/gemma"}));
  EXPECT_EQ((*studio)[0].context_window, 4'096);
  EXPECT_EQ((*studio)[1].context_window, 8'192);
  EXPECT_EQ(handles_of(*studio, true), Handles{"lmstudio_openai/nomic"});
}

TEST(Discovery, AGuessedServerMustLookLikeItsKind) {
  ProviderSource guess = source_of("vllm", "http://127.0.0.1:8000/v1");
  guess.is_guess = true;
  EXPECT_EQ(parse_model_list(guess, R"({"data":[{"id":"something"}]})").error().code,
            Errc::upstream);
  EXPECT_TRUE(parse_model_list(guess, R"({"data":[{"id":"m","owned_by":"vllm"}]})"));
}

TEST(Discovery, SaysWhatIsNoList) {
  for (const char* body : {"", "<html>", "{}", "{\"data\":7}", "null", "{\"data\":[", "\"x\""})
    EXPECT_EQ(parse_model_list(source_of("openai"), body).error().code, Errc::upstream) << body;
}

// Answers by URL, and remembers the calls. What it has no answer for refuses the connection.
struct FakeHttp {
  std::map<std::string, HttpResult> answers;
  std::vector<HttpCall> calls;

  Fetch fetch() {
    return [this](HttpCall call, OnHttpDone on_done) {
      calls.push_back(call);
      const auto found = answers.find(call.url + call.body);
      if (found == answers.end()) return on_done(Error{Errc::llm_connection, "refused", ""});
      on_done(found->second);
    };
  }
  void answer(const std::string& key, const std::string& body, int status = 200) {
    HttpResult result;
    result.status = status;
    result.body = body;
    answers[key] = result;
  }
};

Result<std::vector<ModelInfo>> discover(FakeHttp& http, const ProviderSource& source) {
  std::vector<Result<std::vector<ModelInfo>>> answers;
  discover_models(http.fetch(), source, 10'000, [&](Result<std::vector<ModelInfo>> models) {
    answers.push_back(std::move(models));
  });
  EXPECT_EQ(answers.size(), 1u);
  return answers.empty() ? Error{} : std::move(answers[0]);
}

std::string header_of(const HttpCall& call, const std::string& name) {
  for (const HttpHeader& header : call.headers)
    if (header.name == name) return header.value;
  return "";
}

TEST(Discovery, AsksWithTheProvidersKey) {
  FakeHttp http;
  ProviderSource source = source_of("anthropic");
  source.api_key = "secret";
  EXPECT_EQ(discover(http, source).error().code, Errc::llm_connection);
  EXPECT_EQ(http.calls[0].url, "https://api.anthropic.com/v1/models?limit=1000");
  EXPECT_EQ(header_of(http.calls[0], "x-api-key"), "secret");
  EXPECT_EQ(header_of(http.calls[0], "anthropic-version"), "2023-06-01");
  EXPECT_EQ(http.calls[0].total_ms, 10'000);

  source = source_of("openrouter");
  source.api_key = "secret";
  source.headers = {{"X-Title", "mine"}};
  (void)discover(http, source);
  EXPECT_EQ(http.calls[1].url, "https://openrouter.ai/api/v1/models?supported_parameters=tools");
  EXPECT_EQ(header_of(http.calls[1], "Authorization"), "Bearer secret");
  EXPECT_EQ(header_of(http.calls[1], "X-Title"), "mine");

  source = source_of("lmstudio_openai", "http://127.0.0.1:1234/v1");
  source.is_guess = true;
  (void)discover(http, source);
  EXPECT_EQ(http.calls[2].url, "http://127.0.0.1:1234/api/v0/models");
  EXPECT_LE(http.calls[2].connect_ms, 500);
}

TEST(Discovery, TellsARefusedKeyFromAServerThatFails) {
  FakeHttp http;
  http.answer("https://api.openai.com/v1/models", "{}", 401);
  EXPECT_EQ(discover(http, source_of("openai")).error().code, Errc::llm_authentication);
  http.answer("https://api.openai.com/v1/models", "{}", 500);
  const auto failed = discover(http, source_of("openai"));
  EXPECT_EQ(failed.error().code, Errc::upstream);
  EXPECT_EQ(failed.error().message, "https://api.openai.com/v1/models answered 500");
}

constexpr const char* ollama_url = "http://127.0.0.1:11434";

std::string show_key(const std::string& model) {
  return std::string(ollama_url) + "/api/show" + R"({"model":")" + model + R"(","name":")" + model
         + R"("})";
}

TEST(Discovery, AsksOllamaAboutEachModel) {
  FakeHttp http;
  http.answer(std::string(ollama_url) + "/api/tags", R"({"models":[{"name":"qwen3:8b"},
    {"name":"llava"},{"name":"nomic-embed-text"},{"name":"gone"},{"name":"small"},{"bad":1}]})");
  http.answer(show_key("qwen3:8b"), R"({"capabilities":["completion","tools"],
    "model_info":{"general.architecture":"qwen3","qwen3.context_length":40960}})");
  http.answer(show_key("llava"), R"({"capabilities":["completion","vision"],
    "model_info":{"llama.context_length":32768}})");
  http.answer(show_key("nomic-embed-text"), R"({"capabilities":["embedding"],
    "model_info":{"nomic-bert.context_length":2048,"nomic-bert.embedding_length":768}})");
  http.answer(show_key("small"), R"({"capabilities":["tools"],"parameters":"num_ctx   8192\nstop x",
    "model_info":{"llama.context_length":131072}})");
  const auto models = discover(http, source_of("ollama", std::string(ollama_url) + "/v1"));
  EXPECT_EQ(handles_of(*models), (Handles{"ollama/qwen3:8b", "ollama/small"}));
  EXPECT_EQ(handles_of(*models, true), Handles{"ollama/nomic-embed-text"});
  EXPECT_EQ((*models)[0].context_window, 40'960);
  EXPECT_EQ((*models)[0].endpoint, "http://127.0.0.1:11434/v1");
  EXPECT_EQ((*models)[1].embedding_dim, 768);
  EXPECT_EQ(models->back().context_window, 8'192);  // what its model file gives it
  EXPECT_EQ(http.calls[1].method, "POST");
}

TEST(Discovery, AnOllamaWithoutModelsIsThere) {
  FakeHttp http;
  http.answer(std::string(ollama_url) + "/api/tags", R"({"models":[]})");
  const auto models = discover(http, source_of("ollama", std::string(ollama_url) + "/v1"));
  ASSERT_TRUE(models);
  EXPECT_TRUE(models->empty());
  http.answer(std::string(ollama_url) + "/api/tags", "<html>");
  EXPECT_EQ(discover(http, source_of("ollama", std::string(ollama_url) + "/v1")).error().code,
            Errc::upstream);
}

TEST(Discovery, AnOldOllamaThatTellsNoCapabilitiesIsBelieved) {
  const auto model =
    parse_ollama_model(source_of("ollama", "http://127.0.0.1:11434/v1"), "m", "{}");
  ASSERT_TRUE(model);
  EXPECT_EQ((*model)->context_window, 128'000);
  EXPECT_EQ(parse_ollama_model(source_of("ollama", "u"), "m", "[").error().code, Errc::upstream);
}

}  // namespace
}  // namespace reverie
