// Runs and steps.

#include "config/json_writer.hpp"
#include "runtime/llm/json_access.hpp"
#include "runtime/run_failure.hpp"
#include "runtime/views/view_parts.hpp"

#include <algorithm>
#include <limits>

namespace reverie {

namespace {

std::int64_t ns_of(Timestamp time) {
  return time.time_since_epoch().count() * 1'000;
}

Result<Child> find_child(const ViewContext& context, const std::string& id, const char* what) {
  auto child = Table<ChildTable>{context.store}.get({id});
  if (child) return std::move(child->value);
  const Errc code = child.error().code;
  if (code != Errc::not_found && code != Errc::invalid_argument) return std::move(child).error();
  return Error{Errc::not_found, std::string(what) + " with id '" + id + "' not found", ""};
}

// It has not ended.
bool is_active(const std::string& status) {
  return status == "created" || status == "running";
}

// The rows to look through. Those that have not ended have rows of their own: a page of them costs
// two reads for each run that is under way, some 10 us, however many there ever were.
std::string_view family_of(const ListRuns& request) {
  const auto& wanted = request.statuses;
  const bool are_active = !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), is_active);
  return are_active || request.active.value_or(false) ? runs_active : runs_by_created;
}

bool is_wanted(const ListRuns& request, const Run& run) {
  const auto among = [](const std::vector<std::string>& wanted, const std::string& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  };
  return (!request.agent_id || run.agent_id == *request.agent_id)
         && among(request.agent_ids, run.agent_id) && among(request.statuses, run.status)
         && (!request.background || run.background == *request.background)
         && (!request.stop_reason || run.stop_reason == *request.stop_reason)
         && (!request.conversation_id || run.conversation_id == *request.conversation_id)
         && (!request.active.value_or(false) || is_active(run.status));
}

Result<bool> is_wanted(const ListSteps& request, const Step& step) {
  const auto date = [](const std::optional<std::string>& text,
                       const char* where) -> Result<std::optional<Timestamp>> {
    if (!text) return std::optional<Timestamp>{};
    auto time = from_rfc3339(*text);
    if (!time) time = from_rfc3339(*text + "T00:00:00Z");
    if (!time) return Error{Errc::invalid_argument, "expected an ISO 8601 date", where};
    return time;
  };
  REVERIE_TRY(const auto start, date(request.start_date, "query.start_date"));
  REVERIE_TRY(const auto end, date(request.end_date, "query.end_date"));
  const auto has_tag = [&](const std::string& tag) {
    return std::find(step.tags.begin(), step.tags.end(), tag) != step.tags.end();
  };
  const auto& traces = request.trace_ids;
  const bool has_trace =
    traces.empty()
    || std::find(traces.begin(), traces.end(), trace_id_of(step.run_id)) != traces.end();
  return (!start || step.created_at >= *start) && (!end || step.created_at <= *end)
         && (!request.model || step.model == *request.model)
         && (!request.agent_id || step.agent_id == *request.agent_id) && has_trace
         && (!request.feedback || step.feedback == *request.feedback)
         && (!request.has_feedback || step.feedback.has_value() == *request.has_feedback)
         && (request.tags.empty() || std::any_of(request.tags.begin(), request.tags.end(), has_tag))
         && (!request.project_id || step.project_id == *request.project_id);
}

constexpr auto id_of = [](const auto& item) -> const std::string& { return item.id; };

// Those that the request of the run wanted to see.
MessageTypeSet wanted_types(const Run& run) {
  const auto config = parsed(run.request_config.text);
  const Json* names = config ? member(*config, "include_return_message_types") : nullptr;
  if (names == nullptr || !names->is_array()) return {};
  const auto wanted = from_json<std::vector<std::string>>(*names);
  if (!wanted) return {};
  auto types = MessageTypeSet::parse(*wanted);
  return types ? *types : MessageTypeSet{};
}

std::string messages_json(const std::vector<Message>& messages, ApiMessageOptions options) {
  std::string out = "[";
  for (const Message& message : messages) append_api_messages(out, message, options);
  return out += ']';
}

void append_metrics_head(JsonObjectWriter& json, const std::string& id, const std::string& org_id,
                         const std::string& agent_id) {
  json.add("id", id).add("organization_id", org_id).add("agent_id", agent_id);
}

}  // namespace

Result<std::vector<Step>> steps_of(const ViewContext& context, const Run& run) {
  REVERIE_TRY(const Home home, home_of(run.agent_id));
  std::vector<Step> steps;
  // Newest first, and steps of a run end where older runs begin.
  const Page<StepTable::Key> rows{std::nullopt, Order::descending,
                                  std::numeric_limits<std::size_t>::max()};
  REVERIE_CHECK(Table<StepTable>{context.store}.scan_page(home, key_bytes(run.agent_id), rows,
                                                          [&](const StepTable::Key&, Step step) {
                                                            if (step.created_at < run.created_at)
                                                              return false;
                                                            if (step.run_id == run.id)
                                                              steps.push_back(std::move(step));
                                                            return true;
                                                          }));
  return steps;
}

Result<Run> find_run(const ViewContext& context, const std::string& run_id) {
  REVERIE_TRY(const Child child, find_child(context, run_id, "Run"));
  auto run = Table<RunTable>{context.store}.get(
    {child.agent_id, static_cast<std::uint64_t>(child.sequence_id)});
  if (run && run->value.id == run_id && run->value.org_id == context.org_id)
    return std::move(run->value);
  if (!run && run.error().code != Errc::not_found) return std::move(run).error();
  return Error{Errc::not_found, "Run with id '" + run_id + "' not found", ""};
}

Result<Step> find_step(const ViewContext& context, const std::string& step_id) {
  REVERIE_TRY(const Child child, find_child(context, step_id, "Step"));
  auto step = Table<StepTable>{context.store}.get(
    {child.agent_id, static_cast<std::uint64_t>(child.sequence_id)});
  if (step && step->value.id == step_id && step->value.org_id == context.org_id)
    return std::move(step->value);
  if (!step && step.error().code != Errc::not_found) return std::move(step).error();
  return Error{Errc::not_found, "Step with id '" + step_id + "' not found", ""};
}

void append_run_json(std::string& out, const Run& run) {
  JsonObjectWriter json{out};
  json.add("id", run.id)
    .add("status", run.status)
    .add("created_at", run.created_at)
    .add("completed_at", run.completed_at)
    .add("agent_id", run.agent_id)
    .add("conversation_id", run.conversation_id)
    .add_null("base_template_id")
    .add("background", run.background);
  json.begin("metadata");
  {
    JsonObjectWriter metadata{out};
    metadata.add("run_type", run.run_type);
    if (run.error_message) {
      metadata.begin("error");
      JsonObjectWriter{out}
        .add("message_type", "error_message")
        .add("run_id", run.id)
        .add("error_type", run.error_type.value_or("internal_error"))
        .add("message", *run.error_message)
        .add("detail", *run.error_message);
    }
  }
  json.add("request_config", run.request_config)
    .add("stop_reason", run.stop_reason)
    .add("callback_url", run.callback_url)
    .add("callback_sent_at", run.callback_sent_at)
    .add("callback_status_code", run.callback_status_code)
    .add("callback_error", run.callback_error)
    .add("ttft_ns", run.ttft_ns)
    .add("total_duration_ns", run.total_duration_ns);
}

void append_step_json(std::string& out, const Step& step) {
  JsonObjectWriter json{out};
  json.add("id", step.id)
    .add_null("origin")
    .add("organization_id", step.org_id)
    .add_null("provider_id")
    .add("run_id", step.run_id)
    .add("agent_id", step.agent_id)
    .add("provider_name", step.provider_name)
    .add("provider_category", "base")
    .add("model", step.model)
    .add("model_handle", step.model_handle)
    .add("model_endpoint", step.model_endpoint)
    .add("context_window_limit", step.context_window_limit)
    .add("completion_tokens", step.usage.completion_tokens)
    .add("prompt_tokens", step.usage.prompt_tokens)
    .add("total_tokens", step.usage.total_tokens)
    .add("cached_input_tokens", step.usage.cached_input_tokens)
    .add("cache_write_tokens", step.usage.cache_write_tokens)
    .add("reasoning_tokens", step.usage.reasoning_tokens)
    .add_null("completion_tokens_details")
    .add_null("prompt_tokens_details")
    .add("stop_reason", step.stop_reason)
    .add("tags", step.tags)
    .add("tid", step.tid)
    .add("trace_id", trace_id_of(step.run_id))
    .add("request_id", step.request_id)
    .add_json("messages", "[]")
    .add("feedback", step.feedback)
    .add("project_id", step.project_id)
    .add("error_type", step.error_type);
  json.begin("error_data");
  if (step.error_message)
    JsonObjectWriter{out}.add("message", *step.error_message);
  else
    out += "null";
  json.add("status", step.status);
}

Result<std::string> view(const ViewContext& context, const RetrieveRun& request) {
  REVERIE_TRY(const Run run, find_run(context, request.run_id));
  std::string out;
  append_run_json(out, run);
  return out;
}

Result<std::string> view(const ViewContext& context, const ListRuns& request) {
  REVERIE_TRY(PageRequest page, page_request(request, 100, false));
  if (!request.order && request.ascending) page.is_ascending = *request.ascending;
  const auto find = [&](const std::string& id) { return find_run(context, id); };
  REVERIE_TRY(const IndexPage rows,
              page_by_created(family_of(request), context.org_id, page, find));
  REVERIE_TRY(const auto found,
              read_page(context.store, rows, [&](std::string_view key, std::string_view) {
                const auto run = find_run(context, last_id(key, Prefix::run));
                return run && is_wanted(request, *run);
              }));
  std::string out = "[";
  for (const IndexRow& row : found) {
    const auto run = find_run(context, last_id(row.key, Prefix::run));
    if (!run) continue;
    if (out.size() > 1) out += ',';
    append_run_json(out, *run);
  }
  return out += ']';
}

Result<std::string> view(const ViewContext& context, const ListRunMessages& request) {
  REVERIE_TRY(const Run run, find_run(context, request.run_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 100, true));
  REVERIE_TRY(const Agent agent, find_agent(context, run.agent_id));
  REVERIE_TRY(auto messages,
              messages_in(context, {run.agent_id, run.first_message, run.last_message}));
  std::erase_if(messages, [&](const Message& message) { return message.run_id != run.id; });
  if (!page.is_ascending) std::reverse(messages.begin(), messages.end());
  cut_to_page(messages, page, id_of);
  ApiMessageOptions options = list_options(agent);
  options.reversed = !page.is_ascending;
  options.types = wanted_types(run);
  return messages_json(messages, options);
}

Result<std::string> view(const ViewContext& context, const ListRunSteps& request) {
  REVERIE_TRY(const Run run, find_run(context, request.run_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 100, false));
  REVERIE_TRY(auto steps, steps_of(context, run));
  if (page.is_ascending) std::reverse(steps.begin(), steps.end());
  cut_to_page(steps, page, id_of);
  std::string out = "[";
  for (const Step& step : steps) {
    if (out.size() > 1) out += ',';
    append_step_json(out, step);
  }
  return out += ']';
}

Result<std::string> view(const ViewContext& context, const RetrieveRunUsage& request) {
  REVERIE_TRY(const Run run, find_run(context, request.run_id));
  std::string out;
  {
    JsonObjectWriter json{out};
    json.add("completion_tokens", run.usage.completion_tokens)
      .add("prompt_tokens", run.usage.prompt_tokens)
      .add("total_tokens", run.usage.total_tokens);
    json.begin("prompt_tokens_details");
    if (run.usage.cached_input_tokens || run.usage.cache_write_tokens)
      JsonObjectWriter{out}
        .add("cached_tokens", run.usage.cached_input_tokens)
        .add("cache_read_tokens", run.usage.cached_input_tokens)
        .add("cache_creation_tokens", run.usage.cache_write_tokens);
    else
      out += "null";
    json.begin("completion_tokens_details");
    if (run.usage.reasoning_tokens)
      JsonObjectWriter{out}.add("reasoning_tokens", run.usage.reasoning_tokens);
    else
      out += "null";
  }
  return out;
}

Result<std::string> view(const ViewContext& context, const RetrieveRunMetrics& request) {
  REVERIE_TRY(const Run run, find_run(context, request.run_id));
  std::string out;
  {
    JsonObjectWriter json{out};
    append_metrics_head(json, run.id, run.org_id, run.agent_id);
    json.add_null("project_id")
      .add("run_start_ns", ns_of(run.created_at))
      .add("run_ns", run.total_duration_ns)
      .add("num_steps", run.steps_count)
      .add("tools_used", run.tools_used)
      .add_null("template_id")
      .add_null("base_template_id");
  }
  return out;
}

Result<std::string> view(const ViewContext& context, const ListSteps& request) {
  REVERIE_TRY(const PageRequest page, page_request(request, 50, false));
  const auto find = [&](const std::string& id) { return find_step(context, id); };
  REVERIE_TRY(const IndexPage rows, page_by_created(steps_by_created, context.org_id, page, find));
  std::optional<Error> failure;
  REVERIE_TRY(const auto found,
              read_page(context.store, rows, [&](std::string_view key, std::string_view) {
                const auto step = find_step(context, last_id(key, Prefix::step));
                if (!step || failure) return false;
                const auto wanted = is_wanted(request, *step);
                if (!wanted) failure = wanted.error();
                return wanted && *wanted;
              }));
  if (failure) return *std::move(failure);
  std::string out = "[";
  for (const IndexRow& row : found) {
    const auto step = find_step(context, last_id(row.key, Prefix::step));
    if (!step) continue;
    if (out.size() > 1) out += ',';
    append_step_json(out, *step);
  }
  return out += ']';
}

Result<std::string> view(const ViewContext& context, const RetrieveStep& request) {
  REVERIE_TRY(const Step step, find_step(context, request.step_id));
  std::string out;
  append_step_json(out, step);
  return out;
}

Result<std::string> view(const ViewContext& context, const ListStepMessages& request) {
  REVERIE_TRY(const Step step, find_step(context, request.step_id));
  REVERIE_TRY(const PageRequest page, page_request(request, 100, true));
  REVERIE_TRY(const Agent agent, find_agent(context, step.agent_id));
  REVERIE_TRY(const Run run, find_run(context, step.run_id));
  REVERIE_TRY(auto messages,
              messages_in(context, {run.agent_id, run.first_message, run.last_message}));
  std::erase_if(messages, [&](const Message& message) { return message.step_id != step.id; });
  if (!page.is_ascending) std::reverse(messages.begin(), messages.end());
  cut_to_page(messages, page, id_of);
  ApiMessageOptions options = list_options(agent);
  options.reversed = !page.is_ascending;
  return messages_json(messages, options);
}

Result<std::string> view(const ViewContext& context, const RetrieveStepMetrics& request) {
  REVERIE_TRY(const Step step, find_step(context, request.step_id));
  std::string out;
  {
    JsonObjectWriter json{out};
    append_metrics_head(json, step.id, step.org_id, step.agent_id);
    json.add_null("provider_id")
      .add("run_id", step.run_id)
      .add("step_start_ns", ns_of(step.created_at))
      .add("llm_request_start_ns", ns_of(step.created_at))
      .add("llm_request_ns", step.llm_request_ns)
      .add("tool_execution_ns", step.tool_execution_ns)
      .add("step_ns", step.step_ns)
      .add_null("base_template_id")
      .add_null("template_id")
      .add("project_id", step.project_id);
  }
  return out;
}

}  // namespace reverie
