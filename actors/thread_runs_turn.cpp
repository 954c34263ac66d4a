// How a run goes through its turn: model, tools, disk, and again.

#include "actors/run_answer.hpp"
#include "actors/run_slot.hpp"
#include "actors/step_trace.hpp"
#include "actors/thread_approvals.hpp"
#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "runtime/compaction/context_overflow.hpp"
#include "runtime/git_memory/git_backed.hpp"
#include "runtime/run_failure.hpp"
#include "runtime/tools/client_tools.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace reverie {

namespace {

std::int64_t ns_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now()
                                                              - start)
    .count();
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

}  // namespace

void ThreadRuns::begin_turn() {
  failpoint("turn.begin");
  if (!waiting_.empty() && waiting_.front().interrupts() && waiting_.front().ticket == 0)
    slot_->is_cancelled = true;
  auto setup = turn_setup();
  if (!setup) return end_run("error", std::move(setup).error());
  TurnSources sources{[this](Prefix prefix) { return record_.new_child(prefix); },
                      [this] { return record_.services().clock->now(); }};
  slot_->turn = std::make_unique<AgentTurn>(*std::move(setup), std::move(sources));
  auto decided = turn_decisions();
  if (!decided) return end_run("error", std::move(decided).error());
  if (*decided && slot_->turn->phase() == TurnPhase::call_model) {
    slot_->turn->on_decisions(**decided);
    return run_tools();
  }
  if (const auto& answer = slot_->state.answer) {
    slot_->turn->restore_step(answer->step_id, answer->message_id);
    slot_->turn->on_answer(completion_of(*answer), answer->llm_request_ns.value_or(0));
    slot_->has_streamed = answer->was_streamed;
    return slot_->turn->phase() == TurnPhase::run_tools ? run_tools() : store_step();
  }
  if (slot_->turn->phase() == TurnPhase::finished) return end_run(slot_->turn->stop_reason(), {});
  call_model();
}

Result<std::optional<DecidedCalls>> ThreadRuns::turn_decisions() const {
  REVERIE_TRY(const Context context, thread_.context());
  return decided_calls(slot_->state, context, record_);
}

Result<TurnSetup> ThreadRuns::turn_setup() const {
  const Agent& agent = record_.agent();
  const RunOptions& options = slot_->state.options;
  TurnSetup setup;
  setup.agent_id = agent.id;
  setup.org_id = agent.org_id;
  setup.user_id = options.user_id;
  setup.run_id = slot_->run.id;
  setup.conversation_id = thread_.conversation_id();
  setup.agent_type = agent.agent_type;
  setup.timezone = agent.timezone;
  REVERIE_TRY(AgentThread::Model model, thread_.model());
  setup.model = std::move(model.config);
  Providers& providers = *record_.services().providers;
  const std::string handle = options.override_model.value_or(model.handle);
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
  REVERIE_TRY(setup.tools, record_.tools());
  REVERIE_TRY(setup.client_tools, read_client_tools(options.client_tools));
  setup.rules = record_.rules();
  setup.response_format = agent.response_format;
  setup.streams = options.streams && options.streams_tokens;
  setup.model.return_logprobs |= options.return_logprobs;
  if (options.top_logprobs) setup.model.top_logprobs = options.top_logprobs;
  setup.steps_max = options.steps_max;
  setup.steps_done = slot_->state.steps_done;
  setup.tools_called = slot_->state.tools_called;
  return setup;
}

// What the next call of the model will see. Input joins the stored context with the first step.
Result<std::vector<std::int64_t>> ThreadRuns::turn_sequence_ids() const {
  REVERIE_CHECK(record_.load());
  const Agent& agent = record_.agent();
  REVERIE_TRY(Context context, thread_.context());
  std::vector<std::int64_t>& ids = context.sequence_ids;
  if (agent.message_buffer_autoclear || agent_profile(agent.agent_type).always_autoclears) {
    const auto is_old = [&, first = ids.empty() ? 0 : ids.front()](std::int64_t id) {
      return id != first && id < slot_->run.first_message;
    };
    std::erase_if(ids, is_old);
  }
  const auto& input = slot_->state.input_sequence_ids;
  ids.insert(ids.end(), input.begin(), input.end());
  return std::move(ids);
}

// What the request says about the first message of those. Errors: corruption: it is no prompt.
Status ThreadRuns::change_prompt(MessageContent* first) const {
  const RunOptions& options = slot_->state.options;
  if (!first || first->role != "system")
    return Error{Errc::corruption, "the agent has no system message", record_.id()};
  if (options.override_system) {
    ContentPart part;
    part.text = *options.override_system;
    first->content = {std::move(part)};
  } else if (!options.client_skills.is_null()) {
    REVERIE_TRY(const auto skills, read_client_skills(options.client_skills));
    if (!skills.empty() && !first->content.empty())
      first->content.front().text += "\n\n" + available_skills(skills);
  }
  return {};
}

Result<std::vector<Message>> ThreadRuns::turn_context() const {
  REVERIE_TRY(const auto ids, turn_sequence_ids());
  REVERIE_TRY(auto messages, record_.messages(ids));
  REVERIE_CHECK(change_prompt(messages.empty() ? nullptr : &messages.front()));
  return messages;
}

// The same as the model is told of it.
Result<std::vector<ChatMessage>> ThreadRuns::turn_history() const {
  REVERIE_TRY(const auto ids, turn_sequence_ids());
  ChatHistory history(slot_->turn->history_options());
  bool is_first = true;
  Status changed;
  REVERIE_CHECK(record_.visit_history(ids, [&](MessageContent message) {
    if (std::exchange(is_first, false)) changed = change_prompt(&message);
    history.add(message);
  }));
  if (is_first) changed = change_prompt(nullptr);
  REVERIE_CHECK(changed);
  return std::move(history).finish();
}

void ThreadRuns::call_model() {
  Slot& s = *slot_;
  if (s.is_cancelled) {
    s.turn->on_cancel("");
    return store_step();
  }
  if (record_.services().clock->now() > s.state.deadline)
    return end_run("error",
                   Error{Errc::timeout, "the run has passed its deadline", "runs.deadline_s"});
  auto history = turn_history();
  if (!history) return end_run("error", std::move(history).error());
  auto request = std::make_shared<LlmRequest>(s.turn->begin_step(*std::move(history)));
  s.request_bytes = bytes_of(*request);
  const std::int64_t window = request->model.context_window;
  if (is_fixed_part_too_large(s.request_bytes, scale(), window)) {
    s.turn->on_failure(overflow_of_step(), 0);
    return store_step();
  }
  const bool is_over =
    window > 0 && scale().tokens(s.request_bytes.all()) > compaction_threshold(window);
  if (is_over && !s.skips_threshold
      && compact_for_step("post_step_context_check", CompactionForce::as_configured))
    return;
  s.call_id = next_call_id_();
  s.call_started = std::chrono::steady_clock::now();
  s.text.clear();
  s.has_streamed = false;
  s.renderer.reset();
  s.provider_name = s.turn->setup().model.provider;
  if (request->stream)
    s.renderer.emplace(
      DeltaTarget{
        s.turn->message_id(), s.turn->step_id(), s.run.id, s.turn->step_started_at(),
        [turn = s.turn.get()](std::string_view name) { return turn->needs_decision(name); }},
      s.api);
  s.trace = begin_trace(record_, *s.provider, *request, *s.turn);
  failpoint("model.ask");
  port_.ask_model(s.provider_name, AskModel{s.call_id, s.provider, std::move(request)});
}

void ThreadRuns::on_delta(const ModelDelta& message) {
  if (!slot_ || slot_->call_id != message.call_id) return;
  Slot& s = *slot_;
  if (!s.run.ttft_ns) s.run.ttft_ns = ns_since(s.started);
  if (const auto* piece = std::get_if<TextDelta>(&message.delta)) s.text += piece->text;
  if (!s.renderer) return;
  failpoint("model.delta");
  s.has_streamed = true;
  std::vector<std::string> events;
  s.renderer->add(message.delta, events);
  publish(std::move(events), false);
}

void ThreadRuns::on_done(const ModelDone& message) {
  if (compaction_.on_done(message)) return;
  if (!slot_ || slot_->call_id != message.call_id) return;
  Slot& s = *slot_;
  s.call_id = 0;
  failpoint("model.done");
  const std::int64_t duration = ns_since(s.call_started);
  const Result<Completion>& completion = *message.completion;
  if (s.trace) end_trace(record_, completion, *s.trace);
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
    const bool is_too_long = completion.error().code == Errc::llm_context_window;
    if (is_too_long && compact_after_overflow()) return;
    s.turn->on_failure(is_too_long ? overflow_of_step() : completion.error(), duration);
    return store_step();
  }
  if (!s.run.ttft_ns) s.run.ttft_ns = ns_since(s.started);
  s.run.context_tokens = completion->usage.total_tokens;
  s.logprobs = completion->logprobs;
  s.turn->on_answer(*completion, duration);
  if (s.turn->phase() == TurnPhase::run_tools) return run_tools();
  store_step();
}

void ThreadRuns::store_step() {
  const auto build = [this, run_id = slot_->run.id]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    REVERIE_CHECK(record_.load());
    Slot& s = *slot_;
    REVERIE_TRY(RunChange change, step_change(thread_, s.run, s.state, *s.turn, s.memory,
                                              std::chrono::steady_clock::now() - s.started));
    if (s.trace && s.turn->result().is_new) write_trace(record_, *s.trace, change);
    std::vector<std::string> events = step_events(change);
    const bool is_end = change.run.completed_at.has_value();
    if (is_end)
      for (std::string& event : end_events(change.run)) events.push_back(std::move(event));
    prepare_events(s, std::move(events), is_end, change.batch);
    s.change = std::make_unique<RunChange>(std::move(change));
    failpoint("step.store");
    return std::move(s.change->batch);
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

void ThreadRuns::on_stored(const Status& status) {
  if (!status) return give_up(status.error());
  failpoint("step.stored");
  Slot& s = *slot_;
  for (const Message& message : take_over_change())
    if (!is_heartbeat(message)) append_api_messages(s.messages_json, message, s.api);
  send_prepared(s);
  failpoint("step.told");
  s.turn->on_stored();
  const bool has_edits = s.memory.has_changes();
  s.memory = {};
  s.trace.reset();
  s.overflows = 0;
  s.skips_threshold = s.stays_over_threshold;
  if (has_edits && is_git_backed(record_.agent().tags)) return keep_files();
  go_on();
}

// The step's edits become commits of git before anything follows from them. Blocks of other homes
// have an owner that has done so.
void ThreadRuns::keep_files() {
  const Routed request{record_.id(), record_.agent().org_id, "", SyncGitMemory{record_.id()}};
  failpoint("files.keep");
  port_.edit_block(request, [this, run_id = slot_->run.id](const Result<Answer>&) {
    failpoint("files.kept");
    if (is_running(run_id)) go_on();
  });
}

void ThreadRuns::go_on() {
  if (slot_->turn->phase() == TurnPhase::finished) return finish();
  call_model();
}

// What was on its way is stored now. Returns the messages that it has added.
std::vector<Message> ThreadRuns::take_over_change() {
  Slot& s = *slot_;
  const auto change = std::move(s.change);
  s.run = std::move(change->run);
  s.state = std::move(change->state);
  record_.stored(std::move(change->activity));
  if (change->agent) record_.stored(*std::move(change->agent));
  return std::move(change->messages);
}

// Ends the run outside of a step.
void ThreadRuns::end_run(std::string stop_reason, std::optional<Error> error) {
  const auto build = [this, run_id = slot_->run.id, stop_reason = std::move(stop_reason),
                      error = std::move(error)]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    REVERIE_CHECK(record_.load());
    REVERIE_TRY(RunChange change,
                end_change(thread_, slot_->run, slot_->state, stop_reason, error));
    prepare_events(*slot_, end_events(change.run), true, change.batch);
    slot_->change = std::make_unique<RunChange>(std::move(change));
    failpoint("end.store");
    return std::move(slot_->change->batch);
  };
  commits_.add({build,
                [this, run_id = slot_->run.id](const Status& status) {
                  if (!is_running(run_id)) return;
                  if (!status) return give_up(status.error());
                  failpoint("end.stored");
                  take_over_change();
                  send_prepared(*slot_);
                  finish();
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

// All is stored and told to those who listen: tells those who wait and goes on with the next.
void ThreadRuns::finish() {
  failpoint("run.finish");
  const auto ended = std::move(slot_);
  slot_ = nullptr;
  tell_end(*ended);
  start_next();
}

void ThreadRuns::tell_end(Slot& ended) {
  const Run& run = ended.run;
  for (const auto& reply : ended.replies) {
    if (run.error_message)
      reply(error_of_run(run));
    else
      reply(Answer{run_answer_json(ended.messages_json, run, ended.logprobs), run.id});
  }
  if (run.callback_url) callbacks_.send_pending();
}

// What the run did cannot be stored. It stays open on disk and goes on with the next request, after
// an interval, or with the next start, whichever comes first; so does what waits and is stored. Who
// waits with nothing stored hears of it now.
void ThreadRuns::give_up(const Error& error) {
  const auto lost = std::move(slot_);
  slot_ = nullptr;
  has_leftovers_ = true;
  record_.forget();
  log_warn("agent: a step could not be stored agent={} run={} error=\"{}\"", record_.id(),
           lost->run.id, error.message);
  for (const auto& reply : lost->replies) reply(error);
  publish_to(*lost,
             {stop_reason_event("error"),
              error_event(lost->run.id, "internal_error", error.message, error.message)},
             true);
  refuse_waiting(error);
  resume_later();
}

void ThreadRuns::resume_later() {
  if (!std::exchange(will_resume_, true)) port_.resume_later();
}

}  // namespace reverie
