#include "actors/step_trace.hpp"

#include "config/failpoint.hpp"
#include "config/json_writer.hpp"

#include <utility>

namespace reverie {

namespace {

std::string_view name_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::length: return "length";
    case FinishReason::tool_calls: return "tool_calls";
    case FinishReason::content_filter: return "content_filter";
    default: return "stop";
  }
}

// The start of a text, which does not end in the middle of a character.
std::string_view start_of(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

RawJson bounded(const AgentRecord& record, std::string json) {
  const auto bytes_max = static_cast<std::size_t>(record.services().settings->traces.bytes_max);
  if (json.size() <= bytes_max) return RawJson{std::move(json)};
  std::string cut;
  JsonObjectWriter{cut}
    .add("truncated", true)
    .add("bytes", static_cast<std::int64_t>(json.size()))
    .add("start", start_of(json, bytes_max));
  return RawJson{std::move(cut)};
}

template <class Items, class Write>
void append_list(std::string& out, const Items& items, Write&& write) {
  out += '[';
  for (const auto& item : items) {
    if (out.back() != '[') out += ',';
    write(JsonObjectWriter{out}, item);
  }
  out += ']';
}

std::string json_of(const Completion& completion) {
  std::string out;
  {
    JsonObjectWriter json{out};
    json.add("model", completion.response_model).add("content", completion.text);
    json.begin("reasoning");
    append_list(out, completion.reasoning, [](JsonObjectWriter&& item, const Reasoning& each) {
      item.add("text", each.text).add("is_redacted", !each.redacted_data.empty());
    });
    json.begin("tool_calls");
    append_list(out, completion.tool_calls, [](JsonObjectWriter&& item, const ToolCall& call) {
      item.add("id", call.id).add("name", call.name).add("arguments", call.arguments);
    });
    json.add("finish_reason", name_of(completion.finish)).begin("usage");
    JsonObjectWriter{out}
      .add("prompt_tokens", completion.usage.prompt_tokens)
      .add("completion_tokens", completion.usage.completion_tokens)
      .add("total_tokens", completion.usage.total_tokens)
      .add("cached_input_tokens", completion.usage.cached_input_tokens)
      .add("cache_write_tokens", completion.usage.cache_write_tokens)
      .add("reasoning_tokens", completion.usage.reasoning_tokens);
  }
  return out;
}

std::string json_of(const Error& error) {
  std::string out;
  {
    JsonObjectWriter json{out};
    json.begin("error");
    JsonObjectWriter{out}.add("type", to_string(error.code)).add("message", error.message);
  }
  return out;
}

}  // namespace

std::optional<ProviderTrace> begin_trace(const AgentRecord& record, const Provider& provider,
                                         const LlmRequest& request, const AgentTurn& turn) {
  const Services& services = record.services();
  if (!services.settings->traces.enabled) return std::nullopt;
  ProviderTrace trace;
  trace.id = record.new_child(Prefix::provider_trace);
  trace.org_id = turn.setup().org_id;
  trace.user_id = turn.setup().user_id;
  trace.agent_id = record.id();
  trace.run_id = turn.setup().run_id;
  trace.step_id = turn.step_id();
  trace.request = bounded(record, provider.request_json(request));
  trace.response = RawJson{"{}"};
  trace.created_at = services.clock->now();
  return trace;
}

void end_trace(const AgentRecord& record, const Result<Completion>& completion,
               ProviderTrace& trace) {
  trace.response = bounded(record, completion ? json_of(*completion) : json_of(completion.error()));
}

void write_trace(const AgentRecord& record, const ProviderTrace& trace, RunChange& change) {
  // Its step was just given the newest number.
  record.tables().traces.put_unchecked(
    change.batch, {record.id(), static_cast<std::uint64_t>(change.activity.steps_count)}, trace);
  failpoint("trace.store");
}

}  // namespace reverie
