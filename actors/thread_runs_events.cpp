// What a run tells those who listen to it, and what it keeps for those who come back.
//
// Events of a background run are stored with the commit that they tell of; pieces of an answer with
// the commit of its step. Who listens again is given what is stored, then what comes.

#include "actors/run_answer.hpp"
#include "actors/run_slot.hpp"
#include "runtime/run_failure.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

std::shared_ptr<const std::string> frame_of(const std::string& event) {
  const bool is_error = event.starts_with(R"({"message_type":"error_message")");
  const std::string_view head = is_error ? "event: error\ndata: " : "data: ";
  auto frame = std::make_shared<std::string>();
  frame->reserve(head.size() + event.size() + 2);  // it is kept for those who listen later
  frame->append(head).append(event).append("\n\n");
  return frame;
}

std::shared_ptr<const std::string> done_frame() {
  static const auto done = std::make_shared<const std::string>("data: [DONE]\n\n");
  return done;
}

// Numbered from behind `last` on.
std::vector<StreamEvent> numbered(const std::vector<std::string>& events, std::int64_t last,
                                  bool has_numbers, bool is_end) {
  std::vector<StreamEvent> out;
  for (const std::string& event : events) {
    ++last;
    out.push_back({last, frame_of(has_numbers ? with_sequence_id(event, last) : event), false});
  }
  if (is_end) out.push_back({last + 1, done_frame(), true});
  return out;
}

}  // namespace

void ThreadRuns::publish(std::vector<std::string> events, bool is_last) {
  publish_to(*slot_, std::move(events), is_last);
}

void ThreadRuns::publish_to(Slot& slot, std::vector<std::string> events, bool is_last) {
  const RunOptions& options = slot.state.options;
  if (!options.streams || (events.empty() && !is_last)) return;
  RunEvents out{slot.run.id, numbered(events, slot.event_number, options.background, is_last)};
  slot.event_number = out.events.back().number;
  if (options.background) keep_unsaved(slot, out.events);
  port_.publish(std::move(out));
}

// What the log would not take is not held either.
void ThreadRuns::keep_unsaved(Slot& slot, const std::vector<StreamEvent>& events) const {
  for (const StreamEvent& event : events) slot.unsaved_bytes += event.frame->size();
  slot.unsaved.insert(slot.unsaved.end(), events.begin(), events.end());
  const auto bytes_max =
    static_cast<std::size_t>(record_.services().settings->runs.events_bytes_max);
  if (slot.unsaved_bytes <= bytes_max) return;
  auto first = slot.unsaved.begin();
  // Down to a half, so that a long answer is not moved with each of its pieces.
  for (; slot.unsaved_bytes > bytes_max / 2 && first + 1 != slot.unsaved.end(); ++first) {
    slot.unsaved_bytes -= first->frame->size();
    slot.unsaved_dropped = first->number;
  }
  slot.unsaved.erase(slot.unsaved.begin(), first);
}

// With the commit that is being built. It may be built again.
void ThreadRuns::prepare_events(Slot& s, std::vector<std::string> events, bool is_end,
                                Batch& batch) {
  const RunOptions& options = s.state.options;
  s.prepared.clear();
  s.prepared_log.reset();
  if (!options.streams) return;
  s.prepared = numbered(events, s.event_number, options.background, is_end);
  if (!options.background) return;
  std::vector<StreamEvent> added = s.unsaved;
  added.insert(added.end(), s.prepared.begin(), s.prepared.end());
  if (added.empty()) return;
  const Services& services = record_.services();
  const RunLogTable::Key key{record_.id(), static_cast<std::uint64_t>(s.run.sequence_id)};
  EventLog log = s.log;
  log.drop_up_to(s.unsaved_dropped);
  log.add(record_.tables(), key, added,
          static_cast<std::size_t>(services.settings->runs.events_bytes_max), batch);
  if (is_end) log.end(services.clock->now());
  log.write(record_.tables(), key, batch);
  s.prepared_log = std::move(log);
}

// The commit is durable.
void ThreadRuns::send_prepared(Slot& s) {
  s.unsaved.clear();
  s.unsaved_bytes = 0;
  if (s.prepared_log) s.log = *std::exchange(s.prepared_log, std::nullopt);
  if (s.prepared.empty()) return;
  s.event_number = s.prepared.back().number;
  port_.publish(RunEvents{s.run.id, std::exchange(s.prepared, {})});
}

// Of the step that `change` stores.
std::vector<std::string> ThreadRuns::step_events(const RunChange& change) const {
  const Slot& s = *slot_;
  if (!s.state.options.streams) return {};
  // Who listens piece by piece knows already what was streamed, and what the client itself has
  // said.
  const bool is_known = s.turn->has_decisions() && s.state.options.streams_tokens
                        && std::all_of(s.turn->calls().begin(), s.turn->calls().end(),
                                       [](const PlannedCall& call) { return call.was_decided; });
  std::vector<std::string> events;
  for (const Message& message : change.messages)
    if (message.role == "tool" ? !is_known : !s.has_streamed)
      append_message_events(events, message, s.api);
  return events;
}

std::vector<std::string> ThreadRuns::end_events(const Run& run) {
  std::vector<std::string> events{stop_reason_event(*run.stop_reason)};
  if (run.error_message) {
    const Error error = error_of_run(run);
    events.push_back(
      error_event(run.id, run_failure(error.code).stream_type, error.message, *run.error_message));
  } else {
    events.push_back(usage_event(run.usage, run.steps_count, run.context_tokens));
  }
  return events;
}

// Gives who listens again what was stored of the run, and of the one under way what was not yet.
Status ThreadRuns::publish_kept(const Run& run, std::int64_t after) {
  REVERIE_TRY(const Home home, home_of(record_.id()));
  const auto sequence = static_cast<std::uint64_t>(run.sequence_id);
  const Page<RunEventTable::Key> page{
    RunEventTable::Key{record_.id(), sequence,
                       static_cast<std::uint64_t>(std::max<std::int64_t>(after, 0))},
    Order::ascending, std::numeric_limits<std::size_t>::max()};
  RunEvents out{run.id, {}};
  REVERIE_CHECK(record_.tables().run_events.scan_page(
    home, key_bytes(record_.id(), sequence), page,
    [&](const RunEventTable::Key& key, RunEvent event) {
      out.events.push_back({static_cast<std::int64_t>(key.number),
                            std::make_shared<const std::string>(std::move(event.frame)),
                            event.is_last});
      return true;
    }));
  if (is_running(run.id))
    for (const StreamEvent& event : slot_->unsaved)
      if (event.number > after) out.events.push_back(event);
  // Who has all of it is told that it was all.
  if (out.events.empty() && run.completed_at) out.events.push_back({after + 1, done_frame(), true});
  if (!out.events.empty()) port_.publish(std::move(out));
  return {};
}

// What a resumed run has said before the process died, for who asks again: the log of a background
// run has it already.
Status ThreadRuns::recall_said() {
  Slot& s = *slot_;
  REVERIE_TRY(const auto said, messages_said(record_.tables(), s.run));
  std::vector<std::string> events;
  for (const Message& message : said) {
    append_api_messages(s.messages_json, message, s.api);
    append_message_events(events, message, s.api);
  }
  if (!s.state.options.background) publish(std::move(events), false);
  return {};
}

void ThreadRuns::join(const std::string& run_id, const SendMessage& request, Reply<Answer> reply) {
  const bool is_stream = request.streaming.value_or(false) && !request.is_async;
  if (!is_stream && !request.is_async) {
    if (is_running(run_id)) return slot_->replies.push_back(std::move(reply));
    if (Waiting* queued = find_queued(run_id)) return queued->joined.push_back(std::move(reply));
  }
  const AgentTables& tables = record_.tables();
  const auto child = tables.children.get({run_id});
  if (!child) return reply(child.error());
  const auto run =
    tables.runs.get({record_.id(), static_cast<std::uint64_t>(child->value.sequence_id)});
  if (!run) return reply(run.error());
  if (request.is_async) return reply(run_answer(run->value));
  if (is_stream) {
    if (auto published = publish_again(run->value); !published)
      return reply(std::move(published).error());
    return reply(Answer{"", run_id});
  }
  if (run->value.error_message) return reply(error_of_run(run->value));
  const auto said = messages_said(tables, run->value);
  if (!said) return reply(said.error());
  const ApiMessageOptions api = api_options({}, record_.agent().agent_type);
  std::string json;
  for (const Message& message : *said) append_api_messages(json, message, api);
  reply(Answer{run_answer_json(json, run->value), run_id});
}

Status ThreadRuns::check_kept(const Run& run, std::int64_t after) const {
  const auto log =
    record_.tables().run_logs.get({record_.id(), static_cast<std::uint64_t>(run.sequence_id)});
  if (!log && log.error().code != Errc::not_found) return log.error();
  if (!log && run.completed_at)
    return Error{Errc::gone, "Run was created too long ago: its events are gone", ""};
  if (!log || after >= log->value.dropped) return {};
  return Error{Errc::gone,
               "The events up to " + std::to_string(log->value.dropped)
                 + " of this run are not kept any more: it has said more than "
                   "runs.events_bytes_max. Its messages are complete",
               ""};
}

// From its beginning. Of one whose log is not whole, what it has said and how it ended.
Status ThreadRuns::publish_again(const Run& run) {
  const bool is_whole = run.background && check_kept(run, 0);
  if (is_whole) return publish_kept(run, 0);
  if (is_running(run.id)) return {};
  REVERIE_TRY(const auto events,
              stored_events(record_.tables(), run, api_options({}, record_.agent().agent_type)));
  port_.publish(RunEvents{run.id, numbered(events, 0, false, true)});
  return {};
}

}  // namespace reverie
