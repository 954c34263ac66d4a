#include "runtime/llm/providers.hpp"

#include "runtime/llm/demo.hpp"
#include "runtime/llm/model_table.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>

namespace reverie {

// What readers see: never changed, replaced as a whole.
struct ModelCatalogue {
  std::vector<ModelInfo> chat;
  std::vector<ModelInfo> embeddings;
  std::map<std::string, std::size_t, std::less<>> places;  // handle -> index in `chat`
};

struct ProviderEntry {
  ProviderEntry(ProviderSource from, std::shared_ptr<Provider> spoken_to)
    : source(std::move(from)), provider(std::move(spoken_to)) {}

  ProviderSource source;
  std::shared_ptr<Provider> provider;
  std::vector<ModelInfo> models;
  std::string error;
  Timestamp asked_at;
  bool was_asked = false;
  bool is_asking = false;
  std::vector<std::function<void()>> waiting;  // for the listing under way
};

namespace {

using std::chrono_literals::operator""s;

int model_rank(const ModelInfo& model) {
  const KnownModel* known = find_known_model(model.provider_type, model.name);
  return known != nullptr ? known->rank : 50;  // 50: behind the chat models that are known
}

// Best first. Of one family the plain name comes before its dated versions; of those that nobody
// knows all are alike.
bool is_offered_before(const ModelInfo& a, const ModelInfo& b) {
  const int rank_a = model_rank(a);
  const int rank_b = model_rank(b);
  if (rank_a != rank_b) return rank_a < rank_b;
  const bool is_known = find_known_model(a.provider_type, a.name) != nullptr;
  if (is_known && a.name.size() != b.name.size()) return a.name.size() < b.name.size();
  return is_known ? a.name > b.name : a.name < b.name;  // later dates first
}

std::shared_ptr<const ModelCatalogue> make_catalogue(const std::vector<ProviderEntry>& entries) {
  auto catalogue = std::make_shared<ModelCatalogue>();
  for (const ProviderEntry& entry : entries)
    for (const ModelInfo& model : entry.models)
      (model.is_embedding ? catalogue->embeddings : catalogue->chat).push_back(model);
  for (std::size_t i = 0; i < catalogue->chat.size(); ++i) {
    const ModelInfo& model = catalogue->chat[i];
    catalogue->places.emplace(model.handle, i);
    catalogue->places.emplace(model.provider + "/" + model.name, i);
  }
  return catalogue;
}

Error handle_without_slash(std::string_view handle) {
  return {Errc::bad_request,
          "INVALID_ARGUMENT: '" + std::string(handle)
            + "' is no model handle, which has the form provider/model",
          "model"};
}

// Clients match this text.
Error handle_not_found(std::string_view handle, const ModelCatalogue& catalogue) {
  std::string usable;
  for (const ModelInfo& model : catalogue.chat)
    usable += (usable.empty() ? "'" : ", '") + model.handle + "'";
  return {
    Errc::not_found,
    "NOT_FOUND: Handle " + std::string(handle) + " not found, must be one of [" + usable + "]",
    "model"};
}

std::string_view provider_part(std::string_view handle) {
  return handle.substr(0, handle.find('/'));
}

}  // namespace

struct Providers::State {
  std::mutex mutex;
  std::vector<ProviderEntry> entries;  // in the order of their models; fixed after construction
  std::shared_ptr<const ModelCatalogue> catalogue;
  ListModels list;
  const Clock* clock = nullptr;

  std::shared_ptr<const ModelCatalogue> read() {
    const std::lock_guard lock(mutex);
    return catalogue;
  }

  const ProviderEntry* find_entry(std::string_view name) const {
    for (const ProviderEntry& entry : entries)
      if (entry.source.name == name) return &entry;
    for (const ProviderEntry& entry : entries)
      if (shown_provider_name(entry.source.name) == shown_provider_name(name)) return &entry;
    return nullptr;
  }

  Result<ResolvedModel> resolve(std::string_view handle) {
    if (handle.find('/') == handle.npos) return handle_without_slash(handle);
    const auto now = read();
    const auto found = now->places.find(handle);
    if (found == now->places.end()) return handle_not_found(handle, *now);
    const ModelInfo& model = now->chat[found->second];
    return ResolvedModel{model, find_entry(model.provider)->provider};
  }

  // The provider of this name, unless it has just said what it has. 1 s: a client that tries a
  // wrong handle in a loop is no reason to ask the provider as often.
  ProviderEntry* find_stale(std::string_view name) {
    const std::lock_guard lock(mutex);
    for (ProviderEntry& entry : entries) {
      if (entry.source.name != name || entry.source.type.empty()) continue;
      const bool is_fresh = entry.was_asked && clock->now() - entry.asked_at < 1s;
      if (entry.is_asking || !is_fresh) return &entry;
    }
    return nullptr;
  }

  // Takes what a provider answered, then tells those who wait.
  void take(ProviderEntry& entry, Result<std::vector<ModelInfo>> models) {
    std::vector<std::function<void()>> waiting;
    {
      const std::lock_guard lock(mutex);
      entry.is_asking = false;
      entry.was_asked = true;
      entry.asked_at = clock->now();
      entry.error = models ? std::string() : models.error().message;
      if (models) {
        entry.models = *std::move(models);
        std::sort(entry.models.begin(), entry.models.end(), is_offered_before);
      } else if (entry.source.is_guess) {
        entry.models.clear();
      }
      catalogue = make_catalogue(entries);
      waiting.swap(entry.waiting);
    }
    for (const auto& each : waiting) each();
  }

  // Joins a listing that is under way. `done` runs once it is in the catalogue, or has failed.
  static void ask(const std::shared_ptr<State>& state, ProviderEntry& entry,
                  std::function<void()> done) {
    {
      const std::lock_guard lock(state->mutex);
      entry.waiting.push_back(std::move(done));
      if (entry.is_asking) return;
      entry.is_asking = true;
    }
    state->list(entry.source, [state, &entry](Result<std::vector<ModelInfo>> models) {
      state->take(entry, std::move(models));
    });
  }
};

Providers::Providers(std::vector<ProviderSource> sources, MakeProvider make, ListModels list,
                     const Clock& clock)
  : state_(std::make_shared<State>()) {
  state_->list = std::move(list);
  state_->clock = &clock;
  for (ProviderSource& source : sources) {
    auto provider = make(source);
    state_->entries.push_back(ProviderEntry(std::move(source), std::move(provider)));
  }
  ProviderEntry demo({.name = std::string(demo_provider_name)}, std::make_shared<DemoProvider>());
  demo.models.push_back(demo_model_info());
  state_->entries.push_back(std::move(demo));
  state_->catalogue = make_catalogue(state_->entries);
}

Result<ResolvedModel> Providers::resolve(std::string_view handle) const {
  return state_->resolve(handle);
}

void Providers::resolve_fresh(std::string handle, OnResolved done) {
  auto known = resolve(handle);
  if (known || known.error().code != Errc::not_found) return done(std::move(known));
  ProviderEntry* stale = state_->find_stale(provider_part(handle));
  if (stale == nullptr) return done(std::move(known));
  State::ask(state_, *stale, [state = state_, handle = std::move(handle), done = std::move(done)] {
    done(state->resolve(handle));
  });
}

Result<std::shared_ptr<Provider>> Providers::provider_of(std::string_view handle) const {
  if (handle.find('/') == handle.npos) return handle_without_slash(handle);
  if (const ProviderEntry* entry = state_->find_entry(provider_part(handle)))
    return entry->provider;
  return handle_not_found(handle, *state_->read());
}

std::vector<ModelInfo> Providers::list() const {
  return state_->read()->chat;
}

std::vector<ModelInfo> Providers::list_embeddings() const {
  return state_->read()->embeddings;
}

void Providers::refresh(std::function<void()> done) {
  // Counts down to the last answer; one more for this loop, so that it cannot end too early.
  auto left = std::make_shared<std::atomic<std::size_t>>(1);
  const auto finish_one = [left, done = std::move(done)] {
    if (left->fetch_sub(1) == 1 && done) done();
  };
  for (ProviderEntry& entry : state_->entries) {
    if (entry.source.type.empty()) continue;  // the built-in model
    left->fetch_add(1);
    State::ask(state_, entry, finish_one);
  }
  finish_one();
}

std::vector<Providers::Health> Providers::health() const {
  const std::lock_guard lock(state_->mutex);
  std::vector<Health> all;
  for (const ProviderEntry& entry : state_->entries)
    if (!entry.source.type.empty())
      all.push_back({entry.source, entry.was_asked, entry.error, entry.models.size()});
  return all;
}

}  // namespace reverie
