#include "actors/agent_runs.hpp"

#include "actors/input_token.hpp"
#include "actors/message_scan.hpp"
#include "actors/run_answer.hpp"
#include "actors/step_commit.hpp"
#include "config/json_writer.hpp"
#include "runtime/messages/input.hpp"
#include "runtime/run_failure.hpp"
#include "runtime/tools/native_tool.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

namespace reverie {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

std::int64_t ns_since(SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now()
                                                              - start)
    .count();
}

RunOptions options_of(const SendMessage& request, std::string user_id) {
  RunOptions options;
  options.user_id = std::move(user_id);
  options.steps_max = request.max_steps;
  options.override_model = request.override_model;
  options.override_system = request.override_system ? request.override_system : request.system;
  options.streams = request.streaming.value_or(false);
  options.streams_tokens = request.stream_tokens;
  options.has_pings = request.include_pings.value_or(true);
  options.message_types = request.include_return_message_types;
  options.use_assistant_message = request.use_assistant_message;
  options.assistant_tool_name = request.assistant_message_tool_name;
  options.assistant_tool_kwarg = request.assistant_message_tool_kwarg;
  return options;
}

// As the API shows it with the run.
RawJson request_config(const RunOptions& options) {
  std::string json;
  JsonObjectWriter{json}
    .add("use_assistant_message", options.use_assistant_message)
    .add("assistant_message_tool_name", options.assistant_tool_name)
    .add("assistant_message_tool_kwarg", options.assistant_tool_kwarg)
    .add("include_return_message_types", options.message_types);
  return RawJson{std::move(json)};
}

Status check(const SendMessage& request) {
  if (!request.client_tools.is_null() && request.client_tools.text != "[]")
    return Error{Errc::not_built, "client-side tools are not built yet", "body.client_tools"};
  if (!request.client_skills.is_null() && request.client_skills.text != "[]")
    return Error{Errc::not_built, "client skills are not built yet", "body.client_skills"};
  if (request.background)
    return Error{Errc::not_built, "background runs are not built yet", "body.background"};
  const bool streams = request.streaming.value_or(false);
  if (!streams && request.stream_tokens)
    return Error{Errc::invalid_argument, "needs streaming=true", "body.stream_tokens"};
  if (!streams && request.include_pings == false)
    return Error{Errc::invalid_argument, "needs streaming=true", "body.include_pings"};
  if (request.messages.is_null() == request.input.is_null())
    return Error{Errc::invalid_argument, "exactly one of messages and input has to be given",
                 "body"};
  if (request.max_steps < 0)
    return Error{Errc::invalid_argument, "expected 0 or more", "body.max_steps"};
  if (request.include_return_message_types) {
    auto types = MessageTypeSet::parse(*request.include_return_message_types);
    if (!types) return std::move(types).error().in("body.include_return_message_types");
  }
  return {};
}

Result<std::vector<Message>> read_request(const SendMessage& request, const AgentRecord& record) {
  const InputTarget target{record.id(), record.next_time(), *record.services().random};
  if (!request.input.is_null()) {
    auto messages = read_input(Json::parse(request.input.text, nullptr, false), target);
    if (!messages) return std::move(messages).error().in("body");
    return messages;
  }
  const Json list = Json::parse(request.messages.text, nullptr, false);
  if (list.is_array() && list.empty())
    return Error{Errc::invalid_argument, "Messages must not be empty", "body.messages"};
  auto messages = read_input_messages(list, target);
  if (!messages) return std::move(messages).error().in("body");
  return messages;
}

Completion completion_of(const ModelAnswer& answer) {
  Completion completion;
  for (const ContentPart& part : answer.content) {
    if (part.type == "text") completion.text += part.text;
    if (part.type == "reasoning") completion.reasoning.push_back({part.text, part.signature, ""});
    if (part.type == "redacted_reasoning") completion.reasoning.push_back({"", "", part.text});
  }
  for (const StoredToolCall& call : answer.tool_calls)
    completion.tool_calls.push_back({call.id, call.name, call.arguments});
  completion.finish = FinishReason::tool_calls;
  const Usage& usage = answer.usage;
  completion.usage = {usage.prompt_tokens,       usage.completion_tokens,  usage.total_tokens,
                      usage.cached_input_tokens, usage.cache_write_tokens, usage.reasoning_tokens};
  return completion;
}

// The owner of a block answers {"text": ..., "is_error": ...}.
ToolOutcome outcome_of_edit(const PlannedCall& planned, const Result<Answer>& answer) {
  if (!answer) return tool_error(planned.call.name, "RuntimeError", answer.error().message);
  const Json json = Json::parse(answer->json, nullptr, false);
  if (!json.is_object()) return tool_error(planned.call.name, "RuntimeError", "no answer");
  std::string text = json.value("text", "");
  if (json.value("is_error", false))
    return tool_error(planned.call.name, "ValueError", std::move(text));
  return tool_success(std::move(text));
}

std::shared_ptr<const std::string> frame_of(const std::string& event) {
  const bool is_error = event.starts_with(R"({"message_type":"error_message")");
  return std::make_shared<const std::string>((is_error ? "event: error\ndata: " : "data: ") + event
                                             + "\n\n");
}

}  // namespace

// A run from its acceptance to its end.
struct AgentRuns::Slot {
  Run run;
  RunState state;
  ApiMessageOptions api;
  std::vector<Message> input;
  std::vector<Reply<Answer>> replies;  // of clients that wait for the end

  std::unique_ptr<AgentTurn> turn;
  std::string messages_json;  // said so far, as the API shows it
  std::int64_t event_number = 0;
  bool is_cancelled = false;
  SteadyTime started = std::chrono::steady_clock::now();

  // Of the model call under way.
  std::int64_t call_id = 0;  // 0: none
  std::string provider_name;
  std::shared_ptr<Provider> provider;
  SteadyTime call_started;
  std::optional<DeltaRenderer> renderer;
  std::string text;  // that has come
  bool has_streamed = false;

  // Of the step's tools.
  SteadyTime tools_started;
  CoreMemory memory;
  std::vector<ToolOutcome> outcomes;

  RunChange change;  // that is on its way to the disk
};

AgentRuns::AgentRuns(AgentRecord& record, CommitQueue& commits, AgentPort& port)
  : record_(record), commits_(commits), port_(port) {}

AgentRuns::~AgentRuns() = default;

bool AgentRuns::empty() const {
  return !slot_ && waiting_.empty() && !is_accepting_;
}

bool AgentRuns::is_running(const std::string& run_id) const {
  return slot_ && slot_->run.id == run_id;
}

// A change of a run that was given up meanwhile is not made.
Status AgentRuns::check_current(const std::string& run_id) const {
  if (is_running(run_id)) return {};
  return Error{Errc::not_found, "the run has ended", run_id};
}

void AgentRuns::send(SendMessage request, std::string user_id, Reply<Answer> reply) {
  if (auto loaded = record_.load(); !loaded) return reply(std::move(loaded).error());
  if (auto valid = check(request); !valid) return reply(std::move(valid).error());
  if (auto run_id = find_accepted(request, input_tokens(request)))
    return join(*run_id, request.streaming.value_or(false), std::move(reply));
  const auto queue_max = static_cast<std::size_t>(record_.services().settings->actors.queue_max);
  if (waiting_.size() >= queue_max)
    return reply(Error{Errc::conflict,
                       "CONFLICT: too many messages wait for this agent; another request is "
                       "currently being processed",
                       "actors.queue_max"});
  waiting_.push_back({std::move(request), std::move(user_id), std::move(reply)});
  start_next();
}

// The run that the same input has started, by what the client says or by what it sent.
std::optional<std::string> AgentRuns::find_accepted(const SendMessage& request,
                                                    const std::vector<std::string>& tokens) const {
  for (const std::string& token : tokens) {
    const auto found = record_.tables().otids.get({record_.id(), "", token});
    if (!found) continue;
    if (!is_body_token(token)) return found->value.run_id;
    // The same words again are a new message unless the client says that it repeats itself, and
    // then only for as long as clients try again.
    if (!request.is_retry) continue;
    if (slot_ && slot_->run.id == found->value.run_id) return found->value.run_id;
    const auto child = record_.tables().children.get({found->value.run_id});
    if (!child) continue;
    const auto run = record_.tables().runs.get(
      {record_.id(), static_cast<std::uint64_t>(child->value.sequence_id)});
    if (run && run->value.completed_at
        && record_.services().clock->now() - *run->value.completed_at < retry_window)
      return found->value.run_id;
  }
  return std::nullopt;
}

void AgentRuns::join(const std::string& run_id, bool is_stream, Reply<Answer> reply) {
  if (slot_ && slot_->run.id == run_id) {
    if (is_stream) return reply(Answer{"", run_id});
    slot_->replies.push_back(std::move(reply));
    return;
  }
  const AgentTables& tables = record_.tables();
  const auto child = tables.children.get({run_id});
  if (!child) return reply(child.error());
  const auto run =
    tables.runs.get({record_.id(), static_cast<std::uint64_t>(child->value.sequence_id)});
  if (!run) return reply(run.error());
  const ApiMessageOptions api = api_options({}, record_.agent().agent_type);
  if (is_stream) {
    auto events = stored_events(tables, run->value, api);
    if (!events) return reply(std::move(events).error());
    RunEvents out{run_id, {}};
    std::int64_t number = 0;
    for (const std::string& event : *events)
      out.events.push_back({++number, frame_of(event), false});
    out.events.push_back({++number, std::make_shared<const std::string>("data: [DONE]\n\n"), true});
    port_.publish(std::move(out));
    return reply(Answer{"", run_id});
  }
  if (run->value.error_message) return reply(error_of_run(run->value));
  const auto said = messages_said(tables, run->value);
  if (!said) return reply(said.error());
  std::string json;
  for (const Message& message : *said) append_api_messages(json, message, api);
  reply(Answer{run_answer_json(json, run->value), run_id});
}

void AgentRuns::start_next() {
  if (slot_ || is_accepting_) return;
  if (has_leftovers_) {
    has_leftovers_ = false;
    resume();
    if (slot_) return;
  }
  if (waiting_.empty()) return;
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  accept(std::move(next));
}

// The input, its run and where it stands become durable in one commit; so does the system
// message, when what it shows has changed since it was made.
void AgentRuns::accept(Waiting waiting) {
  is_accepting_ = true;
  auto slot = std::make_shared<std::unique_ptr<Slot>>(std::make_unique<Slot>());
  auto shared = std::make_shared<Waiting>(std::move(waiting));
  const auto build = [this, slot, shared]() -> Result<Batch> {
    REVERIE_CHECK(record_.load());
    const AgentTables& tables = record_.tables();
    const Services& services = record_.services();
    const SendMessage& request = shared->request;
    Slot& s = **slot;
    s.state.options = options_of(request, shared->user_id);
    if (s.state.options.override_model) {
      REVERIE_TRY([[maybe_unused]] auto model,
                  services.providers->resolve(*s.state.options.override_model));
    }
    REVERIE_TRY(s.input, read_request(request, record_));

    Batch batch;
    s.change.activity = record_.activity();
    const Timestamp now = record_.next_time();
    s.run = Run{};
    s.run.id = record_.new_child(Prefix::run);
    s.run.org_id = record_.agent().org_id;
    s.run.agent_id = record_.id();
    s.run.sequence_id = ++s.change.activity.runs_count;
    s.run.status = "running";
    s.run.run_type = s.state.options.streams ? "send_message_streaming" : "send_message";
    s.run.request_config = request_config(s.state.options);
    s.run.created_at = now;
    s.run.http_request_id = request.http_request_id;
    s.run.first_message = s.change.activity.messages_count + 1;
    s.state.run_id = s.run.id;
    s.state.run_sequence_id = s.run.sequence_id;
    s.state.deadline = now + std::chrono::seconds{services.settings->runs.deadline_s};
    s.state.input_sequence_ids.clear();
    for (std::size_t i = 0; i < s.input.size(); ++i) {
      Message& message = s.input[i];
      message.id = record_.new_child(Prefix::message);
      message.org_id = record_.agent().org_id;
      message.run_id = s.run.id;
      message.sequence_id = ++s.change.activity.messages_count;
      message.created_at = now + std::chrono::microseconds{i};
      s.change.activity.last_message_at = message.created_at;
      s.state.input_sequence_ids.push_back(message.sequence_id);
      add_message(tables, batch, message);
    }
    s.run.last_message = s.change.activity.messages_count;
    s.change.activity.last_run_id = s.run.id;
    REVERIE_CHECK(refresh_system_message(record_, s.change.activity, batch));
    tables.runs.put_unchecked(batch, {record_.id(), static_cast<std::uint64_t>(s.run.sequence_id)},
                              s.run);
    tables.children.add(batch, {s.run.id}, {record_.id(), s.run.sequence_id});
    tables.run_states.put_unchecked(batch, {record_.id(), s.run.id}, s.state);
    for (const std::string& token : input_tokens(request))
      tables.otids.put_unchecked(batch, {record_.id(), "", token}, {s.run.id, now});
    tables.activity.put(batch, {record_.id()}, s.change.activity, record_.activity_version());
    tables.agents.require(batch, {record_.id()}, record_.version());
    return batch;
  };
  const auto done = [this, slot, shared](Status status) {
    is_accepting_ = false;
    if (!status) {
      shared->reply(std::move(status).error());
      return start_next();
    }
    slot_ = std::move(*slot);
    record_.stored(slot_->change.activity);
    slot_->api = api_options(slot_->state.options, record_.agent().agent_type);
    if (slot_->state.options.streams)
      shared->reply(Answer{"", slot_->run.id});
    else
      slot_->replies.push_back(std::move(shared->reply));
    if (slot_->state.options.has_pings)
      publish({ping_event("ping-" + new_uuid(*record_.services().random), slot_->run.id,
                          record_.services().clock->now())},
              false);
    begin_turn();
  };
  commits_.add({build, done, [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

void AgentRuns::begin_turn() {
  auto setup = turn_setup(slot_->input);
  if (!setup) return end_run("error", std::move(setup).error());
  TurnSources sources{[this](Prefix prefix) { return record_.new_child(prefix); },
                      [this] { return record_.services().clock->now(); }};
  slot_->turn = std::make_unique<AgentTurn>(*std::move(setup), std::move(sources));
  if (const auto& answer = slot_->state.answer) {
    slot_->turn->restore_step(answer->step_id, answer->message_id);
    slot_->turn->on_answer(completion_of(*answer), answer->llm_request_ns.value_or(0));
    return slot_->turn->phase() == TurnPhase::run_tools ? run_tools() : store_step();
  }
  if (slot_->turn->phase() == TurnPhase::finished) return end_run(slot_->turn->stop_reason(), {});
  call_model();
}

Result<TurnSetup> AgentRuns::turn_setup(const std::vector<Message>& input) const {
  const Agent& agent = record_.agent();
  const RunOptions& options = slot_->state.options;
  TurnSetup setup;
  setup.agent_id = agent.id;
  setup.org_id = agent.org_id;
  setup.user_id = options.user_id;
  setup.run_id = slot_->run.id;
  setup.agent_type = agent.agent_type;
  setup.timezone = agent.timezone;
  setup.model = record_.model();
  Providers& providers = *record_.services().providers;
  const std::string handle = options.override_model.value_or(agent.model);
  if (auto resolved = providers.resolve(handle)) {
    setup.model_info = resolved->info;
    slot_->provider = std::move(resolved->provider);
    if (options.override_model) {
      setup.model.provider = setup.model_info.provider;
      setup.model.model = setup.model_info.name;
      setup.model.context_window =
        std::min(setup.model.context_window, setup.model_info.context_window);
    }
  } else {
    // A model that is not listed at the moment may answer all the same.
    auto provider = providers.provider_of(handle);
    if (!provider) return std::move(resolved).error();
    slot_->provider = *std::move(provider);
    setup.model_info.handle = handle;
    setup.model_info.provider = setup.model.provider;
    setup.model_info.name = setup.model.model;
  }
  setup.tools = record_.tools();
  setup.rules = record_.rules();
  setup.streams = options.streams && options.streams_tokens;
  setup.steps_max = options.steps_max;
  setup.steps_done = slot_->state.steps_done;
  setup.tools_called = slot_->state.tools_called;

  REVERIE_TRY(Context context, record_.context(""));
  if ((agent.message_buffer_autoclear || agent_profile(agent.agent_type).always_autoclears)
      && context.sequence_ids.size() > 1)
    context.sequence_ids.resize(1);
  REVERIE_TRY(setup.context, record_.messages(context.sequence_ids));
  if (setup.context.empty() || setup.context.front().role != "system")
    return Error{Errc::corruption, "the agent has no system message", agent.id};
  if (options.override_system) {
    ContentPart part;
    part.text = *options.override_system;
    setup.context.front().content = {std::move(part)};
  }
  setup.context.insert(setup.context.end(), input.begin(), input.end());
  return setup;
}

void AgentRuns::call_model() {
  Slot& s = *slot_;
  if (s.is_cancelled) {
    s.turn->on_cancel("");
    return store_step();
  }
  if (record_.services().clock->now() > s.state.deadline)
    return end_run("error",
                   Error{Errc::timeout, "the run has passed its deadline", "runs.deadline_s"});
  s.call_id = next_call_id_++;
  s.call_started = std::chrono::steady_clock::now();
  s.text.clear();
  s.has_streamed = false;
  s.renderer.reset();
  s.provider_name = s.turn->setup().model.provider;
  auto request = std::make_shared<LlmRequest>(s.turn->begin_step());
  if (request->stream)
    s.renderer.emplace(
      DeltaTarget{s.turn->message_id(), s.turn->step_id(), s.run.id, s.turn->step_started_at()},
      s.api);
  port_.ask_model(s.provider_name, AskModel{s.call_id, s.provider, std::move(request)});
}

void AgentRuns::on_delta(const ModelDelta& message) {
  if (!slot_ || slot_->call_id != message.call_id) return;
  Slot& s = *slot_;
  if (!s.run.ttft_ns) s.run.ttft_ns = ns_since(s.started);
  if (const auto* piece = std::get_if<TextDelta>(&message.delta)) s.text += piece->text;
  if (!s.renderer) return;
  s.has_streamed = true;
  std::vector<std::string> events;
  s.renderer->add(message.delta, events);
  publish(std::move(events), false);
}

void AgentRuns::on_done(const ModelDone& message) {
  if (!slot_ || slot_->call_id != message.call_id) return;
  Slot& s = *slot_;
  s.call_id = 0;
  const std::int64_t duration = ns_since(s.call_started);
  const Result<Completion>& completion = *message.completion;
  if (s.renderer) {
    std::vector<std::string> events;
    s.renderer->finish(events);
    publish(std::move(events), false);
  }
  if (s.is_cancelled) {
    s.turn->on_cancel(s.text);
    return store_step();
  }
  if (!completion) {
    s.turn->on_failure(completion.error(), duration);
    return store_step();
  }
  if (!s.run.ttft_ns) s.run.ttft_ns = ns_since(s.started);
  s.run.context_tokens = completion->usage.total_tokens;
  s.turn->on_answer(*completion, duration);
  if (s.turn->phase() == TurnPhase::run_tools) return run_tools();
  store_step();
}

void AgentRuns::run_tools() {
  Slot& s = *slot_;
  auto memory = record_.memory();
  if (!memory) return end_run("error", std::move(memory).error());
  s.memory = *std::move(memory);
  s.tools_started = std::chrono::steady_clock::now();
  s.outcomes.clear();
  const bool reaches_elsewhere =
    std::any_of(s.turn->calls().begin(), s.turn->calls().end(), [&](const PlannedCall& planned) {
      const auto label = edited_label(planned.call.name, planned.arguments);
      return !planned.refusal && label && s.memory.find(*label) && !s.memory.is_own(*label);
    });
  // What happens outside of the agent's own commit must happen under ids that survive a crash.
  if (reaches_elsewhere && !s.state.answer) return store_answer();
  run_tool(0);
}

void AgentRuns::store_answer() {
  Slot& s = *slot_;
  s.state.answer = s.turn->stored_answer();
  const auto build = [this, run_id = s.run.id]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    Batch batch;
    record_.tables().run_states.put_unchecked(batch, {record_.id(), slot_->run.id}, slot_->state);
    return batch;
  };
  commits_.add({build, [this, run_id = s.run.id](const Status& status) {
                  if (!is_running(run_id)) return;
                  if (!status) return give_up(status.error());
                  run_tool(0);
                }});
}

void AgentRuns::run_tool(std::size_t index) {
  Slot& s = *slot_;
  const auto& calls = s.turn->calls();
  const StoredMessages messages{record_.tables().messages, record_.id()};
  for (; index < calls.size(); ++index) {
    const PlannedCall& planned = calls[index];
    if (planned.refusal) {
      s.outcomes.push_back(*planned.refusal);
      continue;
    }
    const auto label = edited_label(planned.call.name, planned.arguments);
    if (label && s.memory.find(*label) && !s.memory.is_own(*label))
      return edit_elsewhere(index, s.memory.find(*label)->id);
    NativeToolContext context{s.memory,
                              &messages,
                              *record_.services().random,
                              record_.services().clock->now(),
                              record_.id(),
                              record_.agent().org_id,
                              record_.agent().timezone};
    s.outcomes.push_back(run_native_tool(planned.call.name, planned.arguments, context));
  }
  s.turn->on_tools(std::exchange(s.outcomes, {}), ns_since(s.tools_started));
  store_step();
}

void AgentRuns::edit_elsewhere(std::size_t index, const std::string& block_id) {
  Slot& s = *slot_;
  const PlannedCall& planned = s.turn->calls()[index];
  EditBlock edit;
  edit.block_id = block_id;
  edit.operation_id = s.run.id + "/" + s.turn->step_id() + "/" + planned.call.id;
  edit.tool_name = planned.call.name;
  edit.arguments = planned.arguments.dump(-1, ' ', false, Json::error_handler_t::replace);
  Routed request{block_id, record_.agent().org_id, s.state.options.user_id, std::move(edit)};
  port_.edit_block(
    std::move(request), [this, index, run_id = s.run.id, block_id](Result<Answer> answer) {
      if (!slot_ || slot_->run.id != run_id) return;
      slot_->outcomes.push_back(outcome_of_edit(slot_->turn->calls()[index], answer));
      if (auto block = record_.tables().blocks.get({block_id}))
        slot_->memory.refresh(std::move(block->value), block->version);
      run_tool(index + 1);
    });
}

void AgentRuns::store_step() {
  const auto build = [this, run_id = slot_->run.id]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    REVERIE_CHECK(record_.load());
    Slot& s = *slot_;
    REVERIE_TRY(s.change, step_change(record_, s.run, s.state, *s.turn, s.memory,
                                      std::chrono::steady_clock::now() - s.started));
    return std::move(s.change.batch);
  };
  commits_.add({build,
                [this, run_id = slot_->run.id](const Status& status) {
                  if (is_running(run_id)) on_stored(status);
                },
                [this](const RecordVersion& conflict) {
                  if (conflict.family != BlockTable::family) {
                    record_.forget();
                    return true;
                  }
                  if (!slot_) return false;
                  // Somebody edited a block that this step edits too: once more, on what is there.
                  slot_->turn->retry_tools();
                  run_tools();
                  return false;
                }});
}

void AgentRuns::on_stored(const Status& status) {
  if (!status) return give_up(status.error());
  Slot& s = *slot_;
  take_over_change();
  std::vector<std::string> events;
  for (const Message& message : s.change.messages) {
    if (!is_heartbeat(message)) append_api_messages(s.messages_json, message, s.api);
    if (!s.has_streamed || message.role != "assistant")
      append_message_events(events, message, s.api);
  }
  publish(std::move(events), false);
  s.turn->on_stored();
  s.memory = {};
  if (s.turn->phase() == TurnPhase::finished) return finish();
  call_model();
}

void AgentRuns::take_over_change() {
  Slot& s = *slot_;
  s.run = s.change.run;
  s.state = s.change.state;
  record_.stored(std::move(s.change.activity));
  if (s.change.agent) record_.stored(*std::exchange(s.change.agent, std::nullopt));
}

// Ends the run outside of a step.
void AgentRuns::end_run(std::string stop_reason, std::optional<Error> error) {
  const auto build = [this, run_id = slot_->run.id, stop_reason = std::move(stop_reason),
                      error = std::move(error)]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    REVERIE_CHECK(record_.load());
    slot_->change = end_change(record_, slot_->run, slot_->state, stop_reason, error);
    return std::move(slot_->change.batch);
  };
  commits_.add({build,
                [this, run_id = slot_->run.id](const Status& status) {
                  if (!is_running(run_id)) return;
                  if (!status) return give_up(status.error());
                  take_over_change();
                  finish();
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

// All is stored: tells those who wait and goes on with the next.
void AgentRuns::finish() {
  const auto ended = std::move(slot_);
  const Run& run = ended->run;
  slot_ = nullptr;
  std::vector<std::string> events;
  events.push_back(stop_reason_event(*run.stop_reason));
  if (run.error_message) {
    const Error error = error_of_run(run);
    events.push_back(
      error_event(run.id, run_failure(error.code).stream_type, error.message, *run.error_message));
    for (const auto& reply : ended->replies) reply(error);
  } else {
    events.push_back(usage_event(run.usage, run.steps_count, run.context_tokens));
    for (const auto& reply : ended->replies)
      reply(Answer{run_answer_json(ended->messages_json, run), run.id});
  }
  publish_to(*ended, std::move(events), true);
  start_next();
}

// What the run did cannot be stored. It stays open on disk and is ended with the next request or
// the next start, whichever comes first.
void AgentRuns::give_up(const Error& error) {
  const auto lost = std::move(slot_);
  slot_ = nullptr;
  has_leftovers_ = true;
  record_.forget();
  spdlog::warn("agent: a step could not be stored agent={} run={} error=\"{}\"", record_.id(),
               lost->run.id, error.message);
  for (const auto& reply : lost->replies) reply(error);
  publish_to(*lost,
             {stop_reason_event("error"),
              error_event(lost->run.id, "internal_error", error.message, error.message)},
             true);
  start_next();
}

void AgentRuns::publish(std::vector<std::string> events, bool is_last) {
  publish_to(*slot_, std::move(events), is_last);
}

void AgentRuns::publish_to(Slot& slot, std::vector<std::string> events, bool is_last) {
  if (!slot.state.options.streams || (events.empty() && !is_last)) return;
  RunEvents out{slot.run.id, {}};
  for (const std::string& event : events)
    out.events.push_back({++slot.event_number, frame_of(event), false});
  if (is_last) {
    static const auto done = std::make_shared<const std::string>("data: [DONE]\n\n");
    out.events.push_back({++slot.event_number, done, true});
  }
  port_.publish(std::move(out));
}

void AgentRuns::cancel(const CancelRuns& request, Reply<Answer> reply) {
  if (!slot_) {
    return reply(Error{Errc::conflict, "CONFLICT: No active runs to cancel", "run_ids"});
  }
  const bool is_meant =
    !request.run_ids || std::count(request.run_ids->begin(), request.run_ids->end(), slot_->run.id);
  if (is_meant) {
    slot_->is_cancelled = true;
    if (slot_->call_id != 0) port_.cancel_model(slot_->provider_name, slot_->call_id);
  }
  std::string json = "{";
  for (const std::string& id : request.run_ids.value_or(std::vector{slot_->run.id})) {
    if (json.size() > 1) json += ',';
    append_json_string(json, id);
    json += R"(:"cancelled")";
  }
  reply(Answer{json + "}", slot_->run.id});
}

void AgentRuns::abandon(const Error& why) {
  for (auto& waiting : std::exchange(waiting_, {})) waiting.reply(why);
  if (!slot_) return;
  has_leftovers_ = true;  // until the deletion is stored, which takes it along
  const auto ended = std::move(slot_);
  slot_ = nullptr;
  if (ended->call_id != 0) port_.cancel_model(ended->provider_name, ended->call_id);
  for (const auto& reply : ended->replies) reply(why);
  publish_to(*ended,
             {stop_reason_event("error"),
              error_event(ended->run.id, "internal_error", why.message, why.message)},
             true);
}

void AgentRuns::resume() {
  if (slot_ || is_accepting_) return;
  if (!record_.load()) return;
  auto open = open_runs();
  if (!open || open->empty()) return;
  has_leftovers_ = open->size() > 1;
  auto slot = std::make_unique<Slot>();
  slot->state = std::move(open->front());
  const auto sequence = static_cast<std::uint64_t>(slot->state.run_sequence_id);
  auto run = record_.tables().runs.get({record_.id(), sequence});
  auto input = record_.messages(slot->state.input_sequence_ids);
  if (!run || !input) return;  // damaged: said by whoever reads it
  slot->run = std::move(run->value);
  slot->input = *std::move(input);
  slot->api = api_options(slot->state.options, record_.agent().agent_type);
  slot->event_number = resumed_events_from * (slot->state.resume_attempts + 1);
  ++slot->state.resume_attempts;
  slot_ = std::move(slot);
  if (slot_->state.resume_attempts > record_.services().settings->runs.resume_attempts_max)
    return end_run(
      "error", Error{Errc::internal, "the run was interrupted too often by the end of the server",
                     "runs.resume_attempts_max"});
  spdlog::info("agent: goes on with an interrupted run agent={} run={} attempt={}", record_.id(),
               slot_->run.id, slot_->state.resume_attempts);
  const auto build = [this, run_id = slot_->run.id]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    Batch batch;
    record_.tables().run_states.put_unchecked(batch, {record_.id(), run_id}, slot_->state);
    return batch;
  };
  commits_.add({build, [this, run_id = slot_->run.id](const Status& status) {
                  if (!is_running(run_id)) return;
                  if (!status) return give_up(status.error());
                  begin_turn();
                }});
}

Result<std::vector<RunState>> AgentRuns::open_runs() const {
  REVERIE_TRY(const Home home, home_of(record_.id()));
  std::vector<RunState> open;
  const Page<RunStateTable::Key> page{std::nullopt, Order::ascending, open_runs_max};
  REVERIE_CHECK(record_.tables().run_states.scan_page(
    home, key_bytes(record_.id()), page, [&](const RunStateTable::Key&, RunState state) {
      open.push_back(std::move(state));
      return true;
    }));
  return open;
}

}  // namespace reverie
