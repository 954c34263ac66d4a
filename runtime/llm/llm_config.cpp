#include "runtime/llm/llm_config.hpp"

#include "config/json.hpp"
#include "config/json_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/model_settings.hpp"
#include "runtime/llm/model_table.hpp"
#include "runtime/llm/provider_sources.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace reverie {

namespace {

constexpr std::int64_t thinking_tokens_min = 1'024;  // the least that Anthropic takes

std::string_view endpoint_type_of(std::string_view provider_type) {
  const ProviderKind* kind = find_provider_kind(provider_type);
  return kind != nullptr ? kind->endpoint_type : "openai";
}

LlmConfig fresh_config(const ModelInfo& model, std::int64_t context_window_max) {
  LlmConfig config;
  config.model = model.name;
  config.model_endpoint_type = endpoint_type_of(model.provider_type);
  if (!model.endpoint.empty()) config.model_endpoint = model.endpoint;
  config.provider_name = std::string(shown_provider_name(model.provider));
  config.handle = model.handle;
  config.context_window = std::min(model.context_window, context_window_max);
  config.max_tokens = model.output_tokens_max;
  config.enable_reasoner = reasons(model.provider_type, model.name) == Reasons::yes;
  if (config.enable_reasoner && model.provider_type == "anthropic")
    config.max_reasoning_tokens = thinking_tokens_min;
  return config;
}

// Takes from a legacy config, as a client sent it, all but what the registry knows better.
Status apply_llm_config(const RawJson& sent, std::int64_t window_max, LlmConfig& config) {
  const auto json = parsed(sent.text);
  if (!json || !json->is_object())
    return Error{Errc::invalid_argument, "expected object", "llm_config"};
  constexpr std::array<std::string_view, 7> fixed{
    "model",         "model_endpoint_type", "model_endpoint",
    "provider_name", "provider_category",   "model_wrapper",
    "handle"};
  Json merged = to_json(config);
  for (const auto& [name, value] : json->items())
    if (!value.is_null() && std::find(fixed.begin(), fixed.end(), name) == fixed.end())
      merged[name] = value;
  auto read = from_json<LlmConfig>(merged);
  if (!read) return std::move(read).error().in("llm_config");
  config = *std::move(read);
  config.context_window = std::min(config.context_window, window_max);
  return {};
}

// The most that an agent may ask for: the model's own window, where it is known.
std::int64_t window_of(const ModelInfo* model, std::string_view provider_type,
                       std::string_view name) {
  if (model != nullptr) return model->context_window;
  const KnownModel* known = find_known_model(provider_type, name);
  return known != nullptr ? known->context_window : std::numeric_limits<std::int64_t>::max();
}

Status apply_request(const ModelRequest& request, const ModelInfo* model,
                     std::string_view provider_type, LlmConfig& config) {
  if (request.context_window_limit) {
    if (*request.context_window_limit < 1)
      return Error{Errc::invalid_argument, "expected a number of tokens above 0",
                   "context_window_limit"};
    config.context_window =
      std::min(*request.context_window_limit, window_of(model, provider_type, config.model));
  }
  if (request.max_tokens) config.max_tokens = *request.max_tokens;
  if (request.max_reasoning_tokens) config.max_reasoning_tokens = *request.max_reasoning_tokens;
  if (request.reasoning)
    config.enable_reasoner =
      *request.reasoning && reasons(provider_type, config.model) != Reasons::no;
  if (request.parallel_tool_calls) config.parallel_tool_calls = *request.parallel_tool_calls;
  return {};
}

// What settings say about parallel calls, if anything.
std::optional<bool> parallel_in(const RawJson& model_settings) {
  const auto settings = parsed(model_settings.text);
  const Json* said = settings ? member(*settings, "parallel_tool_calls") : nullptr;
  if (said == nullptr || !said->is_boolean()) return std::nullopt;
  return said->get<bool>();
}

// `was_parallel`: what the settings showed before this request.
Result<AgentModel> apply_all(LlmConfig config, const ModelInfo* model, const ModelRequest& request,
                             std::string_view provider_type, Absent absent, bool was_parallel) {
  REVERIE_CHECK(apply_request(request, model, provider_type, config));
  bool is_parallel = request.parallel_tool_calls.value_or(was_parallel);
  if (!request.model_settings.is_null()) {
    REVERIE_CHECK(apply_model_settings(request.model_settings, provider_type, absent, config));
    is_parallel = parallel_in(request.model_settings).value_or(is_parallel);
  }
  if (config.enable_reasoner && provider_type == "anthropic")
    config.max_reasoning_tokens = std::max(config.max_reasoning_tokens, thinking_tokens_min);
  AgentModel made;
  made.handle = config.handle.value_or("");
  made.model_settings = RawJson(model_settings_text(config, provider_type, is_parallel));
  made.llm_config = RawJson(json_text(config));
  return made;
}

Result<LlmConfig> read_llm_config(const AgentModel& model) {
  const auto json = parsed(model.llm_config.text);
  if (!json) return Error{Errc::corruption, "no JSON", "llm_config"};
  auto config = from_json<LlmConfig>(*json);
  if (!config) return Error{Errc::corruption, config.error().message, "llm_config"};
  return config;
}

}  // namespace

LlmConfig listed_llm_config(const ModelInfo& model) {
  LlmConfig config = fresh_config(model, model.context_window);
  // Lists show what a model may be asked, not what an agent of it starts with.
  config.enable_reasoner = true;
  config.max_reasoning_tokens = 0;
  return config;
}

Result<AgentModel> make_agent_model(const ModelInfo& model, const ModelRequest& request,
                                    std::int64_t context_window_max) {
  LlmConfig config = fresh_config(model, context_window_max);
  if (!request.llm_config.is_null())
    REVERIE_CHECK(apply_llm_config(request.llm_config, model.context_window, config));
  return apply_all(std::move(config), &model, request, model.provider_type, Absent::schema_default,
                   true);
}

Result<AgentModel> change_agent_model(const AgentModel& current, const ModelInfo* model,
                                      const ModelRequest& request,
                                      std::int64_t context_window_max) {
  if (model != nullptr) return make_agent_model(*model, request, context_window_max);
  REVERIE_TRY(LlmConfig config, read_llm_config(current));
  const auto settings = parsed(current.model_settings.text);
  const std::string type(settings ? text_member(*settings, "provider_type") : "openai");
  if (!request.llm_config.is_null())
    REVERIE_CHECK(
      apply_llm_config(request.llm_config, window_of(nullptr, type, config.model), config));
  return apply_all(std::move(config), nullptr, request, type, Absent::keep,
                   parallel_in(current.model_settings).value_or(true));
}

Result<std::string> handle_of_llm_config(const RawJson& llm_config) {
  const auto json = parsed(llm_config.text);
  if (json) {
    const std::string_view handle = text_member(*json, "handle");
    if (!handle.empty()) return std::string(handle);
    const std::string_view provider = text_member(*json, "provider_name");
    const std::string_view type = text_member(*json, "model_endpoint_type");
    const std::string_view model = text_member(*json, "model");
    const std::string_view name = provider.empty() ? type : provider;
    if (!name.empty() && !model.empty()) return std::string(name) + "/" + std::string(model);
  }
  return Error{Errc::bad_request, "llm_config names neither a handle nor a provider and a model",
               "llm_config"};
}

Result<ModelConfig> model_config_of(const AgentModel& model) {
  REVERIE_TRY(LlmConfig config, read_llm_config(model));
  ModelConfig call;
  call.provider = model.handle.substr(0, model.handle.find('/'));
  call.model = std::move(config.model);
  call.context_window = config.context_window;
  call.temperature = config.temperature;
  call.output_tokens_max = config.max_tokens;
  call.reasoning_enabled = config.enable_reasoner;
  call.parallel_tool_calls = config.parallel_tool_calls.value_or(false);
  call.strict_tools = config.strict;
  call.response_format = std::move(config.response_format);
  call.verbosity = std::move(config.verbosity);
  call.frequency_penalty = config.frequency_penalty;
  call.return_logprobs = config.return_logprobs;
  call.top_logprobs = config.top_logprobs;
  if (config.model_endpoint_type == "anthropic") {
    call.reasoning_effort = std::move(config.effort);
    if (config.max_reasoning_tokens > 0) call.thinking_budget = config.max_reasoning_tokens;
  } else {
    call.reasoning_effort = std::move(config.reasoning_effort);
  }
  return call;
}

std::string default_compaction_settings(const ModelInfo& model) {
  // A small model of the same vendor writes summaries; elsewhere the agent's own does.
  std::string handle = model.handle;
  if (model.provider == "openai") handle = "openai/gpt-5-mini";
  if (model.provider == "anthropic") handle = "anthropic/claude-haiku-4-5";
  std::string out = "{\"model\":";
  append_json_string(out, handle);
  out +=
    ",\"model_settings\":null,\"prompt\":null,\"prompt_acknowledgement\":false,"
    "\"clip_chars\":50000,\"mode\":\"sliding_window\",\"sliding_window_percentage\":0.3}";
  return out;
}

}  // namespace reverie
