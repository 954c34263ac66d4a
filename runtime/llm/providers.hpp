// The model registry: which providers and models there are right now.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "runtime/llm/discovery.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/llm/provider_sources.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct ResolvedModel {
  ModelInfo info;
  std::shared_ptr<Provider> provider;
};

using OnResolved = std::function<void(Result<ResolvedModel>)>;

// Makes what speaks to one provider; make_http_provider in the server.
using MakeProvider = std::function<std::shared_ptr<Provider>(const ProviderSource&)>;
// Lists its models and calls back once, on any thread; discover_models in the server.
using ListModels = std::function<void(const ProviderSource&, OnModels)>;

// Thread-safe. Reads take a snapshot and never wait for the network. Lists are asked for by
// `refresh`, which the owner calls at the start and every models.refresh_s. What a configured
// provider listed last stays until it lists something else, so that a server that is down for a
// while keeps its models; those of a guessed one go when it goes.
class Providers {
 public:
  // `clock` outlives this and every listing that it started.
  Providers(std::vector<ProviderSource> sources, MakeProvider make, ListModels list,
            const Clock& clock);
  Providers(const Providers&) = delete;
  Providers& operator=(const Providers&) = delete;

  // From what is known now. A model is found by its handle, or by its provider and the vendor's
  // name for it. Errors: bad_request: no slash in the handle; not_found, with the usable handles.
  Result<ResolvedModel> resolve(std::string_view handle) const;

  // The same, but a handle that is not known makes its provider list again before the answer,
  // unless it did so within the last second. `done` runs once, at once or on another thread.
  void resolve_fresh(std::string handle, OnResolved done);

  // Who is to be asked for `handle`, listed or not: an agent's model may be away for a moment, and
  // "openai" and "openai-proxy" are the same to agents that were made before the URL was changed.
  // Errors: as resolve, when no provider has that name.
  Result<std::shared_ptr<Provider>> provider_of(std::string_view handle) const;

  // Best first; reverie/demo is the last, or the only one. Embedding models are not among them.
  std::vector<ModelInfo> list() const;
  std::vector<ModelInfo> list_embeddings() const;

  // Asks all providers at once. `done`, if any, runs when the last has answered or failed.
  void refresh(std::function<void()> done = {});

  // How each provider's last listing went, for `reverie doctor` and /metrics.
  struct Health {
    ProviderSource source;
    bool was_asked = false;
    std::string error;  // of the last listing, empty: it worked
    std::size_t models = 0;
  };
  std::vector<Health> health() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with listings under way, which may outlive *this
};

}  // namespace reverie
