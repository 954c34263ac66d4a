// Reading answers of the chat completions dialect: whole ones and streams.

#include "runtime/llm/failure.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/llm/openai.hpp"

#include <utility>

namespace reverie::openai {

namespace {

Error no_choice() {
  return {Errc::llm_empty_response, "the provider's answer holds no choice", ""};
}

LlmUsage usage_of(const Json& usage) {
  LlmUsage out;
  out.prompt_tokens = count_member(usage, "prompt_tokens").value_or(0);
  out.completion_tokens = count_member(usage, "completion_tokens").value_or(0);
  out.total_tokens =
    count_member(usage, "total_tokens").value_or(out.prompt_tokens + out.completion_tokens);
  if (const Json* details = member(usage, "prompt_tokens_details")) {
    out.cached_input_tokens = count_member(*details, "cached_tokens");
    out.cache_write_tokens = count_member(*details, "cache_write_tokens");
  }
  if (!out.cached_input_tokens)
    out.cached_input_tokens = count_member(usage, "prompt_cache_hit_tokens");  // DeepSeek
  if (const Json* details = member(usage, "completion_tokens_details"))
    out.reasoning_tokens = count_member(*details, "reasoning_tokens");
  return out;
}

FinishReason finish_of(std::string_view reason) {
  if (reason == "length") return FinishReason::length;
  if (reason == "tool_calls" || reason == "function_call") return FinishReason::tool_calls;
  if (reason == "content_filter") return FinishReason::content_filter;
  return FinishReason::stop;
}

struct Texts {
  std::string reasoning;
  std::string text;
};

// Content is text, or a list of parts of which some are thoughts (Mistral).
void add_content(const Json& content, Texts& out) {
  if (content.is_string()) {
    out.text += content.get_ref<const std::string&>();
    return;
  }
  if (!content.is_array()) return;
  for (const Json& part : content) {
    out.text += text_member(part, "text");
    if (const Json* thoughts = member(part, "thinking"); thoughts && thoughts->is_array())
      for (const Json& thought : *thoughts) out.reasoning += text_member(thought, "text");
  }
}

// Of a message or of a delta.
Texts texts_of(const Json& message) {
  Texts out;
  out.reasoning = text_member(message, "reasoning_content");
  if (out.reasoning.empty()) out.reasoning = text_member(message, "reasoning");
  if (const Json* content = member(message, "content")) add_content(*content, out);
  if (out.text.empty()) out.text = text_member(message, "refusal");
  return out;
}

// Arguments are text, but some hosts send the object itself.
std::string arguments_of(const Json& function) {
  const Json* arguments = member(function, "arguments");
  if (!arguments) return {};
  if (arguments->is_string()) return arguments->get_ref<const std::string&>();
  return arguments->dump(-1, ' ', false, Json::error_handler_t::replace);
}

void settle_finish(Completion& completion) {
  // Some hosts say "stop" after a call.
  if (completion.finish == FinishReason::stop && !completion.tool_calls.empty())
    completion.finish = FinishReason::tool_calls;
}

const Json* first_choice(const Json& answer) {
  const Json* choices = member(answer, "choices");
  return choices && choices->is_array() && !choices->empty() ? &choices->front() : nullptr;
}

}  // namespace

void Logprobs::add(const Json& choice) {
  const Json* logprobs = member(choice, "logprobs");
  if (!logprobs || !logprobs->is_object()) return;
  has_any_ = true;
  if (const Json* tokens = member(*logprobs, "content")) append(content_, *tokens);
  if (const Json* tokens = member(*logprobs, "refusal")) append(refusal_, *tokens);
}

RawJson Logprobs::finish() && {
  if (!has_any_) return {};
  const auto list = [](const std::string& tokens) {
    return tokens.empty() ? std::string("null") : "[" + tokens + "]";
  };
  return RawJson("{\"content\":" + list(content_) + ",\"refusal\":" + list(refusal_) + "}");
}

void Logprobs::append(std::string& list, const Json& tokens) {
  if (!tokens.is_array()) return;
  for (const Json& token : tokens) {
    if (!list.empty()) list += ',';
    list += token.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
}

Result<Completion> parse_completion(std::string_view body, Random& random) {
  const auto json = parsed(body);
  if (!json) return not_json(body);
  if (member(*json, "error")) return llm_failure(0, body).error;
  const Json* choice = first_choice(*json);
  const Json* message = choice ? member(*choice, "message") : nullptr;
  if (!message) return no_choice();
  Completion out;
  Texts texts = texts_of(*message);
  out.text = std::move(texts.text);
  if (!texts.reasoning.empty()) out.reasoning.push_back({std::move(texts.reasoning), "", ""});
  if (const Json* calls = member(*message, "tool_calls"); calls && calls->is_array()) {
    CallIds ids(random);
    for (const Json& call : *calls) {
      const Json* function = member(call, "function");
      if (!function) continue;
      out.tool_calls.push_back({ids.take(text_member(call, "id")),
                                std::string(text_member(*function, "name")),
                                arguments_of(*function)});
    }
  }
  out.finish = finish_of(text_member(*choice, "finish_reason"));
  settle_finish(out);
  Logprobs logprobs;
  logprobs.add(*choice);
  out.logprobs = std::move(logprobs).finish();
  if (const Json* usage = member(*json, "usage")) out.usage = usage_of(*usage);
  out.response_model = text_member(*json, "model");
  return out;
}

Status StreamParser::feed(const SseEvent& event, const OnDelta& on_delta) {
  if (is_done_ || event.data.empty()) return {};
  if (event.data == "[DONE]") {
    is_done_ = true;
    return {};
  }
  const auto json = parsed(event.data);
  if (!json) return not_json(event.data);
  if (event.name == "error" || member(*json, "error")) return llm_failure(0, event.data).error;
  if (completion_.response_model.empty()) completion_.response_model = text_member(*json, "model");
  if (const Json* usage = member(*json, "usage")) completion_.usage = usage_of(*usage);
  if (const Json* choice = first_choice(*json)) on_choice(*choice, on_delta);
  return {};
}

void StreamParser::on_choice(const Json& choice, const OnDelta& on_delta) {
  if (int_member(choice, "index").value_or(0) != 0) return;
  has_choice_ = true;
  logprobs_.add(choice);
  const Json* delta = member(choice, "delta");
  if (!delta) delta = member(choice, "message");
  if (delta) {
    Texts texts = texts_of(*delta);
    if (!texts.reasoning.empty()) {
      if (completion_.reasoning.empty()) completion_.reasoning.emplace_back();
      completion_.reasoning.front().text += texts.reasoning;
      on_delta(ReasoningDelta{std::move(texts.reasoning)});
    }
    if (!texts.text.empty()) {
      completion_.text += texts.text;
      on_delta(TextDelta{std::move(texts.text)});
    }
    if (const Json* calls = member(*delta, "tool_calls"); calls && calls->is_array())
      for (const Json& fragment : *calls) on_tool_call(fragment, on_delta);
  }
  if (const auto reason = text_member(choice, "finish_reason"); !reason.empty()) {
    has_finish_ = true;
    completion_.finish = finish_of(reason);
  }
}

// The call that a fragment goes on with, or a new one. Hosts differ in what they repeat: the
// index alone, index and id, or index 0 for every call, told apart by new ids or, failing that,
// by a name after complete arguments.
std::size_t StreamParser::slot_of(const Json& fragment) {
  const std::string_view id = text_member(fragment, "id");
  const Json* function = member(fragment, "function");
  const bool has_name = function && !text_member(*function, "name").empty();
  const std::int64_t index = int_member(fragment, "index").value_or(-1);
  const auto known = slots_.find(index);
  if (known != slots_.end()) {
    const Call& call = calls_[known->second];
    const bool is_other_id = !id.empty() && !call.host_id.empty() && id != call.host_id;
    const bool is_next =
      id.empty() && has_name && call.is_started && is_json_object(call.call.arguments);
    if (!is_other_id && !is_next) return known->second;
  }
  calls_.emplace_back();
  return slots_[index] = calls_.size() - 1;
}

void StreamParser::on_tool_call(const Json& fragment, const OnDelta& on_delta) {
  if (!fragment.is_object()) return;
  const std::size_t slot = slot_of(fragment);
  Call& call = calls_[slot];
  if (call.host_id.empty()) call.host_id = text_member(fragment, "id");
  const Json* function = member(fragment, "function");
  if (!function) return;
  if (call.call.name.empty()) call.call.name = text_member(*function, "name");
  std::string arguments = arguments_of(*function);
  call.call.arguments += arguments;
  if (call.is_started) {
    if (!arguments.empty()) on_delta(ToolCallDelta{slot, std::move(arguments)});
  } else if (!call.call.name.empty()) {
    start(slot, on_delta);
  }
}

void StreamParser::start(std::size_t slot, const OnDelta& on_delta) {
  Call& call = calls_[slot];
  call.is_started = true;
  call.call.id = ids_.take(call.host_id);  // it stays, should the host think of one later
  on_delta(ToolCallStart{slot, call.call.id, call.call.name});
  if (!call.call.arguments.empty()) on_delta(ToolCallDelta{slot, call.call.arguments});
}

Result<Completion> StreamParser::finish(const OnDelta& on_delta) {
  if (!is_done_ && !has_finish_) return broken_off();
  if (!has_choice_) return no_choice();
  for (std::size_t slot = 0; slot < calls_.size(); ++slot) {
    if (!calls_[slot].is_started) start(slot, on_delta);  // a call whose name never came
    completion_.tool_calls.push_back(std::move(calls_[slot].call));
  }
  settle_finish(completion_);
  completion_.logprobs = std::move(logprobs_).finish();
  return std::move(completion_);
}

}  // namespace reverie::openai
