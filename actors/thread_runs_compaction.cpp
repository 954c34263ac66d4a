// How a run keeps its context within the model's window, and how a client asks for it.

#include "actors/run_slot.hpp"
#include "actors/token_counts.hpp"
#include "config/failpoint.hpp"
#include "config/json_writer.hpp"
#include "runtime/compaction/context_overflow.hpp"
#include "runtime/compaction/cut.hpp"
#include "runtime/llm/llm_config.hpp"
#include "runtime/messages/packaged.hpp"
#include "runtime/time_format.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reverie {

namespace {

// Who writes summaries, when it is not the agent's own model.
struct Summariser {
  ModelConfig model;
  std::shared_ptr<Provider> provider;
};

Result<Summariser> summariser_of(const CompactionSettings& settings, const Services& services) {
  REVERIE_TRY(ResolvedModel resolved, services.providers->resolve(*settings.model));
  ModelRequest request;
  request.model_settings = settings.model_settings;
  REVERIE_TRY(
    const AgentModel model,
    make_agent_model(resolved.info, request, services.settings->models.context_window_max));
  REVERIE_TRY(ModelConfig config, model_config_of(model));
  return Summariser{std::move(config), std::move(resolved.provider)};
}

std::string compaction_json(const std::string& summary, std::int64_t before, std::int64_t after) {
  std::string json;
  JsonObjectWriter{json}
    .add("summary", summary)
    .add("num_messages_before", before)
    .add("num_messages_after", after);
  return json;
}

// The summary that a thread has already, if it has one.
std::string summary_in(const std::vector<Message>& context) {
  const auto found = std::find_if(context.rbegin(), context.rend(), is_summary);
  return found == context.rend() ? "" : unpack_summary(text_of(*found)).text;
}

}  // namespace

TokenScale ThreadRuns::scale() const {
  return token_scale(record_.activity(), slot_->turn->setup().model_info.handle);
}

// The model has refused the step as too long. Each time more goes, at last all that can.
bool ThreadRuns::compact_after_overflow() {
  constexpr std::array forces{CompactionForce::as_configured, CompactionForce::all,
                              CompactionForce::without_summary};
  const auto tried = static_cast<std::size_t>(slot_->overflows);
  if (tried >= forces.size()) return false;
  ++slot_->overflows;
  return compact_for_step("context_window_exceeded", forces[tried]);
}

// False: there is nothing that could be taken out. What the client has just sent stays.
bool ThreadRuns::compact_for_step(std::string trigger, CompactionForce force) {
  Slot& s = *slot_;
  auto context = turn_context();
  if (!context) return false;
  const TurnSetup& setup = s.turn->setup();
  std::int64_t other_bytes = s.request_bytes.tools;
  for (std::size_t i = s.state.input_sequence_ids.size(); i > 0 && context->size() > 1; --i) {
    other_bytes += bytes_of(context->back(), setup.model.context_window);
    context->pop_back();
  }
  if (!has_evictable(*context)) return false;
  auto settings = compaction_settings(record_.agent().compaction_settings, {});
  if (!settings) return false;
  show_compaction(trigger);
  ThreadCompaction::Job job = compaction_job(
    *std::move(settings), setup.model, setup.model_info.handle, s.provider, *std::move(context));
  job.input.force = force;
  job.input.other_bytes = other_bytes;
  job.trigger = std::move(trigger);
  job.run_id = s.run.id;
  job.shows_summary = s.state.options.shows_compactions;
  job.add_events = [this, run_id = s.run.id](const Message& summary, Batch& batch) {
    if (!is_running(run_id)) return;
    std::vector<std::string> events;
    if (slot_->api.shows_summaries) append_message_events(events, summary, slot_->api);
    prepare_events(*slot_, std::move(events), false, batch);
  };
  job.done = [this, run_id = s.run.id](const Result<ThreadCompaction::Outcome>& outcome) {
    if (is_running(run_id)) on_compacted(outcome);
  };
  compaction_.start(std::move(job));
  return true;
}

void ThreadRuns::on_compacted(const Result<ThreadCompaction::Outcome>& outcome) {
  Slot& s = *slot_;
  if (!outcome) {
    if (s.is_cancelled) return call_model();
    return give_up(outcome.error());
  }
  if (s.api.shows_summaries) append_api_messages(s.messages_json, outcome->summary, s.api);
  send_prepared(s);
  failpoint("compaction.told");
  s.skips_threshold = true;
  s.stays_over_threshold =
    outcome->compacted.tokens_after > compaction_threshold(s.turn->setup().model.context_window);
  call_model();
}

void ThreadRuns::show_compaction(const std::string& trigger) {
  Slot& s = *slot_;
  if (!s.api.shows_summaries || !s.api.types.has(MessageType::event_message)) return;
  const std::string id = new_uuid(*record_.services().random);
  const std::string date = to_iso_seconds(record_.services().clock->now());
  MessageHead head;
  head.id = id;
  head.date = date;
  head.type = to_string(MessageType::event_message);
  head.run_id = s.run.id;
  std::string event = compaction_event(head, trigger, scale().tokens(s.request_bytes.all()),
                                       s.turn->setup().model.context_window);
  if (!s.messages_json.empty()) s.messages_json += ',';
  s.messages_json += event;
  publish({std::move(event)}, false);
}

Error ThreadRuns::overflow_of_step() const {
  std::int64_t memory_bytes = 0;
  if (const auto memory = thread_.memory())
    for (const Block* block : memory->blocks())
      memory_bytes += static_cast<std::int64_t>(block->value.size());
  return context_overflow(slot_->request_bytes, std::min(memory_bytes, slot_->request_bytes.system),
                          scale(), slot_->turn->setup().model.context_window);
}

ThreadCompaction::Job ThreadRuns::compaction_job(CompactionSettings settings, ModelConfig model,
                                                 std::string handle,
                                                 std::shared_ptr<Provider> provider,
                                                 std::vector<Message> context) const {
  ThreadCompaction::Job job;
  job.own_provider = provider;
  job.summariser_provider = std::move(provider);
  job.input.summariser = model;
  const bool is_another =
    settings.model && (*settings.model != handle || !settings.model_settings.is_null());
  if (is_another) {
    // One that is not there is no reason to have no summary.
    if (auto other = summariser_of(settings, record_.services())) {
      job.input.summariser = std::move(other->model);
      job.summariser_provider = std::move(other->provider);
    }
  }
  job.input.scale = token_scale(record_.activity(), handle);
  job.input.agent_model = std::move(model);
  job.input.agent_model_handle = std::move(handle);
  job.input.settings = std::move(settings);
  job.input.context = std::move(context);
  job.input.timezone = record_.agent().timezone;
  // A summary of an agent whose tools cannot be read now is made without them.
  if (const auto tools = record_.tools())
    for (const ToolPointer& tool : *tools) job.input.tools.push_back(tool_spec(*tool));
  return job;
}

void ThreadRuns::compact(CompactMessages request, Reply<Answer> reply) {
  if (auto loaded = record_.load(); !loaded) return reply(std::move(loaded).error());
  auto settings =
    compaction_settings(record_.agent().compaction_settings, request.compaction_settings);
  if (!settings) return reply(std::move(settings).error().in("body.compaction_settings"));
  const auto queue_max = static_cast<std::size_t>(record_.services().settings->actors.queue_max);
  if (waiting_.size() >= queue_max) return reply(queue_is_full());
  waiting_.push_back({{}, "", std::move(reply), {}, std::move(request)});
  start_next();
}

// The thread is free.
void ThreadRuns::compact_now(CompactMessages request, Reply<Answer> reply) {
  if (auto loaded = record_.load(); !loaded) return reply(std::move(loaded).error());
  const Agent& agent = record_.agent();
  auto settings = compaction_settings(agent.compaction_settings, request.compaction_settings);
  if (!settings) return reply(std::move(settings).error().in("body.compaction_settings"));
  auto model = thread_.model();
  if (!model) return reply(std::move(model).error());
  auto provider = record_.services().providers->provider_of(model->handle);
  if (!provider) return reply(std::move(provider).error());
  const auto thread = thread_.context();
  if (!thread) return reply(thread.error());
  auto context = record_.messages(thread->sequence_ids);
  if (!context) return reply(std::move(context).error());
  if (!has_evictable(*context)) {
    const auto count = static_cast<std::int64_t>(context->size());
    return reply(Answer{compaction_json(summary_in(*context), count, count), ""});
  }
  ThreadCompaction::Job job =
    compaction_job(*std::move(settings), std::move(model->config), std::move(model->handle),
                   *std::move(provider), *std::move(context));
  for (const ToolSpec& tool : job.input.tools) job.input.other_bytes += bytes_of(tool);
  job.trigger = "manual";
  job.shows_summary = true;
  job.is_asked_for = true;
  job.done = [this, reply](const Result<ThreadCompaction::Outcome>& outcome) {
    if (outcome) {
      const Compacted& compacted = outcome->compacted;
      reply(Answer{
        compaction_json(compacted.summary, compacted.messages_before, compacted.messages_after),
        ""});
    } else {
      reply(outcome.error());
    }
    start_next();
  };
  compaction_.start(std::move(job));
}

}  // namespace reverie
