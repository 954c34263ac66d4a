// Ollama's own API says what its OpenAI-compatible one does not: what each model can do and how
// much it can read. /api/tags names the models, /api/show tells about one.

#pragma once

#include "runtime/llm/discovery.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

// As discover_models. A model that cannot be asked about in time is left out.
void discover_ollama(const Fetch& fetch, const ProviderSource& source, std::int64_t limit_ms,
                     OnModels on_models);

// The names in the answer of /api/tags. Errors: upstream.
Result<std::vector<std::string>> parse_ollama_tags(std::string_view body);

// What the answer of /api/show says about `model`; nothing when agents cannot use it, because it
// neither calls tools nor makes embeddings. Errors: upstream.
Result<std::optional<ModelInfo>> parse_ollama_model(const ProviderSource& source,
                                                    const std::string& model,
                                                    std::string_view body);

}  // namespace reverie
