// A model provider that is reached over HTTP in one of the dialects: sends the request, reads
// the answer or the stream, retries what is safe to retry, and holds back when the vendor is
// overloaded or down.

#pragma once

#include "runtime/http_client.hpp"
#include "runtime/llm/dialect.hpp"
#include "runtime/llm/limits.hpp"
#include "runtime/llm/provider.hpp"

#include <memory>

namespace reverie {

// `complete` must not be called, nor a call cancelled, once `client` is gone; the end of the
// client ends all calls with llm_cancelled. Calls under way survive the provider itself.
std::unique_ptr<Provider> make_http_provider(HttpClient& client, Dialect dialect, Endpoint endpoint,
                                             LlmLimits limits = {});

}  // namespace reverie
