#include "runtime/llm/models_json.hpp"

#include "config/json_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/llm_config.hpp"
#include "runtime/llm/provider_sources.hpp"

#include <cstdint>
#include <optional>
#include <tuple>

namespace reverie {

namespace {

// The API's EmbeddingConfig, in the order in which the API writes it.
struct EmbeddingConfig {
  std::string embedding_endpoint_type = "openai";
  std::optional<std::string> embedding_endpoint;
  std::string embedding_model;
  std::int64_t embedding_dim = 1'536;  // of OpenAI's small model, for one that nobody knows
  std::int64_t embedding_chunk_size = 300;
  std::optional<std::string> handle;
  std::int64_t batch_size = 32;
  std::optional<std::string> azure_endpoint;
  std::optional<std::string> azure_version;
  std::optional<std::string> azure_deployment;

  static constexpr std::string_view type_name = "EmbeddingConfig";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "embedding_endpoint_type", &EmbeddingConfig::embedding_endpoint_type),
      field(2, "embedding_endpoint", &EmbeddingConfig::embedding_endpoint),
      field(3, "embedding_model", &EmbeddingConfig::embedding_model),
      field(4, "embedding_dim", &EmbeddingConfig::embedding_dim),
      field(5, "embedding_chunk_size", &EmbeddingConfig::embedding_chunk_size),
      field(6, "handle", &EmbeddingConfig::handle),
      field(7, "batch_size", &EmbeddingConfig::batch_size),
      field(8, "azure_endpoint", &EmbeddingConfig::azure_endpoint),
      field(9, "azure_version", &EmbeddingConfig::azure_version),
      field(10, "azure_deployment", &EmbeddingConfig::azure_deployment),
    };
  }
};

EmbeddingConfig embedding_config_of(const ModelInfo& model) {
  EmbeddingConfig config;
  if (const ProviderKind* kind = find_provider_kind(model.provider_type))
    config.embedding_endpoint_type = kind->endpoint_type;
  if (!model.endpoint.empty()) config.embedding_endpoint = model.endpoint;
  config.embedding_model = model.name;
  config.embedding_dim = model.embedding_dim;
  config.handle = model.handle;
  return config;
}

// All members of `record` but those that the head has said.
template <class Record>
void append_members(std::string& out, const Record& record) {
  for_each_field<Record>([&](const auto& f) {
    if (f.name == "display_name" || f.name == "provider_name" || f.name == "handle") return;
    append_name(out, f.name);
    append_json(out, record.*f.member);
  });
}

// The first members of both kinds of model.
void append_model_head(std::string& out, const ModelInfo& model, std::string_view provider_name,
                       std::string_view model_type) {
  const auto text = [&](std::string_view name, std::string_view value) {
    append_name(out, name);
    append_json_string(out, value);
  };
  text("handle", model.handle);
  text("name", model.name);
  text("display_name", model.display_name);
  text("provider_type", model.provider_type);
  text("provider_name", provider_name);
  text("model_type", model_type);
}

}  // namespace

std::string models_json(const std::vector<ModelInfo>& models) {
  std::string out = "[";
  for (const ModelInfo& model : models) {
    next_element(out);
    out += '{';
    append_model_head(out, model, shown_provider_name(model.provider), "llm");
    append_members(out, listed_llm_config(model));
    append_name(out, "max_context_window");
    append_json(out, model.context_window);
    out += '}';
  }
  return out + ']';
}

std::string embedding_models_json(const std::vector<ModelInfo>& models) {
  std::string out = "[";
  for (const ModelInfo& model : models) {
    next_element(out);
    out += '{';
    append_model_head(out, model, shown_provider_name(model.provider), "embedding");
    append_members(out, embedding_config_of(model));
    out += '}';
  }
  return out + ']';
}

std::string embedding_config_json(std::string_view handle, const ModelInfo* model) {
  EmbeddingConfig config;
  if (model != nullptr)
    config = embedding_config_of(*model);
  else
    config.embedding_model = handle.substr(handle.find('/') + 1);
  config.handle = std::string(handle);
  return json_text(config);
}

}  // namespace reverie
