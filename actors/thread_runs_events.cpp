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

// Logs of runs that ended long ago that one new run takes away: more than a run adds.
constexpr int old_logs_per_run = 4;

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
  if (options.background)
    slot.unsaved.insert(slot.unsaved.end(), out.events.begin(), out.events.end());
  port_.publish(std::move(out));
}

// With the commit that is being built. It may be built again.
void ThreadRuns::prepare_events(std::vector<std::string> events, bool is_end, Batch& batch) {
  Slot& s = *slot_;
  const RunOptions& options = s.state.options;
  s.prepared.clear();
  if (!options.streams) return;
  s.prepared = numbered(events, s.event_number, options.background, is_end);
  if (!options.background) return;
  const auto put = [&](const StreamEvent& event) {
    record_.tables().run_events.put_unchecked(
      batch,
      {record_.id(), static_cast<std::uint64_t>(s.run.sequence_id),
       static_cast<std::uint64_t>(event.number)},
      {*event.frame, event.is_last});
  };
  std::for_each(s.unsaved.begin(), s.unsaved.end(), put);
  std::for_each(s.prepared.begin(), s.prepared.end(), put);
}

// The commit is durable.
void ThreadRuns::send_prepared() {
  Slot& s = *slot_;
  s.unsaved.clear();
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

// One that ended long ago is not listened to any more.
Status ThreadRuns::erase_old_events(Timestamp now, Batch& batch) const {
  const AgentTables& tables = record_.tables();
  REVERIE_TRY(const Home home, home_of(record_.id()));
  const std::chrono::seconds age{record_.services().settings->runs.events_age_s};
  Page<RunEventTable::Key> page{std::nullopt, Order::ascending, 1};
  for (int i = 0; i < old_logs_per_run; ++i) {
    std::optional<std::uint64_t> oldest;
    REVERIE_CHECK(tables.run_events.scan_page(home, key_bytes(record_.id()), page,
                                              [&](const RunEventTable::Key& key, const RunEvent&) {
                                                oldest = key.run_sequence_id;
                                                return false;
                                              }));
    if (!oldest) return {};
    const auto run = tables.runs.get({record_.id(), *oldest});
    if (run && (!run->value.completed_at || now - *run->value.completed_at < age)) return {};
    tables.run_events.erase_range(batch, home, key_bytes(record_.id(), *oldest));
    page.after = RunEventTable::Key{record_.id(), *oldest, ~std::uint64_t{0}};
  }
  return {};
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

void ThreadRuns::join(const std::string& run_id, bool is_stream, Reply<Answer> reply) {
  if (slot_ && slot_->run.id == run_id && !is_stream) {
    slot_->replies.push_back(std::move(reply));
    return;
  }
  const AgentTables& tables = record_.tables();
  const auto child = tables.children.get({run_id});
  if (!child) return reply(child.error());
  const auto run =
    tables.runs.get({record_.id(), static_cast<std::uint64_t>(child->value.sequence_id)});
  if (!run) return reply(run.error());
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

// From its beginning. Of one without a log, what it has said and how it ended.
Status ThreadRuns::publish_again(const Run& run) {
  if (run.background) return publish_kept(run, 0);
  if (is_running(run.id)) return {};
  REVERIE_TRY(const auto events,
              stored_events(record_.tables(), run, api_options({}, record_.agent().agent_type)));
  port_.publish(RunEvents{run.id, numbered(events, 0, false, true)});
  return {};
}

}  // namespace reverie
