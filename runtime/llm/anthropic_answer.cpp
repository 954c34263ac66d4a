// Reading answers of the messages dialect: streams, and whole ones.

#include "runtime/llm/anthropic.hpp"
#include "runtime/llm/failure.hpp"
#include "runtime/llm/json_access.hpp"

#include <utility>

namespace reverie::anthropic {

namespace {

FinishReason finish_of(std::string_view reason) {
  if (reason == "max_tokens" || reason == "model_context_window_exceeded")
    return FinishReason::length;
  if (reason == "tool_use") return FinishReason::tool_calls;
  if (reason == "refusal") return FinishReason::content_filter;
  return FinishReason::stop;  // end_turn, stop_sequence, pause_turn
}

}  // namespace

Status StreamParser::feed(const SseEvent& event, const OnDelta& on_delta) {
  if (is_done_ || event.data.empty()) return {};
  const auto json = parsed(event.data);
  if (!json) return not_json(event.data);
  const std::string_view type = text_member(*json, "type");
  const std::int64_t index = int_member(*json, "index").value_or(0);
  if (type == "error" || event.name == "error" || member(*json, "error")) {
    return llm_failure(0, event.data).error;
  } else if (type == "message_start") {
    if (const Json* message = member(*json, "message")) on_message(*message);
  } else if (type == "content_block_start") {
    if (const Json* block = member(*json, "content_block")) on_block_start(index, *block, on_delta);
  } else if (type == "content_block_delta") {
    if (const Json* delta = member(*json, "delta")) on_block_delta(index, *delta, on_delta);
  } else if (type == "content_block_stop") {
    on_block_stop(index, on_delta);
  } else if (type == "message_delta") {
    if (const Json* delta = member(*json, "delta"))
      on_stop_reason(text_member(*delta, "stop_reason"));
    if (const Json* usage = member(*json, "usage")) on_usage(*usage);
  } else if (type == "message_stop") {
    is_done_ = true;
  }
  return {};  // ping, and what comes in later versions
}

void StreamParser::on_message(const Json& message) {
  completion_.response_model = text_member(message, "model");
  if (const Json* usage = member(message, "usage")) on_usage(*usage);
}

void StreamParser::on_stop_reason(std::string_view reason) {
  if (reason.empty()) return;
  has_stop_reason_ = true;
  completion_.finish = finish_of(reason);
}

// Counts are of the whole answer so far. The vendor counts input three times over: new, read
// from the cache, written to it.
void StreamParser::on_usage(const Json& usage) {
  LlmUsage& out = completion_.usage;
  input_tokens_ = count_member(usage, "input_tokens").value_or(input_tokens_);
  if (const auto read = count_member(usage, "cache_read_input_tokens"))
    out.cached_input_tokens = read;
  if (const auto written = count_member(usage, "cache_creation_input_tokens"))
    out.cache_write_tokens = written;
  out.prompt_tokens =
    input_tokens_ + out.cached_input_tokens.value_or(0) + out.cache_write_tokens.value_or(0);
  out.completion_tokens = count_member(usage, "output_tokens").value_or(out.completion_tokens);
  out.total_tokens = out.prompt_tokens + out.completion_tokens;
}

// A block starts empty in a stream and is complete in a whole answer.
void StreamParser::on_block_start(std::int64_t index, const Json& block, const OnDelta& on_delta) {
  const std::string_view type = text_member(block, "type");
  if (type == "text") {
    blocks_[index] = {BlockKind::text, 0};
    add_text(text_member(block, "text"), on_delta);
  } else if (type == "thinking" || type == "redacted_thinking") {
    const std::size_t slot = completion_.reasoning.size();
    blocks_[index] = {BlockKind::thinking, slot};
    completion_.reasoning.push_back(
      {"", std::string(text_member(block, "signature")), std::string(text_member(block, "data"))});
    add_thought(slot, text_member(block, "thinking"), on_delta);
  } else if (type == "tool_use") {
    const std::size_t slot = completion_.tool_calls.size();
    blocks_[index] = {BlockKind::call, slot};
    completion_.tool_calls.push_back(
      {ids_.take(text_member(block, "id")), std::string(text_member(block, "name")), ""});
    on_delta(
      ToolCallStart{slot, completion_.tool_calls.back().id, completion_.tool_calls.back().name});
    if (const Json* input = member(block, "input"); input && !input->empty())
      add_arguments(slot, input->dump(-1, ' ', false, Json::error_handler_t::replace), on_delta);
  }
}

void StreamParser::on_block_delta(std::int64_t index, const Json& delta, const OnDelta& on_delta) {
  const auto found = blocks_.find(index);
  if (found == blocks_.end()) return;
  const auto [kind, slot] = found->second;
  const std::string_view type = text_member(delta, "type");
  if (type == "text_delta" && kind == BlockKind::text) {
    add_text(text_member(delta, "text"), on_delta);
  } else if (type == "thinking_delta" && kind == BlockKind::thinking) {
    add_thought(slot, text_member(delta, "thinking"), on_delta);
  } else if (type == "signature_delta" && kind == BlockKind::thinking) {
    completion_.reasoning[slot].signature += text_member(delta, "signature");
  } else if (type == "input_json_delta" && kind == BlockKind::call) {
    add_arguments(slot, std::string(text_member(delta, "partial_json")), on_delta);
  }
}

// A call without arguments has an empty text here and an empty object everywhere else.
void StreamParser::on_block_stop(std::int64_t index, const OnDelta& on_delta) {
  const auto found = blocks_.find(index);
  if (found == blocks_.end() || found->second.kind != BlockKind::call) return;
  const std::size_t slot = found->second.slot;
  if (completion_.tool_calls[slot].arguments.empty()) add_arguments(slot, "{}", on_delta);
}

void StreamParser::add_text(std::string_view text, const OnDelta& on_delta) {
  if (text.empty()) return;
  completion_.text += text;
  on_delta(TextDelta{std::string(text)});
}

void StreamParser::add_thought(std::size_t slot, std::string_view text, const OnDelta& on_delta) {
  if (text.empty()) return;
  completion_.reasoning[slot].text += text;
  on_delta(ReasoningDelta{std::string(text)});
}

void StreamParser::add_arguments(std::size_t slot, std::string arguments, const OnDelta& on_delta) {
  if (arguments.empty()) return;
  completion_.tool_calls[slot].arguments += arguments;
  on_delta(ToolCallDelta{slot, std::move(arguments)});
}

Result<Completion> StreamParser::finish(const OnDelta& on_delta) {
  if (!is_done_ && !has_stop_reason_) return broken_off();
  for (const auto& [index, block] : blocks_) on_block_stop(index, on_delta);
  return std::move(completion_);
}

Result<Completion> parse_completion(std::string_view body, Random& random) {
  const auto json = parsed(body);
  if (!json) return not_json(body);
  if (member(*json, "error")) return llm_failure(0, body).error;
  const Json* content = member(*json, "content");
  if (!content || !content->is_array())
    return Error{Errc::llm_empty_response, "the provider's answer holds no content", ""};
  StreamParser parser(random);
  const OnDelta ignore = [](const LlmDelta&) {};
  parser.on_message(*json);
  parser.on_stop_reason(text_member(*json, "stop_reason"));
  parser.is_done_ = true;
  std::int64_t index = 0;
  for (const Json& block : *content) parser.on_block_start(index++, block, ignore);
  return parser.finish(ignore);
}

}  // namespace reverie::anthropic
