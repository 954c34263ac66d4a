#include "actors/run_callbacks.hpp"

#include "actors/run_answer.hpp"
#include "config/failpoint.hpp"
#include "config/json_writer.hpp"
#include "config/log_line.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace reverie {

namespace {

std::uint64_t row_of(std::int64_t sequence_id) {
  return static_cast<std::uint64_t>(sequence_id);
}

// `result`: JSON; empty: it is too long to be sent.
std::string callback_body(const Run& run, const std::string& result) {
  std::string json;
  {
    JsonObjectWriter body{json};
    body.add("run_id", run.id).add("status", run.status).add("completed_at", run.completed_at);
    body.begin("metadata");
    JsonObjectWriter metadata{json};
    metadata.add("run_type", run.run_type);
    if (run.error_message) {
      metadata.begin("error");
      JsonObjectWriter{json}
        .add("error_type", run.error_type.value_or("internal_error"))
        .add("message", *run.error_message);
    }
    if (result.empty())
      metadata.add("result_omitted", true);
    else
      metadata.add_json("result", result);
  }
  return json;
}

}  // namespace

void add_callback(const AgentTables& tables, const Run& run, const RunOptions& options,
                  Batch& batch) {
  if (!run.callback_url) return;
  RunCallback callback{run.id, options};
  callback.options.client_tools = {};
  callback.options.client_skills = {};
  tables.run_callbacks.put_unchecked(batch, {run.agent_id, row_of(run.sequence_id)}, callback);
}

void RunCallbacks::send_pending() {
  if (!record_.load()) return;  // the agent is gone, and all of this with it
  const auto home = home_of(record_.id());
  if (!home) return;
  const Page<RunCallbackTable::Key> all{std::nullopt, Order::ascending,
                                        std::numeric_limits<std::size_t>::max()};
  const auto visited = record_.tables().run_callbacks.scan_page(
    *home, key_bytes(record_.id()), all,
    [&](const RunCallbackTable::Key& key, const RunCallback& callback) {
      const auto sequence_id = static_cast<std::int64_t>(key.run_sequence_id);
      if (!std::count(under_way_.begin(), under_way_.end(), sequence_id)) {
        under_way_.push_back(sequence_id);
        send(sequence_id, callback);
      }
      return true;
    });
  if (!visited)
    log_error("agent: callbacks cannot be read agent={} error=\"{}\"", record_.id(),
              visited.error().message);
}

void RunCallbacks::send(std::int64_t run_sequence_id, const RunCallback& callback) {
  const auto run = record_.tables().runs.get({record_.id(), row_of(run_sequence_id)});
  if (!run || !run->value.callback_url) return forget(run_sequence_id);
  auto call = call_of(callback, run->value);
  if (!call) {
    log_error("agent: a callback cannot be made run={} error=\"{}\"", callback.run_id,
              call.error().message);
    return forget(run_sequence_id);
  }
  failpoint("callback.send");
  port_.send_callback(run_sequence_id, *std::move(call));
}

Result<CallbackCall> RunCallbacks::call_of(const RunCallback& callback, const Run& run) const {
  REVERIE_TRY(const auto said, messages_said(record_.tables(), run));
  const ApiMessageOptions api = api_options(callback.options, record_.agent().agent_type);
  std::string messages;
  for (const Message& message : said) append_api_messages(messages, message, api);
  CallbackCall call{*run.callback_url, callback_body(run, run_answer_json(messages, run))};
  const auto bytes_max =
    static_cast<std::size_t>(record_.services().settings->callbacks.body_bytes_max);
  if (call.body.size() > bytes_max) call.body = callback_body(run, "");
  return call;
}

void RunCallbacks::on_done(const CallbackDone& message) {
  failpoint("callback.sent");
  if (message.was_tried) return store(message);
  const auto callback =
    record_.tables().run_callbacks.get({record_.id(), row_of(message.run_sequence_id)});
  if (!callback || !record_.load()) return forget(message.run_sequence_id);
  send(message.run_sequence_id, callback->value);
}

void RunCallbacks::store(const CallbackDone& message) {
  commits_.add({[this, message]() -> Result<Batch> {
                  REVERIE_CHECK(record_.load());
                  const AgentTables& tables = record_.tables();
                  const RunTable::Key key{record_.id(), row_of(message.run_sequence_id)};
                  REVERIE_TRY(auto run, tables.runs.get(key));
                  run.value.callback_sent_at = record_.services().clock->now();
                  run.value.callback_status_code = message.status_code;
                  run.value.callback_error = message.error;
                  Batch batch;
                  tables.runs.put_unchecked(batch, key, run.value);
                  tables.run_callbacks.erase_unchecked(batch, {key.agent_id, key.sequence_id});
                  failpoint("callback.store");
                  return batch;
                },
                [this, sequence_id = message.run_sequence_id](const Status& status) {
                  if (status) failpoint("callback.stored");
                  // Sent again by the next start, unless the run was deleted.
                  if (!status && status.error().code != Errc::not_found)
                    log_warn("agent: the outcome of a callback is not stored agent={} error=\"{}\"",
                             record_.id(), status.error().message);
                  forget(sequence_id);
                }});
}

void RunCallbacks::forget(std::int64_t run_sequence_id) {
  std::erase(under_way_, run_sequence_id);
}

}  // namespace reverie
