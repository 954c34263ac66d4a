// What the parsers of model lists share.

#pragma once

#include "config/error.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/llm/provider_sources.hpp"

#include <cstdint>
#include <string>

namespace reverie {

// A GET with the provider's headers and key. A guessed server has half a second to accept.
HttpCall listing_call(const ProviderSource& source, std::string url, std::int64_t limit_ms);

// The body of a 2xx. Errors: of the transfer; llm_authentication: 401 or 403; upstream: others.
Result<std::string> listing_body(const std::string& url, Result<HttpResult> answer);

// A chat model as the registry knows it. `context_window` 0: the provider does not say.
ModelInfo listed_model(const ProviderSource& source, const std::string& name,
                       std::int64_t context_window = 0);

// The server's own root: the base URL without the /v1 that was added to it.
std::string server_root(const ProviderSource& source);

}  // namespace reverie
