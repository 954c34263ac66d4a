#include "runtime/llm/discovery.hpp"

#include "runtime/llm/json_access.hpp"
#include "runtime/llm/listing.hpp"
#include "runtime/llm/model_table.hpp"
#include "runtime/llm/ollama_discovery.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace reverie {

namespace {

Error no_model_list(std::string_view why) {
  return {Errc::upstream, "the answer is no list of models: " + std::string(why), "models"};
}

std::int64_t number_at(const Json& json, const char* name) {
  return int_member(json, name).value_or(0);
}

bool flag_at(const Json& json, const char* name, bool otherwise) {
  const Json* found = member(json, name);
  return found != nullptr && found->is_boolean() ? found->get<bool>() : otherwise;
}

template <std::size_t n>
bool contains_any(std::string_view text, const std::array<std::string_view, n>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return text.find(part) != text.npos; });
}

ModelInfo openai_embedding(const ProviderSource& source, const std::string& name) {
  ModelInfo model = listed_model(source, name);
  model.handle = std::string(shown_provider_name(source.name)) + "/" + name;
  model.is_embedding = true;
  model.embedding_dim = known_embedding_dim(name);
  return model;
}

// OpenAI's list has everything that it sells; these are the ones that chat with tools.
bool is_openai_chat(std::string_view id) {
  constexpr std::array<std::string_view, 5> families{"gpt-4", "gpt-5", "o1", "o3", "o4"};
  constexpr std::array<std::string_view, 11> others{
    "transcribe", "search",     "realtime", "tts",   "audio",        "computer",
    "o1-mini",    "o1-preview", "o1-pro",   "image", "deep-research"};
  const auto is_of = [&](std::string_view family) { return id.starts_with(family); };
  return std::any_of(families.begin(), families.end(), is_of) && !contains_any(id, others);
}

// Lists of compatible hosts mix in what does not chat, and do not mark it.
bool is_chat_name(std::string_view id) {
  constexpr std::array<std::string_view, 9> others{
    "embed", "whisper", "tts", "rerank", "moderation", "image", "dall-e", "transcribe", "guard"};
  return !contains_any(id, others);
}

using Row = std::optional<ModelInfo>;

Row read_openai(const ProviderSource& source, const Json& item, const std::string& id) {
  if (!is_at_vendor(source)) {
    if (known_embedding_dim(id) != 0) return openai_embedding(source, id);
    return listed_model(source, id, number_at(item, "max_model_len"));
  }
  return is_openai_chat(id) ? Row(listed_model(source, id)) : std::nullopt;
}

Row read_anthropic(const ProviderSource& source, const Json& item, const std::string& id) {
  const std::string_view type = text_member(item, "type");
  if (!type.empty() && type != "model") return std::nullopt;
  if (id.starts_with("claude-2") || id.starts_with("claude-instant")) return std::nullopt;
  return listed_model(source, id);
}

Row read_groq(const ProviderSource& source, const Json& item, const std::string& id) {
  const std::int64_t window = number_at(item, "context_window");
  // 4'096: below that are its speech and moderation models.
  if (window < 4'096 || !flag_at(item, "active", true) || !is_chat_name(id)) return std::nullopt;
  return listed_model(source, id, window);
}

Row read_together(const ProviderSource& source, const Json& item, const std::string& id) {
  const std::string_view type = text_member(item, "type");
  const std::int64_t window = number_at(item, "context_length");
  if ((type != "chat" && type != "language") || window <= 4'096) return std::nullopt;
  return listed_model(source, id, window);
}

Row read_vllm(const ProviderSource& source, const Json& item, const std::string& id) {
  const std::int64_t window = number_at(item, "max_model_len");
  // Anything may listen at the default port: what does not look like this server is not taken.
  if (source.is_guess && window == 0 && text_member(item, "owned_by") != source.type)
    return std::nullopt;
  return listed_model(source, id, window);
}

Row read_lmstudio(const ProviderSource& source, const Json& item, const std::string& id) {
  const std::string_view type = text_member(item, "type");
  // A loaded model has the window that it was loaded with, which may be less than it could have.
  const std::int64_t loaded = number_at(item, "loaded_context_length");
  const std::int64_t window = loaded > 0 ? loaded : number_at(item, "max_context_length");
  ModelInfo model = listed_model(source, id, window);
  if (type == "embeddings") {
    model.is_embedding = true;
    return model;
  }
  return type == "llm" || type == "vlm" ? Row(std::move(model)) : std::nullopt;
}

Row read_openrouter(const ProviderSource& source, const Json& item, const std::string& id) {
  return listed_model(source, id, std::max<std::int64_t>(number_at(item, "context_length"), 0));
}

Row read_mistral(const ProviderSource& source, const Json& item, const std::string& id) {
  const Json* can = member(item, "capabilities");
  if (can == nullptr || !flag_at(*can, "completion_chat", false)
      || !flag_at(*can, "function_calling", false))
    return std::nullopt;
  return listed_model(source, id, number_at(item, "max_context_length"));
}

Row read_plain(const ProviderSource& source, const Json& item, const std::string& id) {
  if (!is_chat_name(id)) return std::nullopt;
  const std::int64_t length = number_at(item, "context_length");
  return listed_model(source, id, length > 0 ? length : number_at(item, "context_window"));
}

Row read_row(Listing listing, const ProviderSource& source, const Json& item) {
  const std::string id(text_member(item, "id"));
  if (id.empty()) return std::nullopt;
  switch (listing) {
    case Listing::openai: return read_openai(source, item, id);
    case Listing::anthropic: return read_anthropic(source, item, id);
    case Listing::groq: return read_groq(source, item, id);
    case Listing::together: return read_together(source, item, id);
    case Listing::vllm: return read_vllm(source, item, id);
    case Listing::lmstudio: return read_lmstudio(source, item, id);
    case Listing::openrouter: return read_openrouter(source, item, id);
    case Listing::mistral: return read_mistral(source, item, id);
    case Listing::plain: return read_plain(source, item, id);
    case Listing::ollama: break;  // has its own parser
  }
  return std::nullopt;
}

std::string list_url(const ProviderSource& source, Listing listing) {
  switch (listing) {
    case Listing::anthropic: return source.base_url + "/models?limit=1000";  // all on one page
    case Listing::openrouter: return source.base_url + "/models?supported_parameters=tools";
    case Listing::lmstudio:  // only its own API tells types and windows
      return server_root(source) + "/api/v0/models";
    default: return source.base_url + "/models";
  }
}

}  // namespace

Result<std::vector<ModelInfo>> parse_model_list(const ProviderSource& source,
                                                std::string_view body) {
  const ProviderKind* kind = find_provider_kind(source.type);
  if (kind == nullptr) return no_model_list("unknown provider type " + source.type);
  const auto json = parsed(body);
  if (!json) return no_model_list("no JSON");
  const Json* items = json->is_array() ? &*json : member(*json, "data");
  if (items == nullptr || !items->is_array()) return no_model_list("no array");

  std::vector<ModelInfo> models;
  for (const Json& item : *items)
    if (auto model = read_row(kind->listing, source, item)) models.push_back(*std::move(model));
  if (source.is_guess && models.empty()) return no_model_list("another kind of server");
  // OpenAI lists its embedding models among many others; they have been the same for years.
  if (kind->listing == Listing::openai && is_at_vendor(source))
    for (const char* name :
         {"text-embedding-3-large", "text-embedding-3-small", "text-embedding-ada-002"})
      models.push_back(openai_embedding(source, name));
  return models;
}

void discover_models(const Fetch& fetch, const ProviderSource& source, std::int64_t limit_ms,
                     OnModels on_models) {
  const ProviderKind* kind = find_provider_kind(source.type);
  if (kind == nullptr) return on_models(no_model_list("unknown provider type " + source.type));
  if (kind->listing == Listing::ollama)
    return discover_ollama(fetch, source, limit_ms, std::move(on_models));
  const std::string url = list_url(source, kind->listing);
  fetch(listing_call(source, url, limit_ms),
        [source, url, on_models = std::move(on_models)](Result<HttpResult> answer) {
          auto body = listing_body(url, std::move(answer));
          if (!body) return on_models(std::move(body).error());
          on_models(parse_model_list(source, *body));
        });
}

}  // namespace reverie
