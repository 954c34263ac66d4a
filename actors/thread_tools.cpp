// How the calls of one answer are made: on the agent's own memory, on blocks of other homes, and
// outside of the server.
//
// Those outside that may run side by side are begun first, together; then all others, one after the
// other, in the order of the model. Before one begins that must not be made twice, it is stored
// that it does, with what those before it came to.

#include "actors/block_edit.hpp"
#include "actors/external_call.hpp"
#include "actors/message_scan.hpp"
#include "actors/run_slot.hpp"
#include "config/failpoint.hpp"
#include "runtime/tools/native_tool.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace reverie {

namespace {

ToolOutcome outcome_of(const StoredToolReturn& returned) {
  return {returned.text, returned.status != "success", returned.stdout_lines,
          returned.stderr_lines};
}

StoredToolReturn return_of(const StoredToolCall& call, const ToolOutcome& outcome) {
  return {call.id,
          call.name,
          outcome.is_error ? "error" : "success",
          outcome.text,
          outcome.stdout_lines,
          outcome.stderr_lines};
}

StartedCall* find_started(RunState& state, const std::string& tool_call_id) {
  const auto found =
    std::find_if(state.started_calls.begin(), state.started_calls.end(),
                 [&](const StartedCall& each) { return each.tool_call_id == tool_call_id; });
  return found == state.started_calls.end() ? nullptr : &*found;
}

}  // namespace

bool ThreadRuns::runs_outside(const PlannedCall& planned) const {
  const ExternalTools* external = record_.services().external;
  return planned.tool && external && external->runs(*planned.tool);
}

bool ThreadRuns::is_repeatable(const PlannedCall& planned) const {
  return record_.services().external->is_repeatable(*planned.tool);
}

// Of this call and no other, ever.
std::string ThreadRuns::call_id_of(const PlannedCall& planned) const {
  return slot_->run.id + "/" + slot_->turn->step_id() + "/" + planned.call.id;
}

// Also after a conflict, when the edits of the step are made again on what is there now: what was
// done outside is not.
void ThreadRuns::run_tools() {
  Slot& s = *slot_;
  auto memory = thread_.memory();
  if (!memory) return end_run("error", std::move(memory).error());
  s.memory = *std::move(memory);
  s.tools_started = std::chrono::steady_clock::now();
  const auto& calls = s.turn->calls();
  s.outcomes.assign(calls.size(), std::nullopt);
  for (std::size_t i = 0; i < calls.size(); ++i) s.outcomes[i] = calls[i].outcome;
  take_over_started();
  std::vector<std::size_t> side_by_side;
  bool reaches_elsewhere = false;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (s.outcomes[i]) continue;
    if (runs_outside(calls[i])) {
      if (calls[i].tool->enable_parallel_execution) side_by_side.push_back(i);
      continue;
    }
    const auto label = edited_label(calls[i].call.name, calls[i].arguments);
    reaches_elsewhere |= label && s.memory.find(*label) && !s.memory.is_own(*label);
  }
  if (!side_by_side.empty()) return start_outside(std::move(side_by_side));
  // What happens outside of the agent's own commit must happen under ids that survive a crash.
  // Those of decided calls are stored with the message that asked for them.
  if (reaches_elsewhere && !s.state.answer && !s.turn->has_decisions())
    return store_progress([this] { run_rest(); });
  run_rest();
}

// What came of the calls that began already: in front of this, or in a process that died. One of
// those whose end is not known is not made again.
void ThreadRuns::take_over_started() {
  Slot& s = *slot_;
  const auto& calls = s.turn->calls();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    StartedCall* started = find_started(s.state, calls[i].call.id);
    if (!started || s.outcomes[i]) continue;
    if (!started->returned && runs_outside(calls[i]) && is_repeatable(calls[i])) continue;
    if (!started->returned)
      started->returned = return_of(calls[i].call, tool_lost(calls[i].call.name));
    s.outcomes[i] = outcome_of(*started->returned);
  }
}

// Where the run stands, between its steps.
void ThreadRuns::store_progress(std::function<void()> then) {
  Slot& s = *slot_;
  if (!s.state.answer && !s.turn->has_decisions()) {
    s.state.answer = s.turn->stored_answer();
    s.state.answer->was_streamed = s.has_streamed && s.state.options.background;
  }
  const auto build = [this, run_id = s.run.id]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    Batch batch;
    record_.tables().run_states.put_unchecked(batch, {record_.id(), slot_->run.id}, slot_->state);
    prepare_events(*slot_, {}, false, batch);
    failpoint("answer.store");
    return batch;
  };
  commits_.add({build, [this, run_id = s.run.id, then = std::move(then)](const Status& status) {
                  if (!is_running(run_id)) return;
                  if (!status) return give_up(status.error());
                  failpoint("answer.stored");
                  send_prepared(*slot_);
                  then();
                }});
}

// Why a call is not made.
std::optional<ToolOutcome> ThreadRuns::refusal_of(const PlannedCall& planned) const {
  const Slot& s = *slot_;
  if (s.is_cancelled) return tool_cancelled(planned.call.name);
  if (record_.services().clock->now() > s.state.deadline)
    return tool_error(planned.call.name, "TimeoutError",
                      "The run has passed its deadline before this call was made.");
  return std::nullopt;
}

void ThreadRuns::start_outside(std::vector<std::size_t> indexes) {
  Slot& s = *slot_;
  bool must_be_stored = false;
  for (const std::size_t index : indexes) {
    const PlannedCall& planned = s.turn->calls()[index];
    if (!find_started(s.state, planned.call.id))
      s.state.started_calls.push_back({planned.call.id, std::nullopt});
    must_be_stored |= !is_repeatable(planned);
  }
  if (!must_be_stored) return call_outside(indexes);
  store_progress([this, indexes = std::move(indexes)] { call_outside(indexes); });
}

void ThreadRuns::call_outside(const std::vector<std::size_t>& indexes) {
  Slot& s = *slot_;
  std::vector<ExternalCall> made;
  for (const std::size_t index : indexes) {
    const PlannedCall& planned = s.turn->calls()[index];
    if (auto refusal = refusal_of(planned)) {
      note_outside(index, *std::move(refusal));
      continue;
    }
    auto call = external_call(record_, planned.tool, planned.arguments, s.state.options.user_id);
    if (!call) {
      const bool is_models = call.error().code == Errc::invalid_argument;
      note_outside(index, tool_error(planned.call.name, is_models ? "TypeError" : "RuntimeError",
                                     call.error().message));
      continue;
    }
    call->id = call_id_of(planned);
    call->time_max = std::chrono::duration_cast<std::chrono::milliseconds>(
      s.state.deadline - record_.services().clock->now());
    made.push_back(*std::move(call));
  }
  if (made.empty()) return run_rest();
  for (const ExternalCall& call : made) s.external_calls.push_back(call.id);
  failpoint("tool.call");
  for (ExternalCall& call : made) port_.run_tool(std::move(call));
  failpoint("tool.called");
}

void ThreadRuns::on_tool_done(const ToolDone& message) {
  if (!slot_) return;
  Slot& s = *slot_;
  const auto under_way =
    std::find(s.external_calls.begin(), s.external_calls.end(), message.call_id);
  if (under_way == s.external_calls.end()) return;
  failpoint("tool.done");
  s.external_calls.erase(under_way);
  const auto& calls = s.turn->calls();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (s.outcomes[i] || call_id_of(calls[i]) != message.call_id) continue;
    note_outside(i, *message.outcome);
    break;
  }
  if (s.external_calls.empty()) run_rest();
}

// It is stored when the next call begins.
void ThreadRuns::note_outside(std::size_t index, ToolOutcome outcome) {
  Slot& s = *slot_;
  const StoredToolCall& call = s.turn->calls()[index].call;
  if (StartedCall* started = find_started(s.state, call.id))
    started->returned = return_of(call, outcome);
  s.outcomes[index] = std::move(outcome);
}

// The calls that have no outcome yet, in their order.
void ThreadRuns::run_rest() {
  if (auto loaded = record_.load(); !loaded) return end_run("error", std::move(loaded).error());
  Slot& s = *slot_;
  const auto& calls = s.turn->calls();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (s.outcomes[i]) continue;
    const PlannedCall& planned = calls[i];
    if (s.is_cancelled) {
      s.outcomes[i] = tool_cancelled(planned.call.name);
      continue;
    }
    if (runs_outside(planned)) return start_outside({i});
    const auto label = edited_label(planned.call.name, planned.arguments);
    if (label && s.memory.find(*label) && !s.memory.is_own(*label))
      return edit_elsewhere(i, s.memory.find(*label)->id);
    run_native(i);
  }
  std::vector<ToolOutcome> outcomes;
  for (auto& outcome : s.outcomes) outcomes.push_back(*std::move(outcome));
  s.outcomes.clear();
  const auto taken = std::chrono::steady_clock::now() - s.tools_started;
  s.turn->on_tools(std::move(outcomes),
                   std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count(),
                   s.is_cancelled);
  store_step();
}

void ThreadRuns::run_native(std::size_t index) {
  Slot& s = *slot_;
  const PlannedCall& planned = s.turn->calls()[index];
  const StoredMessages messages{record_.tables().messages, record_.id()};
  NativeToolContext context{s.memory,
                            &messages,
                            *record_.services().random,
                            record_.services().clock->now(),
                            record_.id(),
                            record_.agent().org_id,
                            record_.agent().timezone};
  if (planned.tool->custom) {
    s.outcomes[index] = tool_error(planned.call.name, "NotImplementedError",
                                   planned.call.name + " is not available on this server.");
    return;
  }
  failpoint("tool.run");
  s.outcomes[index] = run_native_tool(planned.call.name, planned.arguments, context);
  failpoint("tool.ran");
}

void ThreadRuns::edit_elsewhere(std::size_t index, const std::string& block_id) {
  Slot& s = *slot_;
  const PlannedCall& planned = s.turn->calls()[index];
  Routed request = block_edit(block_id, call_id_of(planned), planned.call.name, planned.arguments,
                              record_.agent().org_id, s.state.options.user_id);
  failpoint("block_edit.ask");
  port_.edit_block(
    std::move(request), [this, index, run_id = s.run.id, block_id](Result<Answer> answer) {
      if (!slot_ || slot_->run.id != run_id) return;
      failpoint("block_edit.done");
      slot_->outcomes[index] = outcome_of_edit(slot_->turn->calls()[index].call.name, answer);
      if (auto block = record_.tables().blocks.get({block_id}))
        slot_->memory.refresh(std::move(block->value), block->version);
      run_rest();
    });
}

}  // namespace reverie
