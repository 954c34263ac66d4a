// The registry with providers that are reached over HTTP: what the server runs with.

#pragma once

#include "config/clock.hpp"
#include "config/settings.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/providers.hpp"

#include <memory>
#include <vector>

namespace reverie {

// `http` and `clock` outlive the registry and every provider that was taken from it. Nothing is
// asked yet: that is refresh().
std::unique_ptr<Providers> make_http_providers(HttpClient& http, const Clock& clock,
                                               const ModelSettings& settings,
                                               std::vector<ProviderSource> sources);

}  // namespace reverie
