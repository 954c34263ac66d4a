// The run that an agent has under way, from its acceptance to its end: the memory of ThreadRuns
// between two messages. Most of a run's time its model is silent, so there is no history in here:
// each step reads it.

#pragma once

#include "actors/event_log.hpp"
#include "actors/messages.hpp"
#include "actors/step_commit.hpp"
#include "actors/thread_runs.hpp"
#include "runtime/agent_turn.hpp"
#include "runtime/messages/stream_events.hpp"
#include "storage/records/provider_trace.hpp"
#include "storage/records/run_state.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

struct ThreadRuns::Slot {
  Run run;
  RunState state;
  ApiMessageOptions api;
  std::vector<Reply<Answer>> replies;  // of clients that wait for the end

  std::unique_ptr<AgentTurn> turn;
  std::string messages_json;  // said so far, as the API shows it
  RawJson logprobs;           // of the last answer
  std::int64_t event_number = 0;
  std::vector<StreamEvent> unsaved;  // of a background run: sent, and with no commit yet
  std::size_t unsaved_bytes = 0;
  std::int64_t unsaved_dropped = 0;   // number of the last one that was too much to keep
  EventLog log;                       // of a background run: what is stored
  std::vector<StreamEvent> prepared;  // that the change below stores, to be sent when it is durable
  std::optional<EventLog> prepared_log;  // with these
  bool is_cancelled = false;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  // Of the model call under way.
  std::int64_t call_id = 0;  // 0: none
  std::string provider_name;
  std::shared_ptr<Provider> provider;
  std::chrono::steady_clock::time_point call_started;
  std::optional<DeltaRenderer> renderer;
  std::string text;  // that has come
  bool has_streamed = false;
  std::optional<ProviderTrace> trace;  // of the call, where traces are kept

  // Of the context that the step sends.
  RequestBytes request_bytes;
  int overflows = 0;                  // the model refused the step as too long, this often
  bool skips_threshold = false;       // it was compacted for this step already
  bool stays_over_threshold = false;  // it was, and that did not help: not for each step anew

  // Of the step's tools.
  std::chrono::steady_clock::time_point tools_started;
  CoreMemory memory;
  std::vector<std::optional<ToolOutcome>> outcomes;  // by call
  std::vector<std::string> external_calls;           // under way, by their ids

  std::unique_ptr<RunChange> change;  // that is on its way to the disk
};

}  // namespace reverie
