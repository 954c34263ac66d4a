#include "runtime/llm/http_providers.hpp"

#include "runtime/llm/discovery.hpp"
#include "runtime/llm/http_provider.hpp"

namespace reverie {

namespace {

LlmLimits limits_of(const ModelSettings& settings, const ProviderSource& source) {
  LlmLimits limits;
  limits.total_ms = settings.request_s * 1'000;
  limits.idle_ms = settings.stream_idle_s * 1'000;
  limits.connect_ms = settings.connect_s * 1'000;
  limits.attempts_max = settings.attempts_max;
  limits.retry_after_max_ms = settings.retry_after_s_max * 1'000;
  limits.concurrent_max =
    source.concurrency_max > 0 ? source.concurrency_max : settings.concurrency_max;
  return limits;
}

}  // namespace

std::unique_ptr<Providers> make_http_providers(HttpClient& http, const Clock& clock,
                                               const ModelSettings& settings,
                                               std::vector<ProviderSource> sources) {
  auto make = [&http, settings](const ProviderSource& source) -> std::shared_ptr<Provider> {
    const Dialect dialect = source.type == "anthropic" ? Dialect::anthropic : Dialect::openai;
    return make_http_provider(
      http, dialect,
      Endpoint{source.name, source.type, source.base_url, source.api_key, source.headers},
      limits_of(settings, source));
  };
  auto list = [&http, limit_ms = settings.listing_s * 1'000](const ProviderSource& source,
                                                             OnModels on_models) {
    const Fetch fetch = [&http](HttpCall call, OnHttpDone on_done) {
      http.start(std::move(call), {}, std::move(on_done));
    };
    discover_models(fetch, source, limit_ms, std::move(on_models));
  };
  return std::make_unique<Providers>(std::move(sources), std::move(make), std::move(list), clock);
}

}  // namespace reverie
