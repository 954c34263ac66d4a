#include "runtime/llm/providers.hpp"

#include "runtime/llm/demo.hpp"

#include <gtest/gtest.h>

#include <map>

namespace reverie {
namespace {

std::vector<ProviderSource> sources_from(Environment::Variables variables,
                                         bool discover_local = false,
                                         std::vector<ConfiguredProvider> configured = {}) {
  ModelSettings settings;
  settings.discover_local = discover_local;
  settings.providers = std::move(configured);
  auto sources = provider_sources(settings, Environment(std::move(variables)));
  EXPECT_TRUE(sources);
  return sources ? *std::move(sources) : std::vector<ProviderSource>();
}

TEST(ProviderSources, AreThoseWhoseKeyOrAddressIsSet) {
  EXPECT_TRUE(sources_from({}).empty());
  const auto sources = sources_from({{"OPENROUTER_API_KEY", "r"},
                                     {"OPENAI_API_KEY", "o"},
                                     {"ANTHROPIC_API_KEY", "a"},
                                     {"OPENROUTER_TITLE", "mine"},
                                     {"VLLM_API_KEY", "no address, no server"}});
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[0].name, "openai");
  EXPECT_EQ(sources[0].api_key, "o");
  EXPECT_EQ(sources[0].base_url, "https://api.openai.com/v1");
  EXPECT_TRUE(is_at_vendor(sources[0]));
  EXPECT_EQ(sources[1].name, "anthropic");
  EXPECT_EQ(sources[2].headers, (std::vector<HttpHeader>{{"X-Title", "mine"}}));
}

TEST(ProviderSources, AnotherAddressOfOpenAiIsAProxy) {
  for (const char* variable : {"OPENAI_BASE_URL", "OPENAI_API_BASE"}) {
    const auto sources =
      sources_from({{"OPENAI_API_KEY", "o"}, {variable, "http://127.0.0.1:9099/v1/"}});
    ASSERT_EQ(sources.size(), 1u);
    EXPECT_EQ(sources[0].name, "openai-proxy");
    EXPECT_EQ(sources[0].base_url, "http://127.0.0.1:9099/v1");
    EXPECT_FALSE(is_at_vendor(sources[0]));
    EXPECT_EQ(shown_provider_name(sources[0].name), "openai");
  }
  EXPECT_EQ(sources_from({{"OPENAI_BASE_URL", "https://api.openai.com/v1/"}})[0].name, "openai");
}

TEST(ProviderSources, LocalServersGetTheirV1) {
  const auto sources = sources_from({{"OLLAMA_BASE_URL", "http://box:11434/"},
                                     {"VLLM_API_BASE", "http://box:8000"},
                                     {"VLLM_HANDLE_BASE", "mine"},
                                     {"LMSTUDIO_BASE_URL", "http://box:1234/v1"}});
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_EQ(sources[0].base_url, "http://box:11434/v1");
  EXPECT_EQ(sources[1].base_url, "http://box:8000/v1");
  EXPECT_EQ(sources[1].name, "mine");
  EXPECT_EQ(sources[2].base_url, "http://box:1234/v1");
}

TEST(ProviderSources, LocalServersAreLookedForOnTheLoopbackOnly) {
  auto sources = sources_from({}, true);
  ASSERT_EQ(sources.size(), 3u);
  for (const ProviderSource& source : sources) {
    EXPECT_TRUE(source.is_guess);
    EXPECT_TRUE(source.base_url.starts_with("http://127.0.0.1:")) << source.base_url;
  }
  sources = sources_from({{"OLLAMA_BASE_URL", "http://box:11434"}}, true);
  ASSERT_EQ(sources.size(), 3u);
  EXPECT_FALSE(sources[0].is_guess);
}

TEST(ProviderSources, TheFileNamesMoreAndTheEnvironmentOverridesIt) {
  const auto sources = sources_from(
    {{"GROQ_API_KEY", "env"}}, false,
    {{.name = "mine", .type = "openai", .base_url = "http://h/v1/", .api_key = "k"},
     {.name = "groq", .type = "groq", .base_url = "", .api_key = "file", .concurrency_max = 4}});
  ASSERT_EQ(sources.size(), 2u);
  EXPECT_EQ(sources[0].name, "mine");
  EXPECT_EQ(sources[0].base_url, "http://h/v1");
  EXPECT_EQ(sources[1].api_key, "env");
  EXPECT_EQ(sources[1].concurrency_max, 4);
}

TEST(ProviderSources, NamesTheSettingThatIsWrong) {
  ModelSettings settings;
  settings.providers = {{.name = "x", .type = "telepathy", .base_url = "", .api_key = ""}};
  auto sources = provider_sources(settings, Environment());
  EXPECT_EQ(sources.error().where, "models.providers.x.type");
  settings.providers = {{.name = "x", .type = "vllm", .base_url = "", .api_key = ""}};
  sources = provider_sources(settings, Environment());
  EXPECT_EQ(sources.error().where, "models.providers.x.base_url");
}

// Providers whose lists the test gives, when it wants to.
class Registry {
 public:
  ManualClock clock{Timestamp(std::chrono::hours(1))};
  std::map<std::string, std::vector<OnModels>> waiting;  // provider name -> listings under way

  explicit Registry(const std::vector<std::string>& types, bool is_guess = false)
    : providers(
      [&] {
        std::vector<ProviderSource> sources;
        for (const std::string& type : types)
          sources.push_back(
            {.name = type, .type = type, .base_url = "http://x", .is_guess = is_guess});
        return sources;
      }(),
      [](const ProviderSource&) { return std::make_shared<DemoProvider>(); },
      [this](const ProviderSource& source, OnModels on_models) {
        waiting[source.name].push_back(std::move(on_models));
      },
      clock) {}

  void answer(const std::string& name, Result<std::vector<ModelInfo>> models) {
    auto calls = std::move(waiting[name]);
    waiting[name].clear();
    ASSERT_FALSE(calls.empty()) << name << " was not asked";
    for (auto& each : calls) each(models);
  }

  std::vector<std::string> handles() const {
    std::vector<std::string> all;
    for (const ModelInfo& model : providers.list()) all.push_back(model.handle);
    return all;
  }

  Providers providers;
};

ModelInfo model_of(const std::string& provider, const std::string& name) {
  ModelInfo model;
  model.handle = provider + "/" + name;
  model.name = name;
  model.provider = provider;
  model.provider_type = provider;
  model.context_window = 1'000;
  return model;
}

using Handles = std::vector<std::string>;
const Error refused{Errc::llm_connection, "connection refused", ""};

TEST(Providers, TheBuiltInModelAnswersWhenThereIsNoOther) {
  Registry registry({});
  EXPECT_EQ(registry.handles(), Handles{"reverie/demo"});
  const auto demo = registry.providers.resolve("reverie/demo");
  ASSERT_TRUE(demo);
  EXPECT_NE(demo->provider, nullptr);
  bool is_done = false;
  registry.providers.refresh([&] { is_done = true; });
  EXPECT_TRUE(is_done);
}

TEST(Providers, OffersTheBestFirstAndTheBuiltInLast) {
  Registry registry({"openai", "anthropic", "ollama"});
  registry.providers.refresh();
  registry.answer("ollama", std::vector{model_of("ollama", "z"), model_of("ollama", "b")});
  registry.answer(
    "openai", std::vector{model_of("openai", "o3"), model_of("openai", "gpt-4o-2024-05-13"),
                          model_of("openai", "gpt-4o"), model_of("openai", "gpt-5.4-pro"),
                          model_of("openai", "gpt-4o-2024-08-06"), model_of("openai", "gpt-5")});
  registry.answer("anthropic", std::vector{model_of("anthropic", "claude-opus-4-5"),
                                           model_of("anthropic", "claude-sonnet-4-5")});
  EXPECT_EQ(registry.handles(),
            (Handles{"openai/gpt-5", "openai/gpt-4o", "openai/gpt-4o-2024-08-06",
                     "openai/gpt-4o-2024-05-13", "openai/o3", "openai/gpt-5.4-pro",
                     "anthropic/claude-sonnet-4-5", "anthropic/claude-opus-4-5", "ollama/b",
                     "ollama/z", "reverie/demo"}));
}

TEST(Providers, AnUnknownHandlesErrorListsTheUsableOnes) {
  Registry registry({"openai"});
  registry.providers.refresh();
  registry.answer("openai", std::vector{model_of("openai", "gpt-5")});
  const auto unknown = registry.providers.resolve("nope/none");
  EXPECT_EQ(unknown.error().code, Errc::not_found);
  EXPECT_EQ(
    unknown.error().message,
    "NOT_FOUND: Handle nope/none not found, must be one of ['openai/gpt-5', 'reverie/demo']");
  EXPECT_EQ(registry.providers.resolve("gpt-5").error().code, Errc::bad_request);
  EXPECT_EQ(registry.providers.resolve("").error().code, Errc::bad_request);
}

TEST(Providers, FindsAModelByTheVendorsNameToo) {
  Registry registry({"anthropic"});
  registry.providers.refresh();
  ModelInfo haiku = model_of("anthropic", "claude-haiku-4-5-20251001");
  haiku.handle = "anthropic/claude-haiku-4-5";
  registry.answer("anthropic", std::vector{haiku});
  EXPECT_TRUE(registry.providers.resolve("anthropic/claude-haiku-4-5"));
  EXPECT_EQ(registry.providers.resolve("anthropic/claude-haiku-4-5-20251001")->info, haiku);
}

TEST(Providers, KeepsEmbeddingModelsApart) {
  Registry registry({"openai"});
  registry.providers.refresh();
  ModelInfo embedding = model_of("openai", "text-embedding-3-small");
  embedding.is_embedding = true;
  registry.answer("openai", std::vector{embedding});
  EXPECT_EQ(registry.handles(), Handles{"reverie/demo"});
  ASSERT_EQ(registry.providers.list_embeddings().size(), 1u);
  EXPECT_FALSE(registry.providers.resolve("openai/text-embedding-3-small"));
}

TEST(Providers, AConfiguredProviderThatIsDownKeepsItsModels) {
  Registry registry({"vllm"});
  registry.providers.refresh();
  registry.answer("vllm", refused);
  EXPECT_EQ(registry.handles(), Handles{"reverie/demo"});
  registry.providers.refresh();
  registry.answer("vllm", std::vector{model_of("vllm", "m")});
  registry.providers.refresh();
  registry.answer("vllm", refused);
  EXPECT_EQ(registry.handles(), (Handles{"vllm/m", "reverie/demo"}));
  EXPECT_EQ(registry.providers.health()[0].error, "connection refused");
  EXPECT_EQ(registry.providers.health()[0].models, 1u);
}

TEST(Providers, AGuessedProviderGoesWhenItsServerGoes) {
  Registry registry({"ollama"}, true);
  registry.providers.refresh();
  registry.answer("ollama", std::vector{model_of("ollama", "m")});
  EXPECT_EQ(registry.handles(), (Handles{"ollama/m", "reverie/demo"}));
  registry.providers.refresh();
  registry.answer("ollama", refused);
  EXPECT_EQ(registry.handles(), Handles{"reverie/demo"});
  EXPECT_TRUE(registry.providers.provider_of("ollama/m"));  // agents of it can still be answered
}

TEST(Providers, AnUnknownHandleMakesItsProviderListAgain) {
  Registry registry({"ollama", "openai"});
  std::vector<Result<ResolvedModel>> answers;
  const auto take = [&](Result<ResolvedModel> answer) { answers.push_back(std::move(answer)); };
  registry.providers.resolve_fresh("ollama/new", take);
  registry.providers.resolve_fresh("ollama/new", take);  // joins the listing under way
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(registry.waiting["ollama"].size(), 1u);
  EXPECT_TRUE(registry.waiting["openai"].empty());
  registry.answer("ollama", std::vector{model_of("ollama", "new")});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0]);
  EXPECT_TRUE(answers[1]);

  registry.providers.resolve_fresh("ollama/new", take);  // known by now
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_TRUE(answers[2]);
}

TEST(Providers, AWrongHandleInALoopDoesNotAskAsOften) {
  Registry registry({"ollama"});
  int failures = 0;
  const auto take = [&](const Result<ResolvedModel>& answer) {
    if (!answer && answer.error().code == Errc::not_found) ++failures;
  };
  registry.providers.resolve_fresh("ollama/none", take);
  registry.answer("ollama", std::vector<ModelInfo>{});
  EXPECT_EQ(failures, 1);
  registry.providers.resolve_fresh("ollama/none", take);
  EXPECT_EQ(failures, 2);
  EXPECT_TRUE(registry.waiting["ollama"].empty());
  registry.clock.advance(std::chrono::seconds(1));
  registry.providers.resolve_fresh("ollama/none", take);
  EXPECT_EQ(registry.waiting["ollama"].size(), 1u);
  registry.answer("ollama", refused);
  EXPECT_EQ(failures, 3);
  registry.providers.resolve_fresh("nobody/none", take);
  registry.providers.resolve_fresh("none", take);  // bad_request, not counted
  EXPECT_EQ(failures, 4);
}

TEST(Providers, RefreshSaysWhenTheLastHasAnswered) {
  Registry registry({"openai", "ollama"});
  int done = 0;
  registry.providers.refresh([&] { ++done; });
  registry.answer("ollama", refused);
  EXPECT_EQ(done, 0);
  registry.answer("openai", std::vector<ModelInfo>{});
  EXPECT_EQ(done, 1);
}

TEST(Providers, AListingMayEndAfterTheRegistry) {
  const SystemClock clock;
  OnModels late;
  bool is_done = false;
  {
    Providers providers(
      {{.name = "openai", .type = "openai"}}, [](const ProviderSource&) { return nullptr; },
      [&](const ProviderSource&, OnModels on_models) { late = std::move(on_models); }, clock);
    providers.refresh([&] { is_done = true; });
  }
  late(std::vector{model_of("openai", "gpt-5")});
  EXPECT_TRUE(is_done);
}

TEST(Providers, AProviderIsFoundForAnAgentWhoseModelIsNotListed) {
  Registry registry({"openai"});
  EXPECT_TRUE(registry.providers.provider_of("openai/unheard-of"));
  EXPECT_TRUE(registry.providers.provider_of("openai-proxy/gpt-4o"));  // its URL was changed
  EXPECT_EQ(registry.providers.provider_of("letta/letta-free").error().code, Errc::not_found);
  EXPECT_EQ(registry.providers.provider_of("plain").error().code, Errc::bad_request);
}

}  // namespace
}  // namespace reverie
