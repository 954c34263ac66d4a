// What a run did, as spans, and what its steps sent to their models.

#include "config/json_writer.hpp"
#include "runtime/views/view_parts.hpp"
#include "storage/records/provider_trace.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t spans_default = 1'000;
constexpr std::int64_t spans_max = 5'000;  // as the API allows

// The digits of an id without its prefix and hyphens.
std::string hex_of(std::string_view id) {
  std::string digits;
  for (const char c : id.substr(std::min(id.size(), id.find('-')))) {
    if (c != '-') digits += c;
  }
  return digits;
}

// 16 digits, of the random end of an id; `number` keeps the spans of one object apart.
std::string span_id(std::string_view id, int number) {
  std::string digits = hex_of(id);
  digits.erase(0, digits.size() - std::min<std::size_t>(digits.size(), 16));
  if (!digits.empty()) digits.front() = static_cast<char>('0' + number);
  return digits;
}

struct Span {
  std::string name;
  std::string id;
  std::string parent_id;
  Timestamp start;
  std::int64_t duration_ns = 0;
  bool is_error = false;
  std::string attributes;  // an object
};

// The columns of the table that OpenTelemetry's collectors write, which readers of traces know.
void append_span(std::string& out, const Span& span, const std::string& trace_id) {
  JsonObjectWriter{out}
    .add("Timestamp", span.start)
    .add("TraceId", trace_id)
    .add("SpanId", span.id)
    .add("ParentSpanId", span.parent_id)
    .add("SpanName", span.name)
    .add("SpanKind", "SPAN_KIND_INTERNAL")
    .add("ServiceName", "reverie")
    .add("Duration", span.duration_ns)
    .add("StatusCode", span.is_error ? "STATUS_CODE_ERROR" : "STATUS_CODE_OK")
    .add_json("SpanAttributes", span.attributes);
}

Span span_of(const Run& run) {
  Span span{"agent_run",
            span_id(run.id, 0),
            "",
            run.created_at,
            run.total_duration_ns.value_or(0),
            run.status == "failed",
            ""};
  JsonObjectWriter{span.attributes}
    .add("run_id", run.id)
    .add("agent_id", run.agent_id)
    .add("conversation_id", run.conversation_id)
    .add("run_type", run.run_type)
    .add("stop_reason", run.stop_reason)
    .add("ttft_ns", run.ttft_ns);
  return span;
}

// A step, and what it waited for: its model, then its tools.
std::vector<Span> spans_of(const Step& step, const std::string& parent_id) {
  std::vector<Span> spans;
  // Each has a number of its own; all but the first are parts of that.
  const auto add = [&](std::string name, Timestamp start, std::optional<std::int64_t> duration_ns,
                       bool is_error) -> Span& {
    const int number = static_cast<int>(spans.size()) + 1;
    const std::string parent = spans.empty() ? parent_id : spans.front().id;
    return spans.emplace_back(Span{std::move(name), span_id(step.id, number), parent, start,
                                   duration_ns.value_or(0), is_error, ""});
  };
  const bool has_failed = step.status == "failed";
  JsonObjectWriter{add("agent_step", step.created_at, step.step_ns, has_failed).attributes}
    .add("step_id", step.id)
    .add("stop_reason", step.stop_reason)
    .add("error_type", step.error_type);
  if (step.llm_request_ns)
    JsonObjectWriter{
      add("llm_request", step.created_at, step.llm_request_ns, has_failed).attributes}
      .add("provider_name", step.provider_name)
      .add("model", step.model)
      .add("prompt_tokens", step.usage.prompt_tokens)
      .add("completion_tokens", step.usage.completion_tokens);
  if (step.tool_execution_ns) {
    const auto behind_model = std::chrono::duration_cast<Timestamp::duration>(
      std::chrono::nanoseconds{step.llm_request_ns.value_or(0)});
    JsonObjectWriter{
      add("tool_execution", step.created_at + behind_model, step.tool_execution_ns, false)
        .attributes}
      .add("step_id", step.id);
  }
  return spans;
}

void append_trace(std::string& out, const ProviderTrace& trace) {
  JsonObjectWriter{out}
    .add("id", trace.id)
    .add("request_json", trace.request)
    .add("response_json", trace.response)
    .add("step_id", trace.step_id)
    .add("run_id", trace.run_id)
    .add("agent_id", trace.agent_id)
    .add_null("agent_tags")
    .add("call_type", "agent_step")
    .add("source", "reverie")
    .add("org_id", trace.org_id)
    .add("user_id", trace.user_id)
    .add_null("compaction_settings")
    .add_null("llm_config")
    .add_null("billing_context")
    .add("created_by_id", trace.user_id)
    .add("last_updated_by_id", trace.user_id)
    .add("created_at", trace.created_at)
    .add("updated_at", trace.created_at);
}

}  // namespace

std::string trace_id_of(std::string_view run_id) {
  return hex_of(run_id);
}

// What the run and its steps say of their times: there whether or not traces are kept.
Result<std::string> view(const ViewContext& context, const RetrieveRunTrace& request) {
  const std::int64_t limit = request.limit.value_or(spans_default);
  if (limit < 1 || limit > spans_max)
    return Error{Errc::invalid_argument, "expected 1 to " + std::to_string(spans_max),
                 "query.limit"};
  REVERIE_TRY(const Run run, find_run(context, request.run_id));
  REVERIE_TRY(auto steps, steps_of(context, run));
  std::vector<Span> spans{span_of(run)};
  const std::string root_id = spans.front().id;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    for (Span& span : spans_of(*step, root_id)) spans.push_back(std::move(span));
  if (spans.size() > static_cast<std::size_t>(limit)) spans.resize(static_cast<std::size_t>(limit));
  std::string out = "[";
  for (const Span& span : spans) {
    if (out.size() > 1) out += ',';
    append_span(out, span, trace_id_of(run.id));
  }
  return out += ']';
}

Result<std::string> view(const ViewContext& context, const RetrieveStepTrace& request) {
  REVERIE_TRY(const Step step, find_step(context, request.step_id));
  const auto trace = Table<ProviderTraceTable>{context.store}.get(
    {step.agent_id, static_cast<std::uint64_t>(step.sequence_id)});
  if (!trace && trace.error().code != Errc::not_found) return trace.error();
  if (!trace || trace->value.step_id != step.id
      || context.now - trace->value.created_at >= std::chrono::seconds{context.traces_age_s})
    return std::string("null");
  std::string out;
  append_trace(out, trace->value);
  return out;
}

}  // namespace reverie
