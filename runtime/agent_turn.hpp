// One turn of an agent as a state machine without I/O, threads or time.
//
// The actor looks at `phase`, does what it asks for, and says what happened:
//
//   call_model --on_answer--> run_tools --on_tools--> store_step --on_stored--> call_model ...
//        |          '--(no calls)---------------------^   ^                `--> finished
//        '--on_failure, on_cancel-------------------------'
//
// An answer with a call that needs a person's word, or that the client runs, ends the turn: nothing
// of it runs. The turn that brings the decisions begins with on_decisions, which leads to
// run_tools.
//
// Nothing of a step counts before it is stored: tool rules and sums change in on_stored. The
// history is in the store alone, and told to each step; a turn that waits for its model is small.
// Hence every path of the loop, and every failure in it, is a unit test.

#pragma once

#include "config/ids.hpp"
#include "config/json.hpp"
#include "runtime/agent_type.hpp"
#include "runtime/llm/provider.hpp"
#include "runtime/messages/chat_history.hpp"
#include "runtime/tool_rules.hpp"
#include "runtime/tools/outcome.hpp"
#include "runtime/tools/tool.hpp"
#include "storage/records/message.hpp"
#include "storage/records/run_state.hpp"
#include "storage/records/step.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace reverie {

// What a turn is told at its start and does not change while it runs.
struct TurnSetup {
  std::string agent_id;
  std::string org_id;
  std::string user_id;
  std::string run_id;
  std::optional<std::string> conversation_id;
  std::string agent_type;
  std::string timezone = "UTC";
  ModelInfo model_info;
  ModelConfig model;
  std::vector<ToolPointer> tools;
  std::vector<Tool> client_tools;  // that the client runs; they hide the agent's of the same name
  ToolRules rules;
  RawJson response_format;  // of what the agent says by send_message
  bool streams = false;     // deltas are wanted
  std::int64_t steps_max = 50;

  // Where an interrupted turn goes on.
  std::int64_t steps_done = 0;
  std::vector<std::string> tools_called;  // in this run, oldest first
};

// Ids and times come from outside, so that a test knows them.
struct TurnSources {
  std::function<std::string(Prefix)> new_id;
  std::function<Timestamp()> now;
};

enum class TurnPhase : std::uint8_t { call_model, run_tools, store_step, finished };

// A call that the model made, ready to run, or with its outcome where nothing has to run for it.
struct PlannedCall {
  StoredToolCall call;  // arguments repaired, prefilled ones in place
  Json arguments;       // the same, parsed
  ToolPointer tool;     // none when the model could not call it
  std::optional<ToolOutcome>
    outcome;                 // of a call that is refused or denied, or that the client ran
  bool was_decided = false;  // by a person or the client
  RawJson returned_parts;    // by the client, in place of a text
};

// The calls that a turn begins with because their decisions have come.
struct DecidedCalls {
  Message request;                 // that asks for them
  std::optional<Message> sibling;  // the harmless calls of the same answer
  Message answer;
};

// What a step adds to the agent.
struct StepResult {
  Step step;                               // without its sequence number
  bool is_new = true;                      // false: its step was stored when it asked for approval
  std::vector<Message> messages;           // oldest first, without their sequence numbers
  std::optional<std::string> stop_reason;  // set: the turn ends with this step
  std::optional<Error> error;              // of a failed step
};

class AgentTurn {
 public:
  AgentTurn(TurnSetup setup, TurnSources sources);

  TurnPhase phase() const { return phase_; }
  const TurnSetup& setup() const { return setup_; }

  // How the messages of a step become a model's.
  ChatHistoryOptions history_options() const;
  // Begins the step: its ids are known from here on. In call_model. `history`: the system
  // message, what was said before, the input, and what the steps of this run have added.
  LlmRequest begin_step(std::vector<ChatMessage> history);
  LlmRequest begin_step(std::span<const Message> context);
  // RequestBytes::all() of what begin_step() made; 0 for a restored step.
  std::int64_t request_bytes() const { return request_bytes_; }
  // Begins a step whose answer was stored before the process died. on_answer comes next.
  void restore_step(std::string step_id, std::string message_id);
  // Instead of begin_step: the calls of a stored answer, now that they are decided. run_tools is
  // next.
  void on_decisions(const DecidedCalls& decided);
  bool has_decisions() const { return !result_.is_new; }
  // Whether a call of this tool waits for a person or for the client.
  bool needs_decision(std::string_view tool_name) const;
  const std::string& step_id() const { return result_.step.id; }
  const std::string& message_id() const { return message_id_; }  // of the answer to come
  Timestamp step_started_at() const { return result_.step.created_at; }

  void on_answer(Completion completion, std::int64_t llm_request_ns);
  void on_failure(const Error& error, std::int64_t llm_request_ns);
  // `text`: what the model had said until then.
  void on_cancel(std::string text);

  // In run_tools: what is to be stored when a tool reaches beyond the agent's own home.
  ModelAnswer stored_answer() const;

  // In run_tools, in the order of the model's calls.
  const std::vector<PlannedCall>& calls() const { return calls_; }
  // One outcome for each call; those that have one already keep it. `is_cancelled`: the turn ends
  // with them, whatever they are.
  void on_tools(std::vector<ToolOutcome> outcomes, std::int64_t tool_execution_ns,
                bool is_cancelled = false);
  // In store_step, after a conflict: the tools have to run again on what is there now.
  void retry_tools();

  // In store_step.
  const StepResult& result() const { return result_; }
  // As tools_called() will be then.
  const std::vector<std::string>& tools_called_after() const;
  void on_stored();

  // Since the start of this turn object, over stored steps.
  std::int64_t steps_done() const { return steps_done_; }
  const std::vector<std::string>& tools_called() const { return tools_called_; }
  const std::string& stop_reason() const { return stop_reason_; }  // in finished

 private:
  void start_step();
  bool is_last_step() const { return steps_done_ + 1 >= setup_.steps_max; }
  AllowedTools offer() const;
  ToolPointer find_tool(std::string_view name) const;
  bool is_client_tool(std::string_view name) const;
  PlannedCall plan(const ToolCall& call) const;
  Message new_message(std::string id, std::string role) const;
  PlannedCall plan_stored(const StoredToolCall& call) const;
  bool waits(const PlannedCall& planned) const;
  Message answer_message() const;
  Message returns_message(const std::vector<ToolOutcome>& outcomes) const;
  std::optional<Message> reminder(std::span<const std::string> history) const;
  void clear_result();
  void finish_step(std::string status, std::optional<std::string> stop_reason);
  void store_text_answer();
  void store_approval_request();

  TurnSetup setup_;
  TurnSources sources_;
  std::vector<ToolPointer> tools_;  // the agent's that are not hidden, then the client's
  TurnPhase phase_ = TurnPhase::call_model;

  std::int64_t steps_done_ = 0;
  std::vector<std::string> tools_called_;
  std::string last_output_;    // of the last tool that ran, for conditional rules
  std::size_t reminders_ = 0;  // in a row, of tools that are required before the end
  std::string stop_reason_;

  // Of the step under way.
  StepResult result_;
  std::string message_id_;
  std::string tool_message_id_;
  AllowedTools offered_;  // what the model may call
  Completion completion_;
  std::vector<PlannedCall> calls_;
  std::vector<std::string> called_now_;
  std::string output_now_;
  std::int64_t request_bytes_ = 0;
};

}  // namespace reverie
