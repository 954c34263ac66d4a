// The replies of GET /v1/models/ and /v1/models/embedding, as text.

#pragma once

#include "runtime/llm/provider.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reverie {

std::string models_json(const std::vector<ModelInfo>& models);
std::string embedding_models_json(const std::vector<ModelInfo>& models);

// The legacy embedding_config of an agent whose `embedding` is `handle`. `model` is null when no
// provider offers it: the handle is kept all the same.
std::string embedding_config_json(std::string_view handle, const ModelInfo* model);

}  // namespace reverie
