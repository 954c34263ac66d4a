#pragma once

#include "config/json.hpp"
#include "storage/records/message.hpp"
#include "storage/records/run_options.hpp"
#include "storage/records/usage.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What the model said in a step whose tools have not all returned yet.
struct ModelAnswer {
  std::string step_id;
  std::string message_id;
  std::vector<ContentPart> content;
  std::vector<StoredToolCall> tool_calls;
  std::string finish = "stop";  // stop, length, tool_calls, content_filter
  Usage usage;
  std::optional<std::int64_t> llm_request_ns;
  bool was_streamed = false;  // piece by piece, into the run's log

  static constexpr std::string_view type_name = "ModelAnswer";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "step_id", &ModelAnswer::step_id),
      field(2, "message_id", &ModelAnswer::message_id),
      field(3, "content", &ModelAnswer::content),
      field(4, "tool_calls", &ModelAnswer::tool_calls),
      field(5, "finish", &ModelAnswer::finish),
      field(6, "usage", &ModelAnswer::usage),
      field(7, "llm_request_ns", &ModelAnswer::llm_request_ns),
      field(8, "was_streamed", &ModelAnswer::was_streamed),
    };
  }
  bool operator==(const ModelAnswer&) const = default;
};

// A call of a tool whose work is outside of the agent's commit, from before it starts on.
struct StartedCall {
  std::string tool_call_id;
  std::optional<StoredToolReturn> returned;  // none: nobody knows what came of it

  static constexpr std::string_view type_name = "StartedCall";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "tool_call_id", &StartedCall::tool_call_id),
      field(2, "returned", &StartedCall::returned),
    };
  }
  bool operator==(const StartedCall&) const = default;
};

// Where an open run stands, so that the next process can go on with it. Gone when the run has
// ended.
//
// (queued, in front of a busy thread) --> accepted, model asked --> (model answered, when a tool
// reaches beyond the agent's own home) --> (tool started, when its work is outside of any commit;
// for each, or for those that run side by side) --> step done, model asked again --> ...
struct RunState {
  std::string run_id;
  std::int64_t run_sequence_id = 0;
  std::optional<std::string> conversation_id;
  std::vector<std::int64_t> input_sequence_ids;  // stored at acceptance, not yet in the context
  RunOptions options;
  std::int64_t steps_done = 0;
  std::vector<std::string> tools_called;  // names, in order, for the tool rules
  std::optional<ModelAnswer> answer;      // set: the model has answered, its tools run
  std::int64_t resume_attempts = 0;       // starts of a process that found the run open
  Timestamp deadline;
  std::vector<StartedCall> started_calls;  // of the step under way
  std::string queued_request;  // encoded; set: the run waits for its turn and has done nothing yet

  static constexpr std::string_view type_name = "RunState";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "run_id", &RunState::run_id),
      field(2, "run_sequence_id", &RunState::run_sequence_id),
      field(3, "conversation_id", &RunState::conversation_id),
      field(4, "input_sequence_ids", &RunState::input_sequence_ids),
      field(5, "options", &RunState::options),
      field(6, "steps_done", &RunState::steps_done),
      field(7, "tools_called", &RunState::tools_called),
      field(8, "answer", &RunState::answer),
      field(9, "resume_attempts", &RunState::resume_attempts),
      field(10, "deadline", &RunState::deadline),
      field(21, "queued_request", &RunState::queued_request),
      field(22, "started_calls", &RunState::started_calls),
    };
  }
  bool operator==(const RunState&) const = default;
};

}  // namespace reverie
