#include "net/cli/doctor_checks.hpp"

#include "config/clock.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/demo.hpp"
#include "runtime/llm/http_providers.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string_view>

namespace reverie {
namespace {

using Level = Finding::Level;

constexpr std::size_t shown_max = 5;
constexpr auto grace = std::chrono::seconds(5);  // beyond what one listing may take

std::string handles_of(const std::vector<ModelInfo>& models, std::string_view provider) {
  std::string out;
  std::size_t count = 0;
  for (const ModelInfo& model : models) {
    if (model.provider != provider || model.is_embedding) continue;
    if (++count <= shown_max) out += (out.empty() ? "" : ", ") + model.handle;
  }
  if (count > shown_max) out += " and " + std::to_string(count - shown_max) + " more";
  return out.empty() ? "no models that can chat" : out;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string advice_for(const Providers::Health& health) {
  const ProviderKind* kind = find_provider_kind(health.source.type);
  const std::string key = kind == nullptr ? "" : std::string(kind->key_variable);
  const bool is_refused = contains(health.error, "401") || contains(health.error, "403");
  if (is_refused && !key.empty()) return "is the key in " + key + " right?";
  if (is_refused) return "is its key right?";
  if (health.source.type == "ollama") return "is it running? ollama serve";
  return "is " + health.source.base_url + " right, and reachable from here?";
}

Finding finding_of(const Providers::Health& health, const std::vector<ModelInfo>& models) {
  const std::string& name = health.source.name;
  if (!health.error.empty()) {
    if (health.source.is_guess)
      return {Level::info, "models",
              name + ": not on this machine (" + health.source.base_url + ")"};
    return {Level::note, "models", name + ": " + health.error, advice_for(health)};
  }
  if (!health.was_asked)
    return {Level::note, "models", name + ": no answer in time", advice_for(health)};
  Finding finding{Level::ok, "models", name + ": " + handles_of(models, name)};
  if (health.models == 0 && health.source.type == "ollama") finding.advice = "ollama pull qwen3:4b";
  return finding;
}

}  // namespace

ModelFindings check_models(const ModelSettings& settings, const Environment& environment) {
  ModelFindings result;
  auto sources = provider_sources(settings, environment);
  if (!sources) {
    result.findings.push_back(
      {Level::problem, "models", sources.error().where + ": " + sources.error().message});
    return result;
  }
  const SystemClock clock;
  HttpClient http;
  const auto providers = make_http_providers(http, clock, settings, *std::move(sources));
  const auto is_done = std::make_shared<std::promise<void>>();
  auto done = is_done->get_future();
  providers->refresh([is_done] { is_done->set_value(); });
  done.wait_for(std::chrono::seconds(settings.listing_s) + grace);

  const std::vector<ModelInfo> models = providers->list();
  for (const Providers::Health& health : providers->health())
    result.findings.push_back(finding_of(health, models));
  for (const ModelInfo& model : models) result.models += model.handle == demo_handle ? 0 : 1;
  return result;
}

}  // namespace reverie
