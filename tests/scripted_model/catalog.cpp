#include "tests/scripted_model/catalog.hpp"

#include <array>

#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

using Json = nlohmann::ordered_json;

struct ChatModel {
  const char* id;
  std::int64_t context_window;  // tokens
};

struct EmbeddingModel {
  const char* id;
  std::size_t dim;
};

constexpr std::array chat_models{
  ChatModel{"gpt-4o-mini", 128'000}, ChatModel{"gpt-4o", 128'000},
  ChatModel{"gpt-4.1", 1'047'576},   ChatModel{"gpt-4.1-mini", 1'047'576},
  ChatModel{"scripted", 32'768},     ChatModel{"scripted-small", 8'192},
};

constexpr std::array embedding_models{
  EmbeddingModel{"text-embedding-ada-002", 1536},
  EmbeddingModel{"text-embedding-3-small", 1536},
  EmbeddingModel{"text-embedding-3-large", 3072},
};

constexpr std::array anthropic_ids{"claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"};

Json openai_model(const char* id) {
  return {{"id", id}, {"object", "model"}, {"created", created_s}, {"owned_by", "scripted"}};
}

Json lmstudio_model(const char* id, const char* type, std::int64_t context_window) {
  return {{"id", id},
          {"object", "model"},
          {"type", type},
          {"publisher", "scripted"},
          {"arch", "llama"},
          {"compatibility_type", "gguf"},
          {"quantization", "none"},
          {"state", "loaded"},
          {"max_context_length", context_window},
          {"loaded_context_length", context_window}};
}

}  // namespace

std::string openai_models() {
  Json data = Json::array();
  for (const ChatModel& model : chat_models) {
    Json json = openai_model(model.id);
    json["max_model_len"] = model.context_window;   // as vLLM says it
    json["context_length"] = model.context_window;  // as OpenRouter and Together say it
    data.push_back(std::move(json));
  }
  for (const EmbeddingModel& model : embedding_models) data.push_back(openai_model(model.id));
  return Json{{"object", "list"}, {"data", std::move(data)}}.dump();
}

std::string anthropic_models() {
  Json data = Json::array();
  for (const char* id : anthropic_ids)
    data.push_back({{"type", "model"},
                    {"id", id},
                    {"display_name", id},
                    {"created_at", "2025-09-29T00:00:00Z"}});
  return Json{{"data", std::move(data)},
              {"has_more", false},
              {"first_id", anthropic_ids.front()},
              {"last_id", anthropic_ids.back()}}
    .dump();
}

std::string ollama_tags() {
  Json models = Json::array();
  for (const char* id : {"scripted:latest", "scripted-embedding:latest"})
    models.push_back({{"name", id}, {"model", id}, {"size", 1}, {"digest", std::string(64, '0')}});
  return Json{{"models", std::move(models)}}.dump();
}

std::string ollama_model(std::string_view name, std::size_t embedding_dim) {
  if (name.find("embedding") != std::string_view::npos)
    return Json{{"capabilities", {"embedding"}},
                {"model_info",
                 {{"general.architecture", "bert"},
                  {"bert.embedding_length", embedding_dim},
                  {"bert.context_length", 8192}}}}
      .dump();
  return Json{{"capabilities", {"completion", "tools"}},
              {"model_info", {{"general.architecture", "llama"}, {"llama.context_length", 32'768}}}}
    .dump();
}

std::string lmstudio_models() {
  return Json{{"object", "list"},
              {"data",
               {lmstudio_model("scripted", "llm", 32'768),
                lmstudio_model("scripted-embedding", "embeddings", 8192)}}}
    .dump();
}

std::size_t embedding_dim(std::string_view model, std::size_t fallback) {
  const std::string_view name = model.substr(model.rfind('/') + 1);  // npos + 1 is 0
  for (const EmbeddingModel& known : embedding_models)
    if (name == known.id) return known.dim;
  return fallback;
}

}  // namespace reverie::scripted
