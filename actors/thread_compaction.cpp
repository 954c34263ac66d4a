#include "actors/thread_compaction.hpp"

#include "actors/step_commit.hpp"
#include "config/failpoint.hpp"
#include "config/json_writer.hpp"
#include "config/log_line.hpp"
#include "runtime/messages/packaged.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

RawJson stats_of(const ThreadCompaction::Job& job, const Compacted& compacted) {
  std::string json;
  JsonObjectWriter{json}
    .add("trigger", job.trigger)
    .add("context_tokens_before", compacted.tokens_before)
    .add("context_tokens_after", compacted.tokens_after)
    .add("context_window", job.input.agent_model.context_window)
    .add("messages_count_before", compacted.messages_before)
    .add("messages_count_after", compacted.messages_after);
  return RawJson{std::move(json)};
}

// Without its id, number and time.
Message summary_of(const AgentThread& thread, const ThreadCompaction::Job& job,
                   const Compacted& compacted, Timestamp now) {
  const AgentRecord& record = thread.record();
  Message message;
  message.conversation_id = thread.conversation_id();
  message.agent_id = record.id();
  message.org_id = record.agent().org_id;
  message.role = job.shows_summary ? "summary" : "user";
  message.run_id = job.run_id;
  ContentPart part;
  part.text =
    packaged_summary(compacted.summary, stats_of(job, compacted), now, record.agent().timezone);
  message.content.push_back(std::move(part));
  return message;
}

}  // namespace

ThreadCompaction::ThreadCompaction(const AgentThread& thread, CommitQueue& commits, AgentPort& port,
                                   std::function<std::int64_t()> next_call_id)
  : thread_(thread),
    record_(thread.record()),
    commits_(commits),
    port_(port),
    next_call_id_(std::move(next_call_id)) {}

void ThreadCompaction::start(Job job) {
  compaction_ = std::make_unique<Compaction>(std::move(job.input));
  job.input = {};
  job.input.agent_model = compaction_->agent_model();
  job_ = std::make_shared<Job>(std::move(job));
  is_cancelled_ = false;
  go_on();
}

void ThreadCompaction::go_on() {
  auto call = compaction_->next_call();
  if (!call) return store();
  failpoint("compaction.ask");
  call_id_ = next_call_id_();
  called_provider_ = call->request.model.provider;
  port_.ask_model(
    called_provider_,
    AskModel{call_id_, call->is_agents_own_model ? job_->own_provider : job_->summariser_provider,
             std::make_shared<LlmRequest>(std::move(call->request))});
}

bool ThreadCompaction::on_done(const ModelDone& message) {
  if (call_id_ == 0 || message.call_id != call_id_) return false;
  call_id_ = 0;
  failpoint("compaction.done");
  const Result<Completion>& completion = *message.completion;
  if (is_cancelled_) {
    finish(Error{Errc::llm_cancelled, "the compaction was cancelled", ""});
    return true;
  }
  if (completion)
    compaction_->on_answer(*completion);
  else
    compaction_->on_failure(completion.error());
  go_on();
  return true;
}

void ThreadCompaction::cancel() {
  is_cancelled_ = true;
  if (call_id_ != 0) port_.cancel_model(called_provider_, call_id_);
}

void ThreadCompaction::drop(const Error& why) {
  cancel();
  call_id_ = 0;
  if (is_busy()) finish(why);
}

void ThreadCompaction::finish(Result<Outcome> outcome) {
  const auto job = std::exchange(job_, nullptr);
  compaction_ = nullptr;
  job->done(std::move(outcome));
}

// The messages that leave the context stay in the history.
void ThreadCompaction::store() {
  const auto outcome = std::make_shared<Outcome>();
  outcome->compacted = compaction_->result();
  const Compacted& compacted = outcome->compacted;
  if (job_->is_asked_for && !compacted.is_summarised)
    return finish(compacted.failure.value_or(
      Error{Errc::unavailable, "there is no model to write the summary", ""}));
  if (job_->is_asked_for && compacted.messages_after >= compacted.messages_before)
    return finish(Error{Errc::bad_request,
                        "a summary would not make the context shorter: it has "
                          + std::to_string(compacted.messages_before) + " messages",
                        ""});
  const auto activity = std::make_shared<AgentActivity>();
  const auto build = [this, job = job_, outcome, activity]() -> Result<Batch> {
    if (job_ != job) return Error{Errc::not_found, "the compaction was given up", ""};
    REVERIE_CHECK(record_.load());
    const AgentTables& tables = record_.tables();
    Batch batch;
    *activity = record_.activity();
    const Timestamp now = record_.next_time();
    Message& summary = outcome->summary;
    summary = summary_of(thread_, *job, outcome->compacted, now);
    summary.id = record_.new_child(Prefix::message);
    summary.sequence_id = ++activity->messages_count;
    summary.created_at = now;
    activity->last_message_at = now;
    add_message(tables, batch, summary);
    REVERIE_TRY(Context context, thread_.context());
    context.replace(outcome->compacted.evicted, summary);
    thread_.put_context(batch, context);
    REVERIE_TRY(auto conversation, thread_.conversation());
    // What the prompt says of the messages out of context has changed.
    REVERIE_CHECK(
      thread_.refresh_system_message(conversation, *activity, std::move(context), true, batch));
    if (conversation) thread_.put(batch, *conversation);
    tables.activity.put(batch, {record_.id()}, *activity, record_.activity_version());
    if (job->add_events) job->add_events(summary, batch);
    failpoint("compaction.store");
    return batch;
  };
  commits_.add({build,
                [this, job = job_, outcome, activity](Status status) {
                  if (status) record_.stored(std::move(*activity));
                  if (job_ != job) return;
                  failpoint("compaction.stored");
                  if (!status) return finish(std::move(status).error());
                  log_info(
                    "agent: context compacted agent={} trigger={} messages_before={} "
                    "messages_after={} summarised={}",
                    record_.id(), job->trigger, outcome->compacted.messages_before,
                    outcome->compacted.messages_after, outcome->compacted.is_summarised);
                  finish(std::move(*outcome));
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

}  // namespace reverie
