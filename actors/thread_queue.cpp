// What waits for its turn on a thread.
//
// A client that waits for an answer waits with its connection, and what it sent is nowhere else.
// One that was told its run's id is not there any more, so its run has its place on the disk before
// it is told: with the request, whose messages join the history when their turn has come.

#include "actors/run_answer.hpp"
#include "actors/run_request.hpp"
#include "actors/run_slot.hpp"
#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "runtime/views/view_parts.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace reverie {

struct ThreadRuns::Draft {
  std::int64_t ticket = 0;
  Run run;
  AgentActivity activity;
  std::optional<std::string> accepted;  // the run that the same input has started meanwhile
};

Answer ThreadRuns::run_answer(const Run& run) {
  std::string json;
  append_run_json(json, run);
  return {std::move(json), run.id};
}

// What interrupts goes in front, behind what has interrupted before it.
void ThreadRuns::enqueue(Waiting waiting) {
  const bool interrupts = waiting.interrupts();
  const bool is_stored = waiting.ticket == 0;
  auto place = waiting_.end();
  if (interrupts)
    place = std::find_if_not(waiting_.begin(), waiting_.end(),
                             [](const Waiting& each) { return each.interrupts(); });
  waiting_.insert(place, std::move(waiting));
  if (interrupts && is_stored) cancel();
  start_next();
}

ThreadRuns::Waiting* ThreadRuns::find_ticket(std::int64_t ticket) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& each) { return each.ticket == ticket; });
  return found == waiting_.end() ? nullptr : &*found;
}

ThreadRuns::Waiting* ThreadRuns::find_queued(const std::string& run_id) {
  const auto is_meant = [&](const Waiting& each) { return each.run && each.run->id == run_id; };
  if (accepting_ && is_meant(*accepting_)) return accepting_.get();
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), is_meant);
  return found == waiting_.end() ? nullptr : &*found;
}

bool ThreadRuns::is_queued(const std::string& run_id) const {
  return const_cast<ThreadRuns*>(this)->find_queued(run_id) != nullptr;
}

ThreadRuns::Waiting ThreadRuns::take(const Waiting* waiting) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& each) { return &each == waiting; });
  Waiting taken = std::move(*found);
  waiting_.erase(found);
  return taken;
}

// Its place is taken at once; nobody behind it starts before it is stored.
void ThreadRuns::acknowledge(Waiting waiting) {
  const auto draft = std::make_shared<Draft>();
  draft->ticket = waiting.ticket = ++last_ticket_;
  enqueue(std::move(waiting));
  commits_.add({[this, draft] { return draft_run(*draft); },
                [this, draft](Status status) { on_acknowledged(*draft, std::move(status)); },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

Result<Batch> ThreadRuns::draft_run(Draft& draft) {
  REVERIE_CHECK(record_.load());
  REVERIE_CHECK(check_not_paused());
  const Waiting* const waiting = find_ticket(draft.ticket);
  if (!waiting) return Error{Errc::not_found, "the agent is being deleted", record_.id()};
  const SendMessage& request = waiting->request;
  draft.accepted = find_accepted(request, waiting->tokens);
  if (draft.accepted) return Error{Errc::conflict, "the same input has its run", *draft.accepted};
  const AgentTables& tables = record_.tables();
  RunState state;
  state.options = options_of(request, waiting->user_id);
  if (state.options.override_model) {
    REVERIE_TRY([[maybe_unused]] auto model,
                record_.services().providers->resolve(*state.options.override_model));
  }
  REVERIE_TRY([[maybe_unused]] const auto input, read_request(request, record_));
  REVERIE_TRY([[maybe_unused]] const auto conversation, thread_.conversation());
  Batch batch;
  draft.activity = record_.activity();
  draft.run = add_run(*waiting, state.options, draft.activity, batch);
  state.run_id = draft.run.id;
  state.run_sequence_id = draft.run.sequence_id;
  state.conversation_id = thread_.conversation_id();
  state.queued_request = encode(request);
  tables.runs.add(batch, {record_.id(), static_cast<std::uint64_t>(draft.run.sequence_id)},
                  draft.run);
  tables.run_states.put_unchecked(batch, {record_.id(), draft.run.id}, state);
  tables.activity.put(batch, {record_.id()}, draft.activity, record_.activity_version());
  tables.agents.require(batch, {record_.id()}, record_.version());
  failpoint("queue.store");
  return batch;
}

void ThreadRuns::on_acknowledged(const Draft& draft, Status status) {
  if (status) {
    failpoint("queue.stored");
    record_.stored(draft.activity);
  }
  Waiting* const waiting = find_ticket(draft.ticket);
  if (!waiting) return;  // the agent is being deleted, and the client was told
  if (!status) {
    const Waiting refused = take(waiting);
    if (draft.accepted)
      join(*draft.accepted, refused.request, refused.reply);
    else
      refused.reply(std::move(status).error());
    return start_next();
  }
  waiting->ticket = 0;
  waiting->run = draft.run;
  const auto reply = std::exchange(waiting->reply, nullptr);
  reply(waiting->request.is_async ? run_answer(draft.run) : Answer{"", draft.run.id});
  if (waiting->interrupts()) cancel();
  start_next();
}

// In the order of the runs, which is that in which they were accepted.
void ThreadRuns::restore_queue(std::vector<RunState> states) {
  const bool has_unstored = std::any_of(waiting_.begin(), waiting_.end(),
                                        [](const Waiting& each) { return each.ticket != 0; });
  if (has_unstored) {
    has_leftovers_ = true;  // one of the rows may be of these: when they are stored
    return;
  }
  std::sort(states.begin(), states.end(), [](const RunState& a, const RunState& b) {
    return a.run_sequence_id < b.run_sequence_id;
  });
  for (RunState& state : states) {
    if (is_queued(state.run_id)) continue;
    auto run =
      record_.tables().runs.get({record_.id(), static_cast<std::uint64_t>(state.run_sequence_id)});
    auto request = decode<SendMessage>(state.queued_request);
    if (!run || !request) {
      log_error("agent: a run that waits cannot be read agent={} run={}", record_.id(),
                state.run_id);
      continue;
    }
    Waiting waiting{*std::move(request), std::move(state.options.user_id), nullptr, {}};
    waiting.run = std::move(run->value);
    waiting.run_id = waiting.run->id;
    const bool interrupts = waiting.interrupts();
    const auto place = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& each) {
      return !each.run || (interrupts && !each.interrupts());
    });
    waiting_.insert(place, std::move(waiting));
  }
}

bool ThreadRuns::cancel_queued(const std::string& run_id, std::function<void(Status)> done) {
  const Waiting* const waiting = find_queued(run_id);
  if (!waiting) return false;
  if (waiting == accepting_.get()) {
    is_cancelled_early_ = true;
    accepting_->joined.push_back(when_ended(*accepting_->run, std::move(done)));
    return true;
  }
  end_queued(take(waiting), "cancelled", std::nullopt, std::move(done));
  return true;
}

// Its turn has come and it cannot begin. What the disk does not take waits for the next request, an
// interval, or the next start; who waits for its end is told.
void ThreadRuns::refuse(Waiting waiting, Error why) {
  if (why.code == Errc::unavailable || why.code == Errc::timeout) {
    for (const auto& reply : std::exchange(waiting.joined, {})) reply(why);
    waiting_.push_front(std::move(waiting));
    return resume_later();
  }
  end_queued(std::move(waiting), "error", std::move(why), [this](const Status&) { start_next(); });
}

std::unique_ptr<ThreadRuns::Slot> ThreadRuns::slot_of(Waiting waiting) const {
  auto slot = std::make_unique<Slot>();
  slot->run = *std::move(waiting.run);
  slot->state.run_id = slot->run.id;
  slot->state.run_sequence_id = slot->run.sequence_id;
  slot->state.conversation_id = thread_.conversation_id();
  slot->state.options = options_of(waiting.request, waiting.user_id);
  slot->replies = std::move(waiting.joined);
  return slot;
}

// What it was to say was never said: its input is in no history.
void ThreadRuns::end_queued(Waiting waiting, std::string stop_reason, std::optional<Error> error,
                            std::function<void(Status)> done) {
  const std::shared_ptr<Slot> slot = slot_of(std::move(waiting));
  commits_.add({[this, slot, stop_reason = std::move(stop_reason),
                 error = std::move(error)]() -> Result<Batch> {
                  REVERIE_CHECK(record_.load());
                  REVERIE_TRY(RunChange change,
                              end_change(thread_, slot->run, slot->state, stop_reason, error));
                  prepare_events(*slot, end_events(change.run), true, change.batch);
                  slot->change = std::make_unique<RunChange>(std::move(change));
                  failpoint("queue.end");
                  return std::move(slot->change->batch);
                },
                [this, slot, done = std::move(done)](const Status& status) {
                  if (status) {
                    failpoint("queue.ended");
                    slot->run = std::move(slot->change->run);
                    record_.stored(std::move(slot->change->activity));
                    send_prepared(*slot);
                    tell_end(*slot);
                  } else {
                    has_leftovers_ = true;  // it still waits, on the disk
                    for (const auto& reply : slot->replies) reply(status.error());
                  }
                  done(status);
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

// Those that nobody was told are accepted.
void ThreadRuns::refuse_waiting(const Error& why) {
  std::list<Waiting> refused;
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    const auto next = std::next(each);
    if (!each->run && each->ticket == 0) refused.splice(refused.end(), waiting_, each);
    each = next;
  }
  for (const Waiting& each : refused) {
    each.reply(why);
    for (const auto& reply : each.joined) reply(why);
  }
}

void ThreadRuns::abandon_queue(const Error& why) {
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    if (waiting.reply) waiting.reply(why);
    for (const auto& reply : waiting.joined) reply(why);
    if (!waiting.run) continue;
    const auto slot = slot_of(std::move(waiting));
    publish_to(*slot,
               {stop_reason_event("error"),
                error_event(slot->run.id, "internal_error", why.message, why.message)},
               true);
  }
}

}  // namespace reverie
