#include "runtime/llm/provider_sources.hpp"

#include <algorithm>

namespace reverie {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view proxy_name = "openai-proxy";

constexpr std::array kinds{
  ProviderKind{.type = "openai",
               .endpoint_type = "openai",
               .key_variable = "OPENAI_API_KEY",
               .url_variables = {"OPENAI_BASE_URL"sv, "OPENAI_API_BASE"sv},
               .default_url = "https://api.openai.com/v1",
               .listing = Listing::openai},
  ProviderKind{.type = "anthropic",
               .endpoint_type = "anthropic",
               .key_variable = "ANTHROPIC_API_KEY",
               .url_variables = {"ANTHROPIC_BASE_URL"sv},
               .default_url = "https://api.anthropic.com/v1",
               .listing = Listing::anthropic},
  ProviderKind{.type = "ollama",
               .endpoint_type = "openai",
               .key_variable = "OLLAMA_API_KEY",
               .url_variables = {"OLLAMA_BASE_URL"sv},
               .listing = Listing::ollama,
               .adds_v1 = true,
               .local_port = 11434},
  ProviderKind{.type = "groq",
               .endpoint_type = "groq",
               .key_variable = "GROQ_API_KEY",
               .url_variables = {"GROQ_BASE_URL"sv},
               .default_url = "https://api.groq.com/openai/v1",
               .listing = Listing::groq},
  ProviderKind{.type = "together",
               .endpoint_type = "together",
               .key_variable = "TOGETHER_API_KEY",
               .url_variables = {"TOGETHER_BASE_URL"sv},
               .default_url = "https://api.together.xyz/v1",
               .listing = Listing::together},
  ProviderKind{.type = "vllm",
               .endpoint_type = "openai",
               .key_variable = "VLLM_API_KEY",
               .url_variables = {"VLLM_API_BASE"sv},
               .listing = Listing::vllm,
               .adds_v1 = true,
               .local_port = 8000,
               .handle_variable = "VLLM_HANDLE_BASE"},
  ProviderKind{.type = "sglang",
               .endpoint_type = "openai",
               .key_variable = "SGLANG_API_KEY",
               .url_variables = {"SGLANG_API_BASE"sv},
               .listing = Listing::vllm,
               .adds_v1 = true,
               .handle_variable = "SGLANG_HANDLE_BASE"},
  ProviderKind{.type = "deepseek",
               .endpoint_type = "deepseek",
               .key_variable = "DEEPSEEK_API_KEY",
               .url_variables = {"DEEPSEEK_BASE_URL"sv},
               .default_url = "https://api.deepseek.com/v1"},
  ProviderKind{.type = "xai",
               .endpoint_type = "xai",
               .key_variable = "XAI_API_KEY",
               .url_variables = {"XAI_BASE_URL"sv},
               .default_url = "https://api.x.ai/v1"},
  ProviderKind{.type = "lmstudio_openai",
               .endpoint_type = "openai",
               .key_variable = "LMSTUDIO_API_KEY",
               .url_variables = {"LMSTUDIO_BASE_URL"sv},
               .listing = Listing::lmstudio,
               .adds_v1 = true,
               .local_port = 1234},
  ProviderKind{.type = "zai",
               .endpoint_type = "zai",
               .key_variable = "ZAI_API_KEY",
               .url_variables = {"ZAI_BASE_URL"sv},
               .default_url = "https://api.z.ai/api/paas/v4"},
  ProviderKind{.type = "mistral",
               .endpoint_type = "openai",
               .key_variable = "MISTRAL_API_KEY",
               .url_variables = {"MISTRAL_BASE_URL"sv},
               .default_url = "https://api.mistral.ai/v1",
               .listing = Listing::mistral},
  ProviderKind{.type = "cerebras",
               .endpoint_type = "openai",
               .key_variable = "CEREBRAS_API_KEY",
               .url_variables = {"CEREBRAS_BASE_URL"sv},
               .default_url = "https://api.cerebras.ai/v1"},
  ProviderKind{.type = "fireworks",
               .endpoint_type = "openai",
               .key_variable = "FIREWORKS_API_KEY",
               .url_variables = {"FIREWORKS_BASE_URL"sv},
               .default_url = "https://api.fireworks.ai/inference/v1"},
  ProviderKind{.type = "openrouter",
               .endpoint_type = "openrouter",
               .key_variable = "OPENROUTER_API_KEY",
               .url_variables = {"OPENROUTER_BASE_URL"sv},
               .default_url = "https://openrouter.ai/api/v1",
               .listing = Listing::openrouter,
               .handle_variable = "OPENROUTER_HANDLE_BASE"},
};

std::string without_last_slashes(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

// Where chat is: below /v1 also when only the server's root was given.
std::string chat_url(const ProviderKind& kind, std::string url) {
  url = without_last_slashes(std::move(url));
  if (url.empty()) return std::string(kind.default_url);
  if (kind.adds_v1 && !url.ends_with("/v1")) url += "/v1";
  return url;
}

std::optional<std::string> url_from(const ProviderKind& kind, const Environment& environment) {
  return environment.first_of({kind.url_variables.begin(), kind.url_variables.end()});
}

// OpenRouter shows these to its users; an installation that wants to be seen sets them.
std::vector<HttpHeader> headers_from(const ProviderKind& kind, const Environment& environment) {
  std::vector<HttpHeader> headers;
  if (kind.type != "openrouter") return headers;
  if (auto referer = environment.get("OPENROUTER_REFERER"))
    headers.push_back({"HTTP-Referer", *std::move(referer)});
  if (auto title = environment.get("OPENROUTER_TITLE"))
    headers.push_back({"X-Title", *std::move(title)});
  return headers;
}

Result<ProviderSource> source_from_file(const ConfiguredProvider& settings) {
  const ProviderKind* kind = find_provider_kind(settings.type);
  const std::string where = "models.providers." + settings.name;
  if (kind == nullptr) {
    std::string types;
    for (const ProviderKind& each : kinds)
      types += (types.empty() ? "" : ", ") + std::string(each.type);
    return Error{Errc::invalid_argument,
                 "unknown provider type '" + settings.type + "', must be one of " + types,
                 where + ".type"};
  }
  ProviderSource source;
  source.name = settings.name;
  source.type = settings.type;
  source.base_url = chat_url(*kind, settings.base_url);
  source.api_key = settings.api_key;
  source.concurrency_max = settings.concurrency_max;
  if (source.base_url.empty())
    return Error{Errc::invalid_argument, "a provider of this type needs a base_url",
                 where + ".base_url"};
  return source;
}

// What the environment says about a kind, over what the file said about it.
void apply_environment(std::vector<ProviderSource>& sources, const ProviderKind& kind,
                       const Environment& environment) {
  const auto key = environment.get(kind.key_variable);
  const auto url = url_from(kind, environment);
  const bool is_configured = url || (key && !kind.default_url.empty());
  if (!is_configured) return;

  const auto same_name = [&](const ProviderSource& each) { return each.name == kind.type; };
  auto found = std::find_if(sources.begin(), sources.end(), same_name);
  if (found == sources.end()) {
    sources.push_back({.name = std::string(kind.type),
                       .type = std::string(kind.type),
                       .base_url = std::string(kind.default_url)});
    found = std::prev(sources.end());
  }
  if (key) found->api_key = *key;
  if (url) found->base_url = chat_url(kind, *url);
  found->headers = headers_from(kind, environment);
  if (!kind.handle_variable.empty())
    if (auto name = environment.get(kind.handle_variable)) found->name = *std::move(name);
  if (kind.type == "openai" && !is_at_vendor(*found)) found->name = proxy_name;
}

std::size_t place_of(const ProviderSource& source) {
  return static_cast<std::size_t>(find_provider_kind(source.type) - kinds.data());
}

}  // namespace

std::span<const ProviderKind> provider_kinds() {
  return kinds;
}

const ProviderKind* find_provider_kind(std::string_view type) {
  for (const ProviderKind& kind : kinds)
    if (kind.type == type) return &kind;
  return nullptr;
}

Result<std::vector<ProviderSource>> provider_sources(const ModelSettings& settings,
                                                     const Environment& environment) {
  std::vector<ProviderSource> sources;
  for (const ConfiguredProvider& each : settings.providers) {
    REVERIE_TRY(ProviderSource source, source_from_file(each));
    sources.push_back(std::move(source));
  }
  for (const ProviderKind& kind : kinds) {
    apply_environment(sources, kind, environment);
    const auto same_type = [&](const ProviderSource& each) { return each.type == kind.type; };
    const bool is_missing = std::none_of(sources.begin(), sources.end(), same_type);
    if (!settings.discover_local || kind.local_port == 0 || !is_missing) continue;
    sources.push_back({.name = std::string(kind.type),
                       .type = std::string(kind.type),
                       .base_url = "http://127.0.0.1:" + std::to_string(kind.local_port) + "/v1",
                       .api_key = environment.get(kind.key_variable).value_or(""),
                       .is_guess = true});
  }
  std::stable_sort(
    sources.begin(), sources.end(),
    [](const ProviderSource& a, const ProviderSource& b) { return place_of(a) < place_of(b); });
  return sources;
}

bool is_at_vendor(const ProviderSource& source) {
  const ProviderKind* kind = find_provider_kind(source.type);
  return kind != nullptr && source.base_url == kind->default_url;
}

std::string_view shown_provider_name(std::string_view name) {
  return name == proxy_name ? "openai" : name;
}

}  // namespace reverie
