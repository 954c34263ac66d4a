#include "runtime/llm/openai.hpp"

#include "config/json_text.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/model_name.hpp"
#include "runtime/llm/tool_schema.hpp"

#include <algorithm>
#include <array>

namespace reverie::openai {

namespace {

// The vendor's name of a model: a router's handle has the vendor before it.
std::string_view base_name(std::string_view model) {
  return model.substr(model.rfind('/') + 1);
}

bool is_reasoning_model(std::string_view model) {
  return starts_with_any(base_name(model), {"o1", "o3", "o4", "gpt-5"});
}

// Older ones refuse to be told whether calls may be parallel, and think at least a little before
// several of them.
bool takes_parallel_flag(const ModelConfig& model) {
  if (!is_reasoning_model(model.model)) return true;
  return base_name(model.model).starts_with("gpt-5") && model.reasoning_effort != "minimal";
}

// These also take an effort, but are ordinary models in all else.
bool takes_effort(std::string_view model) {
  return is_reasoning_model(model)
         || starts_with_any(base_name(model), {"gpt-oss", "grok-3-mini", "magistral"});
}

// What OpenAI accepts as the name of a speaker.
bool is_speaker_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t\r\n\v\f<|\\/>") == std::string_view::npos;
}

void append_tool_calls(std::string& out, const std::vector<ToolCall>& calls) {
  append_name(out, "tool_calls");
  out += '[';
  for (const ToolCall& call : calls) {
    next_element(out);
    out += '{';
    append_text(out, "id", call.id);
    out += R"(,"type":"function","function":{)";
    append_text(out, "name", call.name);
    append_text(out, "arguments", call.arguments);
    out += "}}";
  }
  out += ']';
}

void append_assistant(std::string& out, const ChatMessage& message, bool with_reasoning) {
  out += R"({"role":"assistant")";
  if (message.text.empty() && !message.tool_calls.empty())
    out += R"(,"content":null)";
  else
    append_text(out, "content", message.text);
  if (is_speaker_name(message.name)) append_text(out, "name", message.name);
  if (with_reasoning) {
    std::string thoughts;
    for (const Reasoning& each : message.reasoning) thoughts += each.text;
    append_text(out, "reasoning_content", thoughts);
  }
  if (!message.tool_calls.empty()) append_tool_calls(out, message.tool_calls);
  out += '}';
}

// A message of a tool holds text alone.
std::string text_of(const ToolResult& result) {
  if (result.images.empty()) return result.text;
  return result.text + "\n[The tool also returned " + std::to_string(result.images.size())
         + " image(s), which this provider does not take from tools.]";
}

void append_tool_results(std::string& out, const ChatMessage& message) {
  for (const ToolResult& result : message.tool_results) {
    next_element(out);
    out += R"({"role":"tool")";
    append_text(out, "tool_call_id", result.tool_call_id);
    append_text(out, "content", text_of(result));
    out += '}';
  }
}

void append_image(std::string& out, const ChatImage& image) {
  out += R"({"type":"image_url","image_url":{"url":"data:)";
  out += image.media_type;  // one of ours, and base64: nothing to escape
  out += ";base64,";
  out += image.data;
  out += '"';
  if (!image.detail.empty()) append_text(out, "detail", image.detail);
  out += "}}";
}

void append_user_content(std::string& out, const ChatMessage& message) {
  if (message.parts.empty()) return append_text(out, "content", message.text);
  append_name(out, "content");
  out += '[';
  for (const ChatPart& part : message.parts) {
    next_element(out);
    if (part.image) {
      append_image(out, *part.image);
      continue;
    }
    out += R"({"type":"text")";
    append_text(out, "text", part.text);
    out += '}';
  }
  out += ']';
}

void append_messages(std::string& out, const LlmRequest& request, const Quirks& quirks) {
  const std::string_view system = quirks.has_developer_role
                                      && is_reasoning_model(request.model.model)
                                      && !base_name(request.model.model).starts_with("o1-mini")
                                    ? R"({"role":"developer")"
                                    : R"({"role":"system")";
  const bool with_reasoning = quirks.replays_reasoning && !request.messages.empty()
                              && request.messages.back().role != ChatRole::user;
  append_name(out, "messages");
  out += '[';
  for (const ChatMessage& message : request.messages) {
    if (message.role == ChatRole::tool) {
      append_tool_results(out, message);
      continue;
    }
    next_element(out);
    if (message.role == ChatRole::assistant) {
      append_assistant(out, message, with_reasoning);
      continue;
    }
    out += message.role == ChatRole::system ? system : R"({"role":"user")";
    append_user_content(out, message);
    if (is_speaker_name(message.name)) append_text(out, "name", message.name);
    out += '}';
  }
  out += ']';
}

void append_tools(std::string& out, const LlmRequest& request, const Quirks& quirks) {
  append_name(out, "tools");
  out += '[';
  for (const ToolSpec& tool : request.tools) {
    next_element(out);
    out += R"({"type":"function","function":{)";
    append_text(out, "name", tool.name);
    append_text(out, "description", tool.description);
    append_name(out, "parameters");
    const auto strict = quirks.has_strict_tools && request.model.strict_tools && tool.may_be_strict
                          ? strict_schema(tool.parameters)
                          : std::nullopt;
    out += strict ? *strict : object_schema_text(tool.parameters);
    if (strict) out += R"(,"strict":true)";
    out += "}}";
  }
  out += ']';
}

void append_tool_choice(std::string& out, const LlmRequest& request, const Quirks& quirks) {
  append_name(out, "tool_choice");
  switch (request.tool_choice) {
    case ToolChoice::none: out += R"("none")"; return;
    case ToolChoice::automatic: out += R"("auto")"; return;
    case ToolChoice::named:
      if (quirks.has_named_tool_choice) {
        out += R"({"type":"function","function":{)";
        append_text(out, "name", request.forced_tool);
        out += "}}";
        return;
      }
      [[fallthrough]];
    case ToolChoice::required:
      out += quirks.has_required_tool_choice ? R"("required")" : R"("auto")";
  }
}

void append_reasoning(std::string& out, const ModelConfig& model, ReasoningStyle style) {
  const std::string effort = model.reasoning_effort.value_or("none");
  // "max" is another vendor's word for the highest.
  const std::string_view word = effort == "max" ? "xhigh" : std::string_view(effort);
  if (style == ReasoningStyle::effort && effort != "none" && takes_effort(model.model)) {
    append_text(out, "reasoning_effort", word);
  } else if (style == ReasoningStyle::openrouter && (effort != "none" || model.reasoning_enabled)) {
    append_name(out, "reasoning");
    out += '{';
    if (effort != "none")
      append_text(out, "effort", word);
    else
      out += R"("enabled":true)";
    out += '}';
  } else if (style == ReasoningStyle::zai) {
    append_name(out, "thinking");
    out += model.reasoning_enabled ? R"({"type":"enabled","clear_thinking":false})"
                                   : R"({"type":"disabled"})";
  }
}

void append_logprobs(std::string& out, const ModelConfig& model) {
  out += R"(,"logprobs":true)";
  if (!model.top_logprobs) return;
  append_name(out, "top_logprobs");
  append_json(out, *model.top_logprobs);
}

// An answer is text unless something else is asked for, so "text" needs not be said.
void append_response_format(std::string& out, const RawJson& format) {
  const auto json = format.is_null() ? std::nullopt : parsed(format.text);
  if (!json || text_member(*json, "type") == "text") return;
  append_name(out, "response_format");
  append_json(out, format);
}

void append_sampling(std::string& out, const LlmRequest& request, const Quirks& quirks) {
  const ModelConfig& model = request.model;
  if (model.output_tokens_max) {
    append_name(out, quirks.uses_max_completion_tokens ? "max_completion_tokens" : "max_tokens");
    append_json(out, *model.output_tokens_max);
  }
  // Reasoning models refuse any temperature but their own.
  if (model.temperature && !is_reasoning_model(model.model)) {
    append_name(out, "temperature");
    append_json(out, *model.temperature);
  }
  if (model.frequency_penalty && !is_reasoning_model(model.model)) {
    append_name(out, "frequency_penalty");
    append_json(out, *model.frequency_penalty);
  }
  append_reasoning(out, model, quirks.reasoning);
  if (model.verbosity && base_name(model.model).starts_with("gpt-5"))
    append_text(out, "verbosity", *model.verbosity);
  append_response_format(out, model.response_format);
  if (model.return_logprobs && quirks.has_logprobs && !is_reasoning_model(model.model))
    append_logprobs(out, model);
}

bool keeps_cache_for_a_day(std::string_view model) {
  return model.starts_with("gpt-4.1")
         || (model.starts_with("gpt-5") && !model.starts_with("gpt-5-mini"));
}

}  // namespace

Quirks quirks_of(std::string_view provider_type, std::string_view base_url) {
  Quirks quirks;
  const auto is = [&](std::initializer_list<std::string_view> types) {
    return std::find(types.begin(), types.end(), provider_type) != types.end();
  };
  quirks.has_cache_retention = base_url.starts_with("https://api.openai.com/");
  if (is({"openai", "azure"})) return quirks;
  quirks.has_developer_role = false;
  quirks.has_strict_tools = is({"sglang", "fireworks", "cerebras", "openrouter"});
  // Older releases of local servers know the older name only; all of these still take it.
  quirks.uses_max_completion_tokens = is({"groq", "xai", "openrouter", "cerebras", "sglang"});
  quirks.has_named_tool_choice =
    !is({"openrouter", "groq", "ollama", "lmstudio", "lmstudio_openai"});
  quirks.has_required_tool_choice = !is({"vllm", "together", "ollama"});
  quirks.has_parallel_tool_calls = !is({"ollama", "lmstudio", "lmstudio_openai", "deepseek"});
  quirks.has_user = !is({"mistral"});
  quirks.has_stream_options = !is({"mistral"});  // it reports usage unasked, refuses the member
  quirks.replays_reasoning = is({"deepseek"});
  quirks.has_logprobs = !is({"groq", "mistral", "cerebras", "zai"});
  if (is({"openrouter"}))
    quirks.reasoning = ReasoningStyle::openrouter;
  else if (is({"zai", "zai_coding"}))
    quirks.reasoning = ReasoningStyle::zai;
  else if (is({"groq", "deepseek", "mistral", "ollama", "lmstudio", "lmstudio_openai", "together"}))
    quirks.reasoning = ReasoningStyle::none;
  return quirks;
}

std::string request_body(const LlmRequest& request, const Quirks& quirks) {
  std::size_t size = 1024;
  for (const ChatMessage& message : request.messages) {
    size += message.text.size() + 256;
    for (const ChatPart& part : message.parts)
      if (part.image) size += part.image->data.size();
  }
  for (const ToolSpec& tool : request.tools) size += tool.parameters.text.size() + 512;
  std::string out;
  out.reserve(size + size / 8);
  out += '{';
  append_text(out, "model", request.model.model);
  append_messages(out, request, quirks);
  if (!request.tools.empty()) {
    append_tools(out, request, quirks);
    append_tool_choice(out, request, quirks);
    if (quirks.has_parallel_tool_calls && takes_parallel_flag(request.model)) {
      append_name(out, "parallel_tool_calls");
      append_json(out, request.model.parallel_tool_calls);
    }
  }
  append_sampling(out, request, quirks);
  if (quirks.has_user && !request.user.empty()) append_text(out, "user", request.user);
  if (quirks.has_cache_retention && keeps_cache_for_a_day(request.model.model))
    append_text(out, "prompt_cache_retention", "24h");
  if (request.stream) {
    out += R"(,"stream":true)";
    if (quirks.has_stream_options) out += R"(,"stream_options":{"include_usage":true})";
  }
  out += '}';
  return out;
}

}  // namespace reverie::openai
