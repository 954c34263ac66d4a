// The models that the server says it has.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reverie::scripted {

constexpr std::int64_t created_s = 1'700'000'000;  // every "created": answers do not depend on when

std::string openai_models();
std::string anthropic_models();
std::string ollama_tags();
std::string ollama_model(std::string_view name, std::size_t embedding_dim);  // POST /api/show
std::string lmstudio_models();

// Of the embeddings of a model, if it is a known one; otherwise `fallback`.
std::size_t embedding_dim(std::string_view model, std::size_t fallback);

}  // namespace reverie::scripted
