// Asks a provider which models it has. One parser for each `Listing` of provider_sources.hpp.

#pragma once

#include "config/error.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/llm/provider_sources.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace reverie {

// HttpClient::start without streaming: what discovery needs of it, and tests replace.
using Fetch = std::function<void(HttpCall, OnHttpDone)>;
using OnModels = std::function<void(Result<std::vector<ModelInfo>>)>;

// Calls `on_models` exactly once, on a thread of `fetch`, with the models that an agent can use
// and with embedding models, in no particular order. Each request may take `limit_ms`; to find out
// whether a guessed server is there takes a connection within half a second.
// Errors: those of the transfer; upstream: the answer is no list of models.
void discover_models(const Fetch& fetch, const ProviderSource& source, std::int64_t limit_ms,
                     OnModels on_models);

// The parser of one answer, for every listing but Ollama's (ollama_discovery.hpp).
// Errors: upstream.
Result<std::vector<ModelInfo>> parse_model_list(const ProviderSource& source,
                                                std::string_view body);

}  // namespace reverie
