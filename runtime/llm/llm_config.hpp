// How an agent's model is written down: the API's handle, its legacy `llm_config` and its
// `model_settings`, made from a create or update request, and read for a call.

#pragma once

#include "config/error.hpp"
#include "config/fields.hpp"
#include "config/raw_json.hpp"
#include "runtime/llm/provider.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace reverie {

// The API's LLMConfig, in the order in which the API writes it.
struct LlmConfig {
  std::string model;
  std::optional<std::string> display_name;
  std::string model_endpoint_type;
  std::optional<std::string> model_endpoint;
  std::optional<std::string> provider_name;
  std::optional<std::string> provider_category = "base";
  std::optional<std::string> model_wrapper;
  std::int64_t context_window = 0;  // tokens
  std::optional<bool> put_inner_thoughts_in_kwargs = false;
  std::optional<std::string> handle;
  double temperature = 1.0;
  std::optional<std::int64_t> max_tokens;
  bool enable_reasoner = true;
  std::optional<std::string> reasoning_effort;
  std::int64_t max_reasoning_tokens = 0;
  std::optional<std::string> effort;
  std::optional<double> frequency_penalty;
  std::optional<std::string> compatibility_type;
  std::optional<std::string> verbosity;
  std::optional<std::string> tier;
  std::optional<bool> parallel_tool_calls = false;
  RawJson response_format;
  bool strict = false;
  bool return_logprobs = false;
  std::optional<std::int64_t> top_logprobs;
  bool return_token_ids = false;
  std::optional<std::string> tool_call_parser;

  bool operator==(const LlmConfig&) const = default;

  static constexpr std::string_view type_name = "LLMConfig";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "model", &LlmConfig::model).required(),
      field(2, "display_name", &LlmConfig::display_name),
      field(3, "model_endpoint_type", &LlmConfig::model_endpoint_type).required(),
      field(4, "model_endpoint", &LlmConfig::model_endpoint),
      field(5, "provider_name", &LlmConfig::provider_name),
      field(6, "provider_category", &LlmConfig::provider_category),
      field(7, "model_wrapper", &LlmConfig::model_wrapper),
      field(8, "context_window", &LlmConfig::context_window).required(),
      field(9, "put_inner_thoughts_in_kwargs", &LlmConfig::put_inner_thoughts_in_kwargs),
      field(10, "handle", &LlmConfig::handle),
      field(11, "temperature", &LlmConfig::temperature),
      field(12, "max_tokens", &LlmConfig::max_tokens),
      field(13, "enable_reasoner", &LlmConfig::enable_reasoner),
      field(14, "reasoning_effort", &LlmConfig::reasoning_effort),
      field(15, "max_reasoning_tokens", &LlmConfig::max_reasoning_tokens),
      field(16, "effort", &LlmConfig::effort),
      field(17, "frequency_penalty", &LlmConfig::frequency_penalty),
      field(18, "compatibility_type", &LlmConfig::compatibility_type),
      field(19, "verbosity", &LlmConfig::verbosity),
      field(20, "tier", &LlmConfig::tier),
      field(21, "parallel_tool_calls", &LlmConfig::parallel_tool_calls),
      field(22, "response_format", &LlmConfig::response_format),
      field(23, "strict", &LlmConfig::strict),
      field(24, "return_logprobs", &LlmConfig::return_logprobs),
      field(25, "top_logprobs", &LlmConfig::top_logprobs),
      field(26, "return_token_ids", &LlmConfig::return_token_ids),
      field(27, "tool_call_parser", &LlmConfig::tool_call_parser),
    };
  }
};

// What GET /v1/models/ says about a model.
LlmConfig listed_llm_config(const ModelInfo& model);

// What a create or update request may say about the model, beside its handle. Absent: as it is.
struct ModelRequest {
  RawJson model_settings;  // one of the API's ...ModelSettings, as it was sent
  RawJson llm_config;      // the legacy form, as it was sent
  std::optional<std::int64_t> context_window_limit;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> max_reasoning_tokens;
  std::optional<bool> reasoning;  // also the older name enable_reasoner
  std::optional<bool> parallel_tool_calls;
};

// What an agent's record keeps.
struct AgentModel {
  std::string handle;
  RawJson llm_config;
  RawJson model_settings;

  bool operator==(const AgentModel&) const = default;
};

// `context_window_max` is the setting GLOBAL_MAX_CONTEXT_WINDOW_LIMIT; it holds where the request
// names no window. Errors: invalid_argument, with the path of the wrong member in `where`.
Result<AgentModel> make_agent_model(const ModelInfo& model, const ModelRequest& request,
                                    std::int64_t context_window_max);

// `model` is the one that the request names, or null when it names none.
Result<AgentModel> change_agent_model(const AgentModel& current, const ModelInfo* model,
                                      const ModelRequest& request, std::int64_t context_window_max);

// The handle that a legacy llm_config means. Errors: bad_request: it names none.
Result<std::string> handle_of_llm_config(const RawJson& llm_config);

// For calls. Parses, about 10 us: once per version of an agent, not once per step.
// Errors: corruption.
Result<ModelConfig> model_config_of(const AgentModel& model);

// The compaction settings of an agent that asked for none, as JSON text.
std::string default_compaction_settings(const ModelInfo& model);

}  // namespace reverie
