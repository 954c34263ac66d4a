#include "runtime/messages/stream_events.hpp"

#include "config/json_text.hpp"
#include "runtime/messages/answer_pieces.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/messages/speech.hpp"
#include "runtime/time_format.hpp"

#include <utility>

namespace reverie {

std::string ping_event(std::string_view ping_id, std::string_view run_id, Timestamp now) {
  const std::string date = to_iso_seconds(now);
  MessageHead head;
  head.id = ping_id;
  head.date = date;
  head.type = "ping";
  head.run_id = run_id;
  std::string out = "{";
  append_message_head(out, head);
  return out + "}";
}

std::string stop_reason_event(std::string_view stop_reason) {
  std::string out = "{\"message_type\":\"stop_reason\",\"stop_reason\":";
  append_json_string(out, stop_reason);
  return out + "}";
}

std::string usage_event(const Usage& usage, std::int64_t steps_count,
                        const std::optional<std::int64_t>& context_tokens) {
  std::string out = "{\"message_type\":\"usage_statistics\",\"completion_tokens\":";
  append_json(out, usage.completion_tokens);
  out += ",\"prompt_tokens\":";
  append_json(out, usage.prompt_tokens);
  out += ",\"total_tokens\":";
  append_json(out, usage.total_tokens);
  out += ",\"step_count\":";
  append_json(out, steps_count);
  out += ",\"run_ids\":null,\"cached_input_tokens\":";
  append_json(out, usage.cached_input_tokens);
  out += ",\"cache_write_tokens\":";
  append_json(out, usage.cache_write_tokens);
  out += ",\"reasoning_tokens\":";
  append_json(out, usage.reasoning_tokens);
  out += ",\"context_tokens\":";
  append_json(out, context_tokens);
  return out + "}";
}

std::string error_event(std::string_view run_id, std::string_view type, std::string_view message,
                        std::string_view detail) {
  std::string out = "{\"message_type\":\"error_message\",\"run_id\":";
  append_json_string(out, run_id);
  out += ",\"error_type\":";
  append_json_string(out, type);
  out += ",\"message\":";
  append_json_string(out, message);
  out += ",\"detail\":";
  append_json_string(out, detail);
  return out + ",\"seq_id\":null}";
}

std::string compaction_event(const MessageHead& head, std::string_view trigger, std::int64_t tokens,
                             std::int64_t context_window) {
  std::string out = "{";
  append_message_head(out, head);
  out += ",\"event_type\":\"compaction\",\"event_data\":{\"trigger\":";
  append_json_string(out, trigger);
  out += ",\"context_token_estimate\":";
  append_json(out, tokens);
  out += ",\"context_window\":";
  append_json(out, context_window);
  return out + "}}";
}

void append_message_events(std::vector<std::string>& events, const Message& message,
                           const ApiMessageOptions& options) {
  const bool is_shown = message.role == "assistant" || message.role == "tool"
                        || asks_for_approval(message)
                        || (message.role == "summary" && options.shows_summaries);
  if (!is_shown) return;
  append_api_message_texts(events, message, options);
}

std::string with_sequence_id(std::string event, std::int64_t sequence_id) {
  // Inside a string the quotes of this pattern are escaped, so the first match is the member.
  constexpr std::string_view member = "\"seq_id\":null";
  const std::size_t at = event.find(member);
  if (at == std::string::npos) return event;
  const std::size_t value = at + member.size() - 4;
  return event.replace(value, 4, std::to_string(sequence_id));
}

DeltaRenderer::DeltaRenderer(DeltaTarget target, ApiMessageOptions options)
  : target_(std::move(target)), options_(std::move(options)), date_(to_iso_seconds(target_.date)) {}

void DeltaRenderer::add(const LlmDelta& delta, std::vector<std::string>& events) {
  if (const auto* thought = std::get_if<ReasoningDelta>(&delta)) {
    add_text(Kind::thought, thought->text, events);
  } else if (const auto* text = std::get_if<TextDelta>(&delta)) {
    add_text(Kind::text, text->text, events);
  } else if (const auto* start = std::get_if<ToolCallStart>(&delta)) {
    start_call(*start, events);
  } else {
    add_arguments(std::get<ToolCallDelta>(delta), events);
  }
}

void DeltaRenderer::finish(std::vector<std::string>& events) {
  release_held(events);
}

void DeltaRenderer::add_text(Kind kind, std::string_view text, std::vector<std::string>& events) {
  if (text.empty()) return;
  const bool is_assistant =
    kind == Kind::speech || (kind == Kind::text && options_.text_is_assistant);
  auto out =
    open(kind, is_assistant ? MessageType::assistant_message : MessageType::reasoning_message);
  if (!out) return;
  if (is_assistant) {
    *out += ",\"content\":";
    append_json_string(*out, text);
    *out += '}';
  } else {
    *out += kind == Kind::thought ? ",\"source\":\"reasoner_model\",\"reasoning\":"
                                  : ",\"source\":\"non_reasoner_model\",\"reasoning\":";
    append_json_string(*out, text);
    *out += ",\"signature\":null}";
  }
  events.push_back(*std::move(out));
}

void DeltaRenderer::start_call(const ToolCallStart& start, std::vector<std::string>& events) {
  release_held(events);
  Call call{start.index, start.id, start.name, "", shows_as_speech(start.name, options_), false};
  call.needs_decision = target_.needs_decision && target_.needs_decision(start.name);
  call.is_held &= !call.needs_decision;
  if (!call.is_held) add_call_piece(call, call.name, "", events);
  calls_.push_back(std::move(call));
}

void DeltaRenderer::add_arguments(const ToolCallDelta& delta, std::vector<std::string>& events) {
  if (delta.arguments.empty()) return;
  for (Call& call : calls_) {
    if (call.index != delta.index) continue;
    if (call.is_held)
      call.held_arguments += delta.arguments;
    else
      add_call_piece(call, "", delta.arguments, events);
    return;
  }
}

// Members without a value are left out, and `tool_calls` is an object: a piece, not a list.
void DeltaRenderer::add_call_piece(const Call& call, std::string_view name,
                                   std::string_view arguments, std::vector<std::string>& events) {
  if (call.needs_decision) return add_request_piece(call, name, arguments, events);
  auto out = open(Kind::call, MessageType::tool_call_message);
  if (!out) return;
  std::string piece = "{";
  if (!name.empty()) {
    piece += "\"name\":";
    append_json_string(piece, name);
    piece += ',';
  }
  if (!arguments.empty()) {
    piece += "\"arguments\":";
    append_json_string(piece, arguments);
    piece += ',';
  }
  piece += "\"tool_call_id\":";
  append_json_string(piece, call.id);
  piece += '}';
  *out += ",\"tool_call\":" + piece + ",\"tool_calls\":" + piece + '}';
  events.push_back(*std::move(out));
}

// The message that asks has an id of its own; members without a value are null.
void DeltaRenderer::add_request_piece(const Call& call, std::string_view name,
                                      std::string_view arguments,
                                      std::vector<std::string>& events) {
  if (!options_.types.has(MessageType::approval_request_message)) return;
  const std::string id = approval_request_id(target_.message_id);
  std::string out = head_of(MessageType::approval_request_message, id, id);
  std::string piece = "{\"name\":";
  append_text_or_null(piece, name);
  piece += ",\"arguments\":";
  append_text_or_null(piece, arguments);
  piece += ",\"tool_call_id\":";
  append_json_string(piece, call.id);
  piece += '}';
  out += ",\"tool_call\":" + piece + ",\"tool_calls\":" + piece + '}';
  events.push_back(std::move(out));
}

void DeltaRenderer::release_held(std::vector<std::string>& events) {
  for (Call& call : calls_) {
    if (!call.is_held) continue;
    call.is_held = false;
    if (const auto speech = speech_of(call.name, call.held_arguments, options_))
      add_text(Kind::speech, *speech, events);
    else
      add_call_piece(call, call.name, call.held_arguments, events);
  }
}

// The head of an event, or nothing when its type is not wanted.
std::optional<std::string> DeltaRenderer::open(Kind kind, MessageType type) {
  if (last_kind_ != Kind::none && last_kind_ != kind) ++otid_index_;
  last_kind_ = kind;
  if (!options_.types.has(type)) return {};
  return head_of(type, target_.message_id, message_otid(target_.message_id, otid_index_));
}

std::string DeltaRenderer::head_of(MessageType type, std::string_view id,
                                   std::string_view otid) const {
  MessageHead head;
  head.id = id;
  head.date = date_;
  head.type = to_string(type);
  head.otid = otid;
  head.step_id = target_.step_id;
  head.run_id = target_.run_id;
  std::string out = "{";
  append_message_head(out, head);
  return out;
}

}  // namespace reverie
