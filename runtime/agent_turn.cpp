#include "runtime/agent_turn.hpp"

#include "runtime/compaction/token_estimate.hpp"
#include "runtime/llm/tool_schema.hpp"
#include "runtime/messages/approvals.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/run_failure.hpp"
#include "runtime/tools/arguments.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace reverie {

namespace {

// A model that was reminded this often of a tool that it has to call is made to call it.
constexpr std::size_t reminders_max = 3;

Usage usage_of(const LlmUsage& usage) {
  return {usage.prompt_tokens,       usage.completion_tokens,  usage.total_tokens,
          usage.cached_input_tokens, usage.cache_write_tokens, usage.reasoning_tokens};
}

std::vector<ContentPart> content_of(const Completion& completion) {
  std::vector<ContentPart> parts;
  for (const Reasoning& thought : completion.reasoning) {
    ContentPart part;
    const bool is_redacted = !thought.redacted_data.empty();
    part.type = is_redacted ? "redacted_reasoning" : "reasoning";
    part.text = is_redacted ? thought.redacted_data : thought.text;
    part.signature = thought.signature;
    parts.push_back(std::move(part));
  }
  if (!completion.text.empty()) {
    ContentPart part;
    part.text = completion.text;
    parts.push_back(std::move(part));
  }
  return parts;
}

// Of the agent's own tool: a client's keeps its schema.
void shape_speech(LlmRequest& request, const RawJson& format) {
  for (ToolSpec& tool : request.tools)
    if (tool.name == "send_message" && tool.may_be_strict)
      tool.parameters = with_answer_format(tool.parameters, "message", format);
}

void speak_by_tool(LlmRequest& request) {
  // Some vendors do not let a model think and be made to call a tool at once.
  request.model.reasoning_enabled = false;
  // A format that the model was asked for is that of what is said; the answer itself is a call.
  shape_speech(request, std::exchange(request.model.response_format, {}));
}

}  // namespace

AgentTurn::AgentTurn(TurnSetup setup, TurnSources sources)
  : setup_(std::move(setup)),
    sources_(std::move(sources)),
    steps_done_(setup_.steps_done),
    tools_called_(setup_.tools_called) {
  for (const ToolPointer& tool : setup_.tools)
    if (!is_client_tool(tool->name)) tools_.push_back(tool);
  for (const Tool& tool : setup_.client_tools) tools_.push_back(unowned(tool));
  if (steps_done_ >= setup_.steps_max) {
    phase_ = TurnPhase::finished;
    stop_reason_ = setup_.steps_max <= 0 ? "end_turn" : "max_steps";
  }
}

void AgentTurn::start_step() {
  result_ = {};
  request_bytes_ = 0;
  Step& step = result_.step;
  step.id = sources_.new_id(Prefix::step);
  step.org_id = setup_.org_id;
  step.agent_id = setup_.agent_id;
  step.run_id = setup_.run_id;
  step.provider_name = setup_.model.provider;
  step.model = setup_.model.model;
  step.model_handle = setup_.model_info.handle;
  if (!setup_.model_info.endpoint.empty()) step.model_endpoint = setup_.model_info.endpoint;
  step.context_window_limit = setup_.model.context_window;
  step.created_at = sources_.now();
  message_id_ = sources_.new_id(Prefix::message);
  tool_message_id_ = sources_.new_id(Prefix::message);
  offered_ = offer();
}

ChatHistoryOptions AgentTurn::history_options() const {
  return {setup_.model_info.handle, setup_.timezone, setup_.model.context_window};
}

LlmRequest AgentTurn::begin_step(std::span<const Message> context) {
  return begin_step(chat_history(context, history_options()));
}

LlmRequest AgentTurn::begin_step(std::vector<ChatMessage> history) {
  assert(phase_ == TurnPhase::call_model);
  start_step();
  LlmRequest request;
  request.model = setup_.model;
  request.model.parallel_tool_calls =
    setup_.model.parallel_tool_calls && setup_.rules.allows_parallel_calls();
  request.messages = std::move(history);
  for (const std::string& name : offered_.names) {
    request.tools.push_back(tool_spec(*find_tool(name)));
    // A schema that others have written stays as it is.
    const ToolPointer tool = find_tool(name);
    request.tools.back().may_be_strict =
      !is_client_tool(name) && !(tool->custom && tool->custom->mcp);
  }
  // Older agents speak through a tool, so each of their answers has to be a call.
  const bool speaks_by_tool = !agent_profile(setup_.agent_type).text_is_assistant;
  if (request.tools.empty())
    request.tool_choice = ToolChoice::none;
  else if (offered_.is_forced && request.tools.size() == 1)
    request.tool_choice = ToolChoice::named;
  else if (offered_.is_forced || speaks_by_tool)
    request.tool_choice = ToolChoice::required;
  if (speaks_by_tool) speak_by_tool(request);
  shape_speech(request, setup_.response_format);
  if (reminders_ >= reminders_max) {
    const auto missing = setup_.rules.missing_required(tools_called_);
    if (!missing.empty() && find_tool(missing.front())) {
      request.tool_choice = ToolChoice::named;
      request.forced_tool = missing.front();
    }
  }
  if (request.tool_choice == ToolChoice::named && request.forced_tool.empty())
    request.forced_tool = offered_.names.front();
  request.stream = setup_.streams;
  request.user = setup_.user_id;
  request_bytes_ = bytes_of(request).all();
  return request;
}

void AgentTurn::restore_step(std::string step_id, std::string message_id) {
  assert(phase_ == TurnPhase::call_model);
  start_step();
  result_.step.id = std::move(step_id);
  message_id_ = std::move(message_id);
}

void AgentTurn::on_decisions(const DecidedCalls& decided) {
  assert(phase_ == TurnPhase::call_model);
  start_step();
  result_.is_new = false;
  result_.step.id = decided.request.step_id.value_or("");
  calls_.clear();
  // Returns of the client first, then denials, then what runs: approved calls, then their siblings.
  const auto add = [&](bool is_returned, bool is_denied) {
    for (const StoredApproval& approval : decided.answer.approvals) {
      if (approval.returned.has_value() != is_returned) continue;
      if (!is_returned && (approval.approve == true) == is_denied) continue;
      const auto& asked = decided.request.tool_calls;
      const auto call = std::find_if(asked.begin(), asked.end(), [&](const StoredToolCall& each) {
        return each.id == approval.tool_call_id;
      });
      PlannedCall planned = plan_stored(*call);
      planned.was_decided = is_returned || is_denied;
      if (is_returned) {
        const StoredToolReturn& returned = *approval.returned;
        planned.outcome = ToolOutcome{returned.text, returned.status != "success",
                                      returned.stdout_lines, returned.stderr_lines};
        planned.returned_parts = returned.parts;
      }
      if (is_denied) planned.outcome = tool_refusal(denial_text(approval.reason));
      calls_.push_back(std::move(planned));
    }
  };
  add(true, false);
  add(false, true);
  add(false, false);
  if (decided.sibling)
    for (const StoredToolCall& call : decided.sibling->tool_calls)
      calls_.push_back(plan_stored(call));
  phase_ = TurnPhase::run_tools;
}

void AgentTurn::on_answer(Completion completion, std::int64_t llm_request_ns) {
  assert(phase_ == TurnPhase::call_model);
  completion_ = std::move(completion);
  result_.step.llm_request_ns = llm_request_ns;
  result_.step.usage = usage_of(completion_.usage);
  if (!setup_.model.parallel_tool_calls && completion_.tool_calls.size() > 1)
    completion_.tool_calls.resize(1);
  calls_.clear();
  for (const ToolCall& call : completion_.tool_calls) calls_.push_back(plan(call));
  if (calls_.empty()) return store_text_answer();
  if (std::any_of(calls_.begin(), calls_.end(), [&](const auto& each) { return waits(each); }))
    return store_approval_request();
  phase_ = TurnPhase::run_tools;
}

void AgentTurn::on_failure(const Error& error, std::int64_t llm_request_ns) {
  assert(phase_ == TurnPhase::call_model);
  const RunFailure failure = run_failure(error);
  clear_result();
  result_.step.llm_request_ns = llm_request_ns;
  result_.step.error_type = std::string(failure.step_type);
  result_.step.error_message = error.message;
  result_.error = error;
  finish_step("failed", std::string(failure.stop_reason));
}

void AgentTurn::on_cancel(std::string text) {
  assert(phase_ != TurnPhase::finished);
  if (result_.step.id.empty()) start_step();  // the model was not asked yet
  clear_result();
  completion_ = {};
  completion_.text = std::move(text);
  calls_.clear();
  if (!completion_.text.empty()) result_.messages.push_back(answer_message());
  finish_step("cancelled", "cancelled");
}

ModelAnswer AgentTurn::stored_answer() const {
  ModelAnswer answer;
  answer.step_id = result_.step.id;
  answer.message_id = message_id_;
  answer.content = content_of(completion_);
  for (const ToolCall& call : completion_.tool_calls)
    answer.tool_calls.push_back({call.id, call.name, call.arguments});
  answer.usage = result_.step.usage;
  answer.llm_request_ns = result_.step.llm_request_ns;
  return answer;
}

void AgentTurn::on_tools(std::vector<ToolOutcome> outcomes, std::int64_t tool_execution_ns,
                         bool is_cancelled) {
  assert(phase_ == TurnPhase::run_tools && outcomes.size() == calls_.size());
  clear_result();
  result_.step.tool_execution_ns = tool_execution_ns;
  called_now_ = tools_called_;
  output_now_ = last_output_;

  bool continues = false;
  bool is_terminal = false;
  bool has_bad_prefill = false;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const PlannedCall& planned = calls_[i];
    if (planned.outcome && !planned.was_decided) {
      // A refused call is the model's to repair; one with a broken prefill is the operator's.
      has_bad_prefill |= planned.tool != nullptr;
      continues |= planned.tool == nullptr;
      continue;
    }
    if (planned.outcome) {
      continues = true;
      if (!outcomes[i].is_error) called_now_.push_back(planned.call.name);
      continue;
    }
    if (planned.tool->return_char_limit > 0)
      outcomes[i].text =
        cut_tool_return(std::move(outcomes[i].text), planned.tool->return_char_limit);
    called_now_.push_back(planned.call.name);
    output_now_ = outcomes[i].text;
    const Continuation next = setup_.rules.after_call(planned.call.name, called_now_);
    continues |= next.continues;
    is_terminal |= next.is_terminal;
  }
  if (result_.is_new) result_.messages.push_back(answer_message());
  result_.messages.push_back(returns_message(outcomes));

  if (is_cancelled) return finish_step("cancelled", "cancelled");
  // A terminal call that ran ends the turn, unless a tool that has to be called is still missing.
  if (is_terminal && setup_.rules.missing_required(called_now_).empty()) continues = false;
  if (has_bad_prefill && !continues) return finish_step("success", "invalid_tool_call");
  if (!continues) return finish_step("success", is_terminal ? "tool_rule" : "end_turn");
  if (result_.is_new && is_last_step()) return finish_step("success", "max_steps");
  finish_step("success", std::nullopt);
}

void AgentTurn::retry_tools() {
  assert(phase_ == TurnPhase::store_step && !calls_.empty());
  phase_ = TurnPhase::run_tools;
}

const std::vector<std::string>& AgentTurn::tools_called_after() const {
  return calls_.empty() ? tools_called_ : called_now_;
}

void AgentTurn::on_stored() {
  assert(phase_ == TurnPhase::store_step);
  if (result_.is_new) ++steps_done_;
  if (!calls_.empty()) {
    tools_called_ = called_now_;
    last_output_ = output_now_;
    reminders_ = 0;
  } else if (!result_.stop_reason) {
    ++reminders_;
  }
  phase_ = result_.stop_reason ? TurnPhase::finished : TurnPhase::call_model;
  stop_reason_ = result_.stop_reason.value_or("");
  result_ = {};
  completion_ = {};
  calls_.clear();
}

AllowedTools AgentTurn::offer() const {
  std::vector<std::string> available;
  for (const ToolPointer& tool : tools_) available.push_back(tool->name);
  if (!setup_.rules.empty()) return setup_.rules.allowed(tools_called_, available, last_output_);
  AllowedTools all;
  all.names = std::move(available);
  return all;
}

ToolPointer AgentTurn::find_tool(std::string_view name) const {
  const auto found = std::find_if(tools_.begin(), tools_.end(),
                                  [&](const ToolPointer& tool) { return tool->name == name; });
  return found == tools_.end() ? nullptr : *found;
}

bool AgentTurn::is_client_tool(std::string_view name) const {
  return std::any_of(setup_.client_tools.begin(), setup_.client_tools.end(),
                     [&](const Tool& tool) { return tool.name == name; });
}

bool AgentTurn::needs_decision(std::string_view tool_name) const {
  if (is_client_tool(tool_name) || setup_.rules.needs_approval(tool_name)) return true;
  const ToolPointer tool = find_tool(tool_name);
  return tool && tool->custom && tool->custom->mcp && tool->custom->mcp->needs_review;
}

bool AgentTurn::waits(const PlannedCall& planned) const {
  return !planned.outcome && needs_decision(planned.call.name);
}

// A call of an answer that was stored when it asked for approval: nothing about it is checked
// again, but its tool may be gone.
PlannedCall AgentTurn::plan_stored(const StoredToolCall& call) const {
  PlannedCall planned;
  planned.call = call;
  planned.arguments = repair_arguments(call.arguments).values;
  planned.tool = find_tool(call.name);
  if (is_client_tool(call.name)) planned.tool = nullptr;  // which does not run here
  if (!planned.tool) planned.outcome = tool_error(call.name, "ValueError", "Tool not found");
  return planned;
}

PlannedCall AgentTurn::plan(const ToolCall& call) const {
  PlannedCall planned;
  CallArguments arguments = repair_arguments(call.arguments);
  const ToolPointer tool = find_tool(call.name);
  if (!offered_.has(call.name) || !tool) {
    const std::string last = tools_called_.empty() ? "" : tools_called_.back();
    planned.outcome = tool_refusal(setup_.rules.violation(call.name, last, offered_.names));
  } else {
    planned.tool = tool;
    const auto prefilled = offered_.prefilled.find(call.name);
    if (prefilled != offered_.prefilled.end()) {
      if (auto fits = check_prefilled(prefilled->second, Json::parse(tool->parameters.text)); !fits)
        planned.outcome = tool_refusal(fits.error().message);
      else
        arguments = merge_prefilled(std::move(arguments), prefilled->second);
    }
  }
  planned.call = {call.id, call.name, std::move(arguments.text)};
  planned.arguments = std::move(arguments.values);
  return planned;
}

Message AgentTurn::new_message(std::string id, std::string role) const {
  Message message;
  message.id = std::move(id);
  message.agent_id = setup_.agent_id;
  message.org_id = setup_.org_id;
  message.role = std::move(role);
  message.conversation_id = setup_.conversation_id;
  message.run_id = setup_.run_id;
  message.step_id = result_.step.id;
  message.created_at = sources_.now();
  return message;
}

Message AgentTurn::answer_message() const {
  Message message = new_message(message_id_, "assistant");
  message.content = content_of(completion_);
  message.model = setup_.model_info.handle;
  for (const PlannedCall& planned : calls_)
    if (!waits(planned)) message.tool_calls.push_back(planned.call);
  return message;
}

Message AgentTurn::returns_message(const std::vector<ToolOutcome>& outcomes) const {
  Message message = new_message(tool_message_id_, "tool");
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const StoredToolCall& call = calls_[i].call;
    const ToolOutcome& outcome = outcomes[i];
    message.tool_returns.push_back({call.id, call.name, outcome.is_error ? "error" : "success",
                                    outcome.text, outcome.stdout_lines, outcome.stderr_lines,
                                    calls_[i].returned_parts});
  }
  message.name = calls_.front().call.name;
  return message;
}

// What a model is told that wants to stop before it has called what it has to.
std::optional<Message> AgentTurn::reminder(std::span<const std::string> history) const {
  const auto missing = setup_.rules.missing_required(history);
  if (missing.empty()) return std::nullopt;
  std::string names;
  for (const std::string& name : missing) names += (names.empty() ? "" : ", ") + name;
  Message message = new_message(sources_.new_id(Prefix::message), "user");
  ContentPart part;
  part.text = packaged_heartbeat("Before the turn can end, these tools have to be called: " + names,
                                 message.created_at, setup_.timezone);
  message.content.push_back(std::move(part));
  return message;
}

void AgentTurn::store_text_answer() {
  clear_result();
  if (!completion_.text.empty() || !completion_.reasoning.empty())
    result_.messages.push_back(answer_message());
  auto remind = reminder(tools_called_);
  if (remind && !is_last_step()) {
    result_.messages.push_back(*std::move(remind));
    return finish_step("success", std::nullopt);
  }
  if (remind) return finish_step("success", "max_steps");
  const bool is_cut = completion_.finish == FinishReason::length && !completion_.text.empty();
  finish_step("success", is_cut ? "max_tokens_exceeded" : "end_turn");
}

// What waits is asked for; what does not, waits with it.
void AgentTurn::store_approval_request() {
  clear_result();
  Message request = answer_message();
  const bool has_siblings = !request.tool_calls.empty();
  if (has_siblings) result_.messages.push_back(std::exchange(request, answer_message()));
  request.id = approval_request_id(message_id_);
  request.role = "approval";
  if (has_siblings) request.content.clear();
  request.tool_calls.clear();
  for (const PlannedCall& planned : calls_)
    if (waits(planned)) request.tool_calls.push_back(planned.call);
  calls_.clear();  // none of them has run
  result_.messages.push_back(std::move(request));
  finish_step("success", "requires_approval");
}

// All but the step itself, which goes on: its tools may have to run again.
void AgentTurn::clear_result() {
  result_.messages.clear();
  result_.stop_reason.reset();
  result_.error.reset();
}

void AgentTurn::finish_step(std::string status, std::optional<std::string> stop_reason) {
  Step& step = result_.step;
  step.status = std::move(status);
  step.stop_reason = stop_reason;
  step.step_ns = (sources_.now() - step.created_at).count() * 1'000;
  result_.stop_reason = std::move(stop_reason);
  phase_ = TurnPhase::store_step;
}

}  // namespace reverie
