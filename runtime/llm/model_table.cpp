#include "runtime/llm/model_table.hpp"

#include <array>

namespace reverie {

namespace {

// Windows and limits are those that the vendors publish, where they are known for certain;
// output limits are what agents are given unless they ask for more. 16'384 and 21'000 leave most
// of the window to what the agent remembers.
constexpr std::array known_models{
  KnownModel{"openai", "gpt-5.4", 272'000, 128'000, 10, true},
  KnownModel{"openai", "gpt-5.3", 272'000, 128'000, 11, true},
  KnownModel{"openai", "gpt-5.2", 272'000, 128'000, 12, true},
  KnownModel{"openai", "gpt-5.1", 272'000, 16'384, 13, true},
  KnownModel{"openai", "gpt-5", 272'000, 16'384, 14, true},
  KnownModel{"openai", "gpt-5-mini", 272'000, 16'384, 15, true},
  KnownModel{"openai", "gpt-5-nano", 272'000, 16'384, 16, true},
  KnownModel{"openai", "gpt-5-chat", 128'000, 16'384, 40, false},
  KnownModel{"openai", "gpt-5.1-chat", 128'000, 16'384, 40, false},
  KnownModel{"openai", "gpt-5.2-chat", 128'000, 16'384, 40, false},
  KnownModel{"openai", "gpt-5.3-chat", 128'000, 16'384, 40, false},
  KnownModel{"openai", "gpt-5-pro", 272'000, 16'384, 41, true},
  KnownModel{"openai", "gpt-5.2-pro", 272'000, 128'000, 41, true},
  KnownModel{"openai", "gpt-5.4-pro", 272'000, 128'000, 41, true},
  KnownModel{"openai", "gpt-4.1", 1'047'576, 16'384, 20, false},
  KnownModel{"openai", "gpt-4.1-mini", 1'047'576, 16'384, 21, false},
  KnownModel{"openai", "gpt-4.1-nano", 1'047'576, 16'384, 22, false},
  KnownModel{"openai", "gpt-4o", 128'000, 16'384, 25, false},
  KnownModel{"openai", "gpt-4o-mini", 128'000, 16'384, 26, false},
  KnownModel{"openai", "gpt-4.5", 128'000, 16'384, 42, false},
  KnownModel{"openai", "gpt-4-turbo", 128'000, 4'096, 43, false},
  KnownModel{"openai", "gpt-4-0125-preview", 128'000, 4'096, 44, false},
  KnownModel{"openai", "gpt-4-1106-preview", 128'000, 4'096, 44, false},
  KnownModel{"openai", "gpt-4-32k", 32'768, 4'096, 45, false},
  KnownModel{"openai", "gpt-4", 8'192, 4'096, 46, false},
  KnownModel{"openai", "gpt-3.5", 16'385, 4'096, 47, false},
  KnownModel{"openai", "o4-mini", 200'000, 16'384, 30, true},
  KnownModel{"openai", "o3", 200'000, 16'384, 31, true},
  KnownModel{"openai", "o3-mini", 200'000, 16'384, 32, true},
  KnownModel{"openai", "o3-pro", 200'000, 16'384, 41, true},
  KnownModel{"openai", "o1", 200'000, 16'384, 33, true},
  KnownModel{"openai", "text-embedding-", 8'191, 16'384, 90, false},

  KnownModel{"anthropic", "claude-sonnet-4-6", 200'000, 21'000, 10, true},
  KnownModel{"anthropic", "claude-sonnet-4-5", 200'000, 16'384, 11, true},
  KnownModel{"anthropic", "claude-haiku-4-5", 200'000, 8'192, 12, true},
  KnownModel{"anthropic", "claude-opus-4-6", 200'000, 21'000, 13, true},
  KnownModel{"anthropic", "claude-opus-4-5", 200'000, 16'384, 14, true},
  KnownModel{"anthropic", "claude-sonnet-4", 200'000, 16'384, 15, true},
  KnownModel{"anthropic", "claude-opus-4", 200'000, 16'384, 16, true},
  KnownModel{"anthropic", "claude-3-7-sonnet", 200'000, 16'384, 20, true},
  KnownModel{"anthropic", "claude-3-5-sonnet", 200'000, 8'192, 21, false},
  KnownModel{"anthropic", "claude-3-5-haiku", 200'000, 8'192, 22, false},
  KnownModel{"anthropic", "claude-3-", 200'000, 4'096, 23, false},
  KnownModel{"anthropic", "claude-", 200'000, 16'384, 30, true},

  KnownModel{"deepseek", "deepseek-chat", 128'000, 4'096, 10, false},
  KnownModel{"deepseek", "deepseek-reasoner", 128'000, 4'096, 11, true},

  KnownModel{"xai", "grok-4", 256'000, 4'096, 10, false},
  KnownModel{"xai", "grok-4-fast", 2'000'000, 4'096, 11, false},
  KnownModel{"xai", "grok-4-1-fast", 2'000'000, 4'096, 11, false},
  KnownModel{"xai", "grok-code-fast", 256'000, 4'096, 12, false},
  KnownModel{"xai", "grok-3", 131'072, 4'096, 20, false},
  KnownModel{"xai", "grok-3-mini", 131'072, 4'096, 21, true},

  KnownModel{"zai", "glm-", 128'000, 4'096, 10, false},
};

struct Alias {
  std::string_view type;
  std::string_view model;
  std::string_view handle_name;
};

constexpr std::array aliases{
  Alias{"anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"},
  Alias{"anthropic", "claude-3-5-haiku-20241022", "claude-3-5-haiku"},
  Alias{"anthropic", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet"},
  Alias{"anthropic", "claude-3-opus-20240229", "claude-3-opus"},
};

}  // namespace

const KnownModel* find_known_model(std::string_view provider_type, std::string_view model) {
  const KnownModel* best = nullptr;
  for (const KnownModel& known : known_models) {
    if (known.type != provider_type || !model.starts_with(known.prefix)) continue;
    if (best == nullptr || known.prefix.size() > best->prefix.size()) best = &known;
  }
  return best;
}

std::int64_t known_context_window(std::string_view provider_type, std::string_view model) {
  const KnownModel* known = find_known_model(provider_type, model);
  return known != nullptr ? known->context_window : 30'000;
}

std::int64_t known_output_tokens(std::string_view provider_type, std::string_view model) {
  if (const KnownModel* known = find_known_model(provider_type, model))
    return known->output_tokens_max;
  return provider_type == "openai" ? 16'384 : 4'096;  // what the API's clients have seen so far
}

Reasons reasons(std::string_view provider_type, std::string_view model) {
  const KnownModel* known = find_known_model(provider_type, model);
  if (known == nullptr) return Reasons::unknown;
  return known->reasons ? Reasons::yes : Reasons::no;
}

std::int64_t known_embedding_dim(std::string_view model) {
  if (model == "text-embedding-3-large") return 3072;
  if (model == "text-embedding-3-small" || model == "text-embedding-ada-002") return 1536;
  return 0;
}

std::string handle_name(std::string_view provider_type, std::string_view model) {
  for (const Alias& alias : aliases)
    if (alias.type == provider_type && alias.model == model) return std::string(alias.handle_name);
  return std::string(model);
}

}  // namespace reverie
