#include "actors/step_commit.hpp"

#include "actors/run_answer.hpp"
#include "actors/run_callbacks.hpp"
#include "actors/token_counts.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

void add_optional(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& more) {
  if (more) sum = sum.value_or(0) + *more;
}

void add_usage(Usage& sum, const Usage& more) {
  sum.prompt_tokens += more.prompt_tokens;
  sum.completion_tokens += more.completion_tokens;
  sum.total_tokens += more.total_tokens;
  add_optional(sum.cached_input_tokens, more.cached_input_tokens);
  add_optional(sum.cache_write_tokens, more.cache_write_tokens);
  add_optional(sum.reasoning_tokens, more.reasoning_tokens);
}

// Input joins the context in front of what the step adds. Behind what was decided, the returns have
// to come first: what was said together with it joins with the next step, or at the end.
Status write_context(const AgentThread& thread, const StepResult& result, RunChange& change) {
  REVERIE_TRY(Context context, thread.context());
  REVERIE_TRY(const auto input, thread.record().messages(change.state.input_sequence_ids));
  const std::size_t first = result.is_new ? input.size() : std::min<std::size_t>(1, input.size());
  for (std::size_t i = 0; i < first; ++i) context.add(input[i]);
  for (const Message& message : change.messages) context.add(message);
  auto& waiting = change.state.input_sequence_ids;
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(first));
  if (result.stop_reason) {
    for (std::size_t i = first; i < input.size(); ++i) context.add(input[i]);
    waiting.clear();
  }
  thread.put_context(change.batch, context);
  return {};
}

void write_end(const AgentRecord& record, RunChange& change, const std::string& stop_reason,
               const std::optional<Error>& error) {
  const Timestamp now = record.services().clock->now();
  Run& run = change.run;
  run.status = run_status(stop_reason);
  run.stop_reason = stop_reason;
  run.completed_at = std::max(now, run.created_at);
  run.total_duration_ns = (*run.completed_at - run.created_at).count() * 1'000;
  if (error) {
    run.error_type = std::string(to_string(error->code));
    run.error_message = error->message;
  }
  change.activity.open_runs = std::max<std::int64_t>(0, change.activity.open_runs - 1);
  change.activity.last_stop_reason = stop_reason;
  change.activity.last_run_completion = run.completed_at;
  if (change.conversation) change.conversation->value.last_run_completion = run.completed_at;
  change.activity.last_run_duration_ms = *run.total_duration_ns / 1'000'000;
  record.tables().run_states.erase_unchecked(change.batch, {record.id(), run.id});
  add_callback(record.tables(), run, change.state.options, change.batch);
}

void write_step(const AgentRecord& record, const AgentTurn& turn, RunChange& change) {
  const AgentTables& tables = record.tables();
  Step step = turn.result().step;
  step.sequence_id = ++change.activity.steps_count;
  step.project_id = record.agent().project_id;
  if (!change.run.http_request_id.empty()) step.request_id = change.run.http_request_id;
  tables.steps.add(change.batch, {record.id(), static_cast<std::uint64_t>(step.sequence_id)}, step);
  tables.children.add(change.batch, {step.id}, {record.id(), step.sequence_id});
  if (!turn.result().error && turn.request_bytes() > 0 && step.usage.prompt_tokens > 0)
    note_token_count(change.activity,
                     {step.model_handle, step.usage.prompt_tokens, turn.request_bytes()});
  ++change.run.steps_count;
  add_usage(change.run.usage, step.usage);
}

// `before`: the conversation's record as it is stored.
void write_run(const AgentThread& thread, const std::optional<Stored<Conversation>>& before,
               RunChange& change) {
  const AgentRecord& record = thread.record();
  const AgentTables& tables = record.tables();
  if (change.conversation && change.conversation->value != before->value)
    thread.put(change.batch, *change.conversation);
  tables.runs.put_unchecked(
    change.batch, {record.id(), static_cast<std::uint64_t>(change.run.sequence_id)}, change.run);
  tables.activity.put(change.batch, {record.id()}, change.activity, record.activity_version());
}

}  // namespace

std::optional<Agent> write_blocks(const AgentRecord& record, const CoreMemory& memory,
                                  Conversation* conversation, Batch& batch) {
  const AgentTables& tables = record.tables();
  std::optional<Agent> agent;
  if (!memory.has_changes()) return agent;
  for (const BlockChange& edit : memory.changes()) {
    switch (edit.kind) {
      case BlockChangeKind::modified:
        tables.blocks.put(batch, {edit.block.id}, edit.block, edit.version);
        break;
      case BlockChangeKind::created:
        if (!agent) agent = record.agent();
        tables.blocks.add(batch, {edit.block.id}, edit.block);
        agent->block_ids.push_back(edit.block.id);
        break;
      case BlockChangeKind::detached:
        if (conversation && conversation->give_up(edit.block.id)) {
          tables.blocks.erase(batch, {edit.block.id}, edit.version);
          break;
        }
        if (!agent) agent = record.agent();
        std::erase(agent->block_ids, edit.block.id);
        break;
    }
  }
  if (agent) tables.agents.put(batch, {record.id()}, *agent, record.version());
  return agent;
}

Result<RunChange> step_change(const AgentThread& thread, const Run& run, const RunState& state,
                              const AgentTurn& turn, const CoreMemory& memory,
                              std::chrono::nanoseconds run_time) {
  const AgentRecord& record = thread.record();
  const AgentTables& tables = record.tables();
  const StepResult& result = turn.result();
  RunChange change;
  change.run = run;
  change.state = state;
  change.activity = record.activity();
  REVERIE_TRY(const auto conversation, thread.conversation());
  change.conversation = conversation;

  for (Message message : result.messages) {
    message.sequence_id = ++change.activity.messages_count;
    message.created_at =
      std::max(message.created_at, change.activity.last_message_at + std::chrono::microseconds{1});
    change.activity.last_message_at = message.created_at;
    add_message(tables, change.batch, message);
    change.messages.push_back(std::move(message));
  }
  change.run.last_message = change.activity.messages_count;
  if (!result.error) REVERIE_CHECK(write_context(thread, result, change));
  if (result.is_new) write_step(record, turn, change);
  for (const PlannedCall& call : turn.calls())
    if (call.tool && !call.was_decided
        && std::find(change.run.tools_used.begin(), change.run.tools_used.end(), call.tool->id)
             == change.run.tools_used.end())
      change.run.tools_used.push_back(call.tool->id);
  change.agent = write_blocks(
    record, memory, change.conversation ? &change.conversation->value : nullptr, change.batch);

  if (result.stop_reason) {
    write_end(record, change, *result.stop_reason, result.error);
    change.run.total_duration_ns = run_time.count();
  } else {
    change.state.steps_done = turn.steps_done() + (result.is_new ? 1 : 0);
    change.state.tools_called = turn.tools_called_after();
    change.state.answer.reset();
    change.state.started_calls.clear();
    tables.run_states.put_unchecked(change.batch, {record.id(), run.id}, change.state);
  }
  write_run(thread, conversation, change);
  return change;
}

Result<RunChange> end_change(const AgentThread& thread, const Run& run, const RunState& state,
                             const std::string& stop_reason, const std::optional<Error>& error) {
  const AgentRecord& record = thread.record();
  RunChange change;
  change.run = run;
  change.state = state;
  change.activity = record.activity();
  REVERIE_TRY(const auto conversation, thread.conversation());
  change.conversation = conversation;
  write_end(record, change, stop_reason, error);
  write_run(thread, conversation, change);
  return change;
}

}  // namespace reverie
