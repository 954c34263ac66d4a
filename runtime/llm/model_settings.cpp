#include "runtime/llm/model_settings.hpp"

#include "config/json.hpp"
#include "config/json_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/model_table.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace reverie {

namespace {

using namespace std::string_view_literals;

constexpr std::array own_settings{"openai"sv,     "anthropic"sv, "groq"sv, "together"sv,
                                  "deepseek"sv,   "xai"sv,       "zai"sv,  "sglang"sv,
                                  "openrouter"sv, "azure"sv};

constexpr std::array reasoning_efforts{"none"sv,   "minimal"sv, "low"sv,
                                       "medium"sv, "high"sv,    "xhigh"sv};
constexpr std::array efforts{"low"sv, "medium"sv, "high"sv, "max"sv};
constexpr std::array verbosities{"low"sv, "medium"sv, "high"sv};
constexpr std::array switches{"enabled"sv, "disabled"sv};

Error wrong_setting(std::string message, std::string_view name) {
  return {Errc::invalid_argument, std::move(message), "model_settings." + std::string(name)};
}

// Nothing when the member is absent or null. `name` may lead inwards: "thinking.type".
template <class T>
Result<std::optional<T>> read_setting(const Json& settings, std::string_view name) {
  const auto dot = name.find('.');
  const Json* outer = dot == name.npos ? &settings : member(settings, name.substr(0, dot));
  if (outer != nullptr && !outer->is_object())
    return wrong_setting(expected("object", *outer).message, name.substr(0, dot));
  const Json* found = outer == nullptr ? nullptr : member(*outer, name.substr(dot + 1));
  if (found == nullptr) return std::optional<T>();
  auto value = from_json<T>(*found);
  if (!value) return wrong_setting(value.error().message, name);
  return std::optional<T>(*std::move(value));
}

Result<std::optional<std::string>> read_choice(const Json& settings, std::string_view name,
                                               std::span<const std::string_view> choices) {
  REVERIE_TRY(auto value, read_setting<std::string>(settings, name));
  if (!value || std::find(choices.begin(), choices.end(), *value) != choices.end()) return value;
  std::string all;
  for (const std::string_view choice : choices)
    all += (all.empty() ? "'" : ", '") + std::string(choice) + "'";
  return wrong_setting("expected one of " + all + ", got '" + *value + "'", name);
}

// How hard a model thinks that says so with a word.
Status apply_reasoning_effort(const Json& settings, std::string_view provider_type, Absent absent,
                              LlmConfig& config) {
  REVERIE_TRY(auto effort, read_choice(settings, "reasoning.reasoning_effort", reasoning_efforts));
  const Reasons can = reasons(provider_type, config.model);
  if (can == Reasons::no) return {};
  if (!effort && absent == Absent::schema_default && can == Reasons::yes) effort = "high";
  // "minimal" is what an unset effort is shown as: sent back, it asks for nothing.
  if (!effort || (*effort == "minimal" && can == Reasons::unknown)) return {};
  config.enable_reasoner = *effort != "none";
  config.reasoning_effort = std::move(effort);
  return {};
}

Status apply_thinking(const Json& settings, LlmConfig& config) {
  REVERIE_TRY(const auto type, read_choice(settings, "thinking.type", switches));
  if (type) config.enable_reasoner = *type == "enabled";
  REVERIE_TRY(const auto budget, read_setting<std::int64_t>(settings, "thinking.budget_tokens"));
  if (budget) config.max_reasoning_tokens = *budget;
  return {};
}

Status apply_own_members(const Json& settings, std::string_view provider_type, Absent absent,
                         LlmConfig& config) {
  const std::string_view type = settings_type_of(provider_type);
  const bool is_default = absent == Absent::schema_default;
  if (type == "openai" || type == "sglang") {
    REVERIE_CHECK(apply_reasoning_effort(settings, provider_type, absent, config));
    REVERIE_TRY(const auto strict, read_setting<bool>(settings, "strict"));
    config.strict = strict.value_or(is_default ? true : config.strict);
    REVERIE_TRY(auto parser, read_setting<std::string>(settings, "tool_call_parser"));
    if (parser) config.tool_call_parser = std::move(parser);
  } else if (type == "anthropic") {
    REVERIE_CHECK(apply_thinking(settings, config));
    REVERIE_TRY(auto effort, read_choice(settings, "effort", efforts));
    if (effort) config.effort = std::move(effort);
    REVERIE_TRY(auto verbosity, read_choice(settings, "verbosity", verbosities));
    if (verbosity) config.verbosity = std::move(verbosity);
    REVERIE_TRY(const auto strict, read_setting<bool>(settings, "strict"));
    config.strict = strict.value_or(is_default ? false : config.strict);
  } else if (type == "zai") {
    REVERIE_CHECK(apply_thinking(settings, config));
  }
  return {};
}

void append_own_members(std::string& out, const LlmConfig& config, std::string_view provider_type) {
  const std::string_view type = settings_type_of(provider_type);
  const auto text = [&](std::string_view name, const auto& value) {
    append_name(out, name);
    append_json(out, value);
  };
  const std::string thinking = config.enable_reasoner ? "enabled" : "disabled";
  if (type == "openai" || type == "sglang") {
    // Schema and clients want a word where nothing is set; a model that reasons has "medium" then.
    const bool can_reason = reasons(provider_type, config.model) == Reasons::yes;
    out += ",\"reasoning\":{";
    text("reasoning_effort", config.reasoning_effort.value_or(can_reason ? "medium" : "minimal"));
    out += '}';
    text("response_format", config.response_format);
    text("strict", config.strict);
    if (type == "sglang") text("tool_call_parser", config.tool_call_parser);
  } else if (type == "anthropic") {
    out += ",\"thinking\":{";
    text("type", thinking);
    text("budget_tokens", std::max<std::int64_t>(config.max_reasoning_tokens, 1'024));
    out += '}';
    text("response_format", config.response_format);
    text("verbosity", config.verbosity);
    text("effort", config.effort);
    text("strict", config.strict);
  } else {
    if (type == "zai") {
      out += ",\"thinking\":{";
      text("type", thinking);
      text("clear_thinking", false);
      out += '}';
    }
    text("response_format", config.response_format);
  }
}

}  // namespace

Status check_response_format(const Json& format) {
  if (format.is_null()) return {};
  if (!format.is_object()) return expected("object", format).in("response_format");
  const std::string_view type = text_member(format, "type");
  if (type == "text" || type == "json_object") return {};
  if (type != "json_schema")
    return Error{Errc::invalid_argument, "expected 'text', 'json_object' or 'json_schema'",
                 "response_format.type"};
  const Json* described = member(format, "json_schema");
  if (!described || !described->is_object())
    return Error{Errc::invalid_argument, "expected object", "response_format.json_schema"};
  return {};
}

std::string_view settings_type_of(std::string_view provider_type) {
  const auto found = std::find(own_settings.begin(), own_settings.end(), provider_type);
  return found == own_settings.end() ? "openai"sv : *found;
}

Status apply_model_settings(const RawJson& settings, std::string_view provider_type, Absent absent,
                            LlmConfig& config) {
  const auto json = parsed(settings.text);
  if (!json || !json->is_object())
    return Error{Errc::invalid_argument, "expected object", "model_settings"};
  const bool is_default = absent == Absent::schema_default;

  REVERIE_TRY(const auto tokens, read_setting<std::int64_t>(*json, "max_output_tokens"));
  if (tokens && *tokens < 1)
    return wrong_setting("expected a number of tokens above 0", "max_output_tokens");
  if (tokens) config.max_tokens = tokens;  // absent never clears what is stored
  REVERIE_TRY(const auto parallel, read_setting<bool>(*json, "parallel_tool_calls"));
  if (parallel || is_default) config.parallel_tool_calls = parallel.value_or(true);
  REVERIE_TRY(const auto temperature, read_setting<double>(*json, "temperature"));
  const double usual = settings_type_of(provider_type) == "anthropic" ? 1.0 : 0.7;
  config.temperature = temperature.value_or(is_default ? usual : config.temperature);
  if (const auto format = json->find("response_format"); format != json->end()) {
    if (auto status = check_response_format(*format); !status)
      return std::move(status).error().in("model_settings");
    config.response_format = *from_json<RawJson>(*format);
  }
  return apply_own_members(*json, provider_type, absent, config);
}

std::string model_settings_text(const LlmConfig& config, std::string_view provider_type,
                                bool is_parallel) {
  std::string out = "{";
  const auto text = [&](std::string_view name, const auto& value) {
    append_name(out, name);
    append_json(out, value);
  };
  text("max_output_tokens", config.max_tokens.value_or(4'096));  // 4'096: the schema's default
  text("parallel_tool_calls", is_parallel);
  text("provider_type", std::string(settings_type_of(provider_type)));
  text("temperature", config.temperature);
  append_own_members(out, config, provider_type);
  out += '}';
  return out;
}

}  // namespace reverie
