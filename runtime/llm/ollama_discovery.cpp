#include "runtime/llm/ollama_discovery.hpp"

#include "runtime/llm/json_access.hpp"
#include "runtime/llm/listing.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>

namespace reverie {

namespace {

Error no_ollama(std::string_view what) {
  return {Errc::upstream, "Ollama's answer has no " + std::string(what), "models"};
}

// "num_ctx 8192" among the lines of a model file's parameters: what the server really gives.
std::int64_t num_ctx(const Json& shown) {
  const std::string_view text = text_member(shown, "parameters");
  const std::size_t begin = text.find("num_ctx");
  if (begin == text.npos) return 0;
  const std::size_t digits = text.find_first_of("0123456789", begin);
  std::int64_t value = 0;
  if (digits != text.npos) std::from_chars(text.data() + digits, text.data() + text.size(), value);
  return value;
}

// The members of model_info are named after the architecture: "llama.context_length".
std::int64_t architecture_number(const Json& shown, std::string_view suffix) {
  const Json* info = member(shown, "model_info");
  if (info == nullptr || !info->is_object()) return 0;
  for (const auto& [name, value] : info->items())
    if (name.ends_with(suffix) && value.is_number_integer()) return value.get<std::int64_t>();
  return 0;
}

bool has_capability(const Json& shown, std::string_view wanted, bool when_untold) {
  const Json* found = member(shown, "capabilities");
  if (found == nullptr || !found->is_array()) return when_untold;
  return std::any_of(found->begin(), found->end(),
                     [&](const Json& each) { return each.is_string() && each == wanted; });
}

// Collects the answers about single models, in the order of the list.
struct Collected {
  std::mutex mutex;
  std::vector<std::optional<ModelInfo>> models;
  std::size_t waiting = 0;
  OnModels on_models;

  void take(std::size_t index, std::optional<ModelInfo> model) {
    std::vector<ModelInfo> all;
    {
      const std::lock_guard lock(mutex);
      models[index] = std::move(model);
      if (--waiting > 0) return;
      for (auto& each : models)
        if (each) all.push_back(*std::move(each));
    }
    on_models(std::move(all));
  }
};

void show_each(const Fetch& fetch, const ProviderSource& source, std::int64_t limit_ms,
               const std::vector<std::string>& names, OnModels on_models) {
  if (names.empty()) return on_models(std::vector<ModelInfo>{});
  auto collected = std::make_shared<Collected>();
  collected->models.resize(names.size());
  collected->waiting = names.size();
  collected->on_models = std::move(on_models);
  const std::string url = server_root(source) + "/api/show";
  for (std::size_t i = 0; i < names.size(); ++i) {
    HttpCall call = listing_call(source, url, limit_ms);
    call.method = "POST";
    call.headers.push_back({"Content-Type", "application/json"});
    call.body = Json{{"model", names[i]}, {"name", names[i]}}.dump();  // older servers read "name"
    fetch(std::move(call), [source, collected, i, url, name = names[i]](Result<HttpResult> answer) {
      std::optional<ModelInfo> model;
      if (auto body = listing_body(url, std::move(answer)))
        if (auto parsed = parse_ollama_model(source, name, *body)) model = *std::move(parsed);
      collected->take(i, std::move(model));
    });
  }
}

}  // namespace

Result<std::vector<std::string>> parse_ollama_tags(std::string_view body) {
  const auto json = parsed(body);
  const Json* models = json ? member(*json, "models") : nullptr;
  if (models == nullptr || !models->is_array()) return no_ollama("list of models");
  std::vector<std::string> names;
  for (const Json& item : *models)
    if (const std::string_view name = text_member(item, "name"); !name.empty())
      names.emplace_back(name);
  return names;
}

Result<std::optional<ModelInfo>> parse_ollama_model(const ProviderSource& source,
                                                    const std::string& model,
                                                    std::string_view body) {
  const auto json = parsed(body);
  if (!json || !json->is_object()) return no_ollama("description of " + model);
  const Json& shown = *json;
  const std::int64_t asked = num_ctx(shown);
  const std::int64_t possible = architecture_number(shown, ".context_length");
  // 128'000: what clients have been told of a model whose description has no window.
  const std::int64_t window = asked > 0 ? asked : possible > 0 ? possible : 128'000;
  ModelInfo info = listed_model(source, model, window);
  info.embedding_dim = architecture_number(shown, ".embedding_length");
  if (has_capability(shown, "embedding", false) && info.embedding_dim > 0) {
    info.is_embedding = true;
    return std::optional(std::move(info));
  }
  info.embedding_dim = 0;
  // Servers from before capabilities were told say nothing: the model is offered.
  if (!has_capability(shown, "tools", true)) return std::optional<ModelInfo>{};
  return std::optional(std::move(info));
}

void discover_ollama(const Fetch& fetch, const ProviderSource& source, std::int64_t limit_ms,
                     OnModels on_models) {
  const std::string url = server_root(source) + "/api/tags";
  fetch(
    listing_call(source, url, limit_ms),
    [fetch, source, url, limit_ms, on_models = std::move(on_models)](Result<HttpResult> answer) {
      auto body = listing_body(url, std::move(answer));
      if (!body) return on_models(std::move(body).error());
      auto names = parse_ollama_tags(*body);
      if (!names) return on_models(std::move(names).error());
      show_each(fetch, source, limit_ms, *names, on_models);
    });
}

}  // namespace reverie
