#include "actors/thread_runs.hpp"

#include "actors/input_token.hpp"
#include "actors/run_answer.hpp"
#include "actors/run_request.hpp"
#include "actors/run_slot.hpp"
#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "runtime/messages/approvals.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace reverie {

ThreadRuns::ThreadRuns(AgentRecord& record, CommitQueue& commits, AgentPort& port,
                       RunCallbacks& callbacks, std::string conversation_id,
                       NextCallId next_call_id)
  : thread_(record, std::move(conversation_id)),
    record_(record),
    commits_(commits),
    port_(port),
    callbacks_(callbacks),
    next_call_id_(std::move(next_call_id)),
    compaction_(thread_, commits, port, next_call_id_) {}

ThreadRuns::~ThreadRuns() = default;

bool ThreadRuns::empty() const {
  return is_idle() && waiting_.empty();
}

std::optional<std::string> ThreadRuns::run_id() const {
  if (!slot_) return std::nullopt;
  return slot_->run.id;
}

bool ThreadRuns::is_running(const std::string& run_id) const {
  return slot_ && slot_->run.id == run_id;
}

// A change of a run that was given up meanwhile is not made.
Status ThreadRuns::check_current(const std::string& run_id) const {
  if (is_running(run_id)) return {};
  return Error{Errc::not_found, "the run has ended", run_id};
}

Error ThreadRuns::queue_is_full() {
  return {Errc::conflict,
          "CONFLICT: too many messages wait for this agent; another request is currently being "
          "processed",
          "actors.queue_max"};
}

// What runs goes on; what waits behind it is refused when its turn comes.
Status ThreadRuns::check_not_paused() const {
  const auto& paused_at = record_.activity().paused_at;
  if (!paused_at) return {};
  return Error{Errc::agent_paused,
               "CONFLICT: the agent is paused: it takes no messages until it is resumed",
               to_rfc3339(*paused_at)};
}

void ThreadRuns::send(SendMessage request, std::string user_id, Reply<Answer> reply) {
  if (auto loaded = record_.load(); !loaded) return reply(std::move(loaded).error());
  if (auto valid = check_request(request); !valid) return reply(std::move(valid).error());
  auto tokens = input_tokens(request);
  if (auto run_id = find_accepted(request, tokens)) return join(*run_id, request, std::move(reply));
  if (auto open = check_not_paused(); !open) return reply(std::move(open).error());
  const auto queue_max = static_cast<std::size_t>(record_.services().settings->actors.queue_max);
  if (waiting_.size() >= queue_max) return reply(queue_is_full());
  const bool is_known = request.is_async || (request.background && !empty());
  Waiting waiting{std::move(request), std::move(user_id), std::move(reply), std::move(tokens)};
  waiting.run_id = record_.new_child(Prefix::run);
  if (is_known) return acknowledge(std::move(waiting));
  enqueue(std::move(waiting));
}

std::optional<std::string> ThreadRuns::in_the_way(const SendMessage& request) {
  start_next();
  const auto has_run = [](const Waiting& each) { return !each.run_id.empty(); };
  const auto next = std::find_if(waiting_.begin(), waiting_.end(), has_run);
  std::optional<std::string> run_id;
  // Who was told of the end of a run may go on at once, whatever is left to be done behind it.
  if (slot_ && !slot_->run.completed_at)
    run_id = slot_->run.id;
  else if (accepting_)
    run_id = accepting_->run_id;
  else if (next != waiting_.end())
    run_id = next->run_id;
  if (!run_id || find_accepted(request, input_tokens(request))) return std::nullopt;
  // A run is not to be found before it is stored: the queue is where its input comes together.
  const auto is_same = [&](const Waiting& each) { return is_same_input(request, each.request); };
  if (accepting_ && is_same(*accepting_)) return std::nullopt;
  if (std::any_of(waiting_.begin(), waiting_.end(), is_same)) return std::nullopt;
  return run_id;
}

// The run that the same input has started, by what the client says or by what it sent.
std::optional<std::string> ThreadRuns::find_accepted(const SendMessage& request,
                                                     const std::vector<std::string>& tokens) const {
  for (const std::string& token : tokens) {
    // The same words again are a new message unless the client says that it repeats itself, and
    // then only for as long as clients try again.
    if (is_body_token(token) && !request.is_retry) continue;
    const auto found = record_.tables().otids.get({record_.id(), thread_.id(), token});
    if (!found) continue;
    if (!is_body_token(token)) return found->value.run_id;
    if (is_running(found->value.run_id) || is_queued(found->value.run_id))
      return found->value.run_id;
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

void ThreadRuns::start_next() {
  if (!is_idle() || abandoned_) return;
  if (has_leftovers_) {
    has_leftovers_ = false;
    resume_open();
    if (slot_) return;
  }
  while (!waiting_.empty() && waiting_.front().ticket == 0) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.compaction) {
      compact_now(*std::move(next.compaction), std::move(next.reply));
      if (!is_idle()) return;
      continue;
    }
    if (next.run) return accept(std::move(next));
    // The same input may have waited in front of this one, and have its run by now.
    const auto run_id = find_accepted(next.request, next.tokens);
    if (!run_id) return accept(std::move(next));
    join(*run_id, next.request, std::move(next.reply));
  }
}

// The input, its run and where it stands become durable in one commit; so does the system
// message, when what it shows has changed since it was made.
void ThreadRuns::accept(Waiting waiting) {
  auto slot = std::make_shared<std::unique_ptr<Slot>>(std::make_unique<Slot>());
  auto shared = std::make_shared<Waiting>(std::move(waiting));
  accepting_ = shared;
  const auto done = [this, slot, shared](Status status) {
    accepting_ = nullptr;
    if (abandoned_) return refuse_abandoned(std::move(*shared));
    if (status) return on_begun(std::move(*slot), *shared);
    is_cancelled_early_ = false;
    if (shared->run) return refuse(std::move(*shared), std::move(status).error());
    shared->reply(std::move(status).error());
    start_next();
  };
  commits_.add({[this, slot, shared] { return begin_run(**slot, *shared); }, done,
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

// Its begin may be stored; the deletion behind it takes that along.
void ThreadRuns::refuse_abandoned(Waiting waiting) {
  has_leftovers_ = true;
  is_cancelled_early_ = false;
  waiting_.push_front(std::move(waiting));
  abandon_queue(*abandoned_);
}

Result<Batch> ThreadRuns::begin_run(Slot& s, const Waiting& waiting) {
  REVERIE_CHECK(record_.load());
  REVERIE_CHECK(check_not_paused());
  const AgentTables& tables = record_.tables();
  const Services& services = record_.services();
  const SendMessage& request = waiting.request;
  s.state.options = options_of(request, waiting.user_id);
  if (s.state.options.override_model) {
    REVERIE_TRY([[maybe_unused]] auto model,
                services.providers->resolve(*s.state.options.override_model));
  }
  REVERIE_TRY(std::vector<Message> input, read_request(request, record_));
  REVERIE_TRY(Context context, thread_.context());
  REVERIE_CHECK(admit_input(input, context, record_));
  REVERIE_TRY(auto conversation, thread_.conversation());

  Batch batch;
  s.change = std::make_unique<RunChange>();
  AgentActivity& activity = s.change->activity;
  activity = record_.activity();
  const Timestamp now = record_.next_time();
  s.run = waiting.run ? *waiting.run : add_run(waiting, s.state.options, activity, batch);
  s.run.status = "running";
  s.run.first_message = activity.messages_count + 1;
  s.state.run_id = s.run.id;
  s.state.run_sequence_id = s.run.sequence_id;
  s.state.conversation_id = thread_.conversation_id();
  s.state.deadline = now + std::chrono::seconds{services.settings->runs.deadline_s};
  s.state.input_sequence_ids.clear();
  for (std::size_t i = 0; i < input.size(); ++i) {
    Message& message = input[i];
    if (message.id.empty()) message.id = record_.new_child(Prefix::message);
    message.org_id = record_.agent().org_id;
    message.run_id = s.run.id;
    message.conversation_id = thread_.conversation_id();
    message.sequence_id = ++activity.messages_count;
    message.created_at = now + std::chrono::microseconds{i};
    activity.last_message_at = message.created_at;
    s.state.input_sequence_ids.push_back(message.sequence_id);
    add_message(tables, batch, message);
  }
  s.run.last_message = activity.messages_count;
  activity.last_run_id = s.run.id;
  REVERIE_CHECK(
    thread_.refresh_system_message(conversation, activity, std::move(context), false, batch));
  if (conversation) {
    conversation->value.last_message_at = now;
    thread_.put(batch, *conversation);
  }
  const RunTable::Key run_key{record_.id(), static_cast<std::uint64_t>(s.run.sequence_id)};
  if (waiting.run)
    tables.runs.put_unchecked(batch, run_key, s.run);
  else
    tables.runs.add(batch, run_key, s.run);
  tables.run_states.put_unchecked(batch, {record_.id(), s.run.id}, s.state);
  tables.activity.put(batch, {record_.id()}, activity, record_.activity_version());
  tables.agents.require(batch, {record_.id()}, record_.version());
  failpoint("input.store");
  return batch;
}

// A new run with the rows that find it. Its own row is the caller's to write.
Run ThreadRuns::add_run(const Waiting& waiting, const RunOptions& options, AgentActivity& activity,
                        Batch& batch) const {
  const AgentTables& tables = record_.tables();
  const SendMessage& request = waiting.request;
  Run run;
  run.id = waiting.run_id;
  run.org_id = record_.agent().org_id;
  run.agent_id = record_.id();
  run.conversation_id = thread_.conversation_id();
  run.sequence_id = ++activity.runs_count;
  ++activity.open_runs;
  run.run_type = request.is_async  ? "send_message_async"
                 : options.streams ? "send_message_streaming"
                                   : "send_message";
  run.request_config = request_config(options);
  run.created_at = record_.next_time();
  run.background = options.background;
  run.http_request_id = request.http_request_id;
  run.callback_url = request.callback_url;
  tables.children.add(batch, {run.id}, {record_.id(), run.sequence_id});
  for (const std::string& token : waiting.tokens)
    tables.otids.put_unchecked(batch, {record_.id(), thread_.id(), token},
                               {run.id, run.created_at});
  return run;
}

void ThreadRuns::on_begun(std::unique_ptr<Slot> slot, Waiting& waiting) {
  failpoint("input.stored");
  slot_ = std::move(slot);
  record_.stored(std::move(std::exchange(slot_->change, nullptr)->activity));
  slot_->api = api_options(slot_->state.options, record_.agent().agent_type);
  slot_->replies = std::move(waiting.joined);
  if (!waiting.run && slot_->state.options.streams)
    waiting.reply(Answer{"", slot_->run.id});
  else if (!waiting.run)
    slot_->replies.push_back(std::move(waiting.reply));
  slot_->is_cancelled = std::exchange(is_cancelled_early_, false);
  if (slot_->state.options.has_pings)
    publish({ping_event("ping-" + new_uuid(*record_.services().random), slot_->run.id,
                        record_.services().clock->now())},
            false);
  begin_turn();
}

void ThreadRuns::cancel() {
  if (!slot_) return;
  failpoint("cancel.model");
  slot_->is_cancelled = true;
  if (slot_->call_id != 0) port_.cancel_model(slot_->provider_name, slot_->call_id);
  for (const std::string& id : slot_->external_calls) port_.cancel_tool(id);
  if (compaction_.is_busy()) compaction_.cancel();
}

void ThreadRuns::cancel(std::function<void(Status)> done) {
  slot_->replies.push_back(when_ended(slot_->run, std::move(done)));
  cancel();
}

// However it has ended: what has failed by itself is over, too.
Reply<Answer> ThreadRuns::when_ended(const Run& run, std::function<void(Status)> done) const {
  const RunTable::Key key{record_.id(), static_cast<std::uint64_t>(run.sequence_id)};
  return [this, key, done = std::move(done)](const Result<Answer>& answer) {
    const auto ended = record_.tables().runs.get(key);
    if (answer || (ended && ended->value.completed_at)) return done({});
    done(answer.error());
  };
}

void ThreadRuns::cancel_pending(std::optional<std::vector<std::string>> run_ids,
                                Reply<Answer> reply) {
  deny_pending({cancel_reason, std::move(run_ids), {}}, std::move(reply));
}

void ThreadRuns::expire_pending(std::string request_id, Reply<Answer> reply) {
  deny_pending({expiry_reason, {}, std::move(request_id)}, std::move(reply));
}

void ThreadRuns::deny_pending(PendingDenial denial, Reply<Answer> reply) {
  const auto change = std::make_shared<RunChange>();
  commits_.add({[this, change, denial = std::move(denial)]() -> Result<Batch> {
                  // The decision has come, and its run has yet to store what follows from it.
                  if (slot_)
                    return Error{Errc::conflict, "CONFLICT: the calls are being processed", ""};
                  REVERIE_CHECK(record_.load());
                  REVERIE_TRY(*change, deny_pending_change(thread_, denial));
                  failpoint("cancel.store");
                  return std::move(change->batch);
                },
                [this, change, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  failpoint("cancel.stored");
                  record_.stored(std::move(change->activity));
                  reply(Answer{"", change->run.id});
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

void ThreadRuns::abandon(const Error& why) {
  abandoned_ = why;
  abandon_queue(why);
  if (!slot_) return compaction_.drop(why);
  has_leftovers_ = true;  // until the deletion is stored, which takes it along
  const auto ended = std::move(slot_);
  slot_ = nullptr;
  compaction_.drop(why);
  if (ended->call_id != 0) port_.cancel_model(ended->provider_name, ended->call_id);
  for (const std::string& id : ended->external_calls) port_.cancel_tool(id);
  for (const auto& reply : ended->replies) reply(why);
  publish_to(*ended,
             {stop_reason_event("error"),
              error_event(ended->run.id, "internal_error", why.message, why.message)},
             true);
}

void ThreadRuns::take_up() {
  abandoned_.reset();
  resume();
}

void ThreadRuns::resume() {
  will_resume_ = false;
  has_leftovers_ = true;
  start_next();
}

// Makes the run that was under way the one under way, and puts those that waited into the queue.
void ThreadRuns::resume_open() {
  if (!record_.load()) return;
  std::optional<RunState> oldest;
  std::vector<RunState> queued;
  const auto visited = visit_open_runs(record_, [&](RunState state) {
    if (state.conversation_id.value_or("") != thread_.id()) return true;
    if (!state.queued_request.empty()) {
      queued.push_back(std::move(state));
    } else {
      has_leftovers_ = oldest.has_value();
      if (!oldest) oldest = std::move(state);
    }
    return true;
  });
  if (!visited) return;
  restore_queue(std::move(queued));
  if (!oldest) return;
  auto slot = std::make_unique<Slot>();
  slot->state = *std::move(oldest);
  const auto sequence = static_cast<std::uint64_t>(slot->state.run_sequence_id);
  auto run = record_.tables().runs.get({record_.id(), sequence});
  if (!run) return;  // damaged: said by whoever reads it
  slot->run = std::move(run->value);
  slot->api = api_options(slot->state.options, record_.agent().agent_type);
  if (slot->run.background) {
    auto log = EventLog::load(record_.tables(), record_.id(), slot->run.sequence_id);
    if (!log) return;
    slot->log = *std::move(log);
  }
  slot->event_number = resumed_events_from * (slot->state.resume_attempts + 1);
  ++slot->state.resume_attempts;
  slot_ = std::move(slot);
  if (slot_->state.resume_attempts > record_.services().settings->runs.resume_attempts_max)
    return end_run(
      "error", Error{Errc::internal, "the run was interrupted too often by the end of the server",
                     "runs.resume_attempts_max"});
  log_info("agent: goes on with an interrupted run agent={} run={} attempt={}", record_.id(),
           slot_->run.id, slot_->state.resume_attempts);
  const auto build = [this, run_id = slot_->run.id]() -> Result<Batch> {
    REVERIE_CHECK(check_current(run_id));
    REVERIE_CHECK(record_.load());
    Batch batch;
    record_.tables().run_states.put_unchecked(batch, {record_.id(), run_id}, slot_->state);
    failpoint("resume.store");
    return batch;
  };
  commits_.add({build, [this, run_id = slot_->run.id](const Status& status) {
                  if (!is_running(run_id)) return;
                  if (!status) return give_up(status.error());
                  failpoint("resume.stored");
                  if (auto said = recall_said(); !said)
                    return end_run("error", std::move(said).error());
                  begin_turn();
                }});
}

Status visit_open_runs(const AgentRecord& record, const std::function<bool(RunState)>& visit) {
  REVERIE_TRY(const Home home, home_of(record.id()));
  const Page<RunStateTable::Key> all{std::nullopt, Order::ascending,
                                     std::numeric_limits<std::size_t>::max()};
  return record.tables().run_states.scan_page(
    home, key_bytes(record.id()), all,
    [&](const RunStateTable::Key&, RunState state) { return visit(std::move(state)); });
}

}  // namespace reverie
