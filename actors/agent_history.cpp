// What people do to an agent's past: its messages, runs and steps as they are stored.

#include "actors/agent_state.hpp"
#include "actors/system_message.hpp"
#include "actors/thread_start.hpp"
#include "config/json_text.hpp"
#include "runtime/messages/api_messages.hpp"
#include "runtime/views/views.hpp"

#include <utility>

namespace reverie {

void AgentState::handle(RecompileAgent request, const Routed&, Reply<Answer> reply) {
  const auto memory = record_->memory();
  const auto context = record_->context("");
  if (!memory) return reply(memory.error());
  if (!context) return reply(context.error());
  const auto recall =
    record_->activity().messages_count - static_cast<std::int64_t>(context->sequence_ids.size());
  std::string json;
  append_json_string(json, record_->compile_prompt(*memory, recall).text);
  if (request.dry_run.value_or(false)) return reply(Answer{json, ""});
  const auto activity = std::make_shared<AgentActivity>();
  commits_.add({[this, activity]() -> Result<Batch> {
                  REVERIE_CHECK(record_->load());
                  Batch batch;
                  *activity = record_->activity();
                  activity->prompt_digest.clear();
                  REVERIE_TRY(Context thread, record_->context(""));
                  REVERIE_CHECK(
                    refresh_system_message(*record_, *activity, std::move(thread), batch));
                  record_->tables().activity.put(batch, {record_->id()}, *activity,
                                                 record_->activity_version());
                  return batch;
                },
                [this, activity, reply, json](Status status) {
                  if (!status) return reply(std::move(status).error());
                  record_->stored(std::move(*activity));
                  reply(Answer{json, ""});
                },
                [this](const RecordVersion&) {
                  record_->forget();
                  return true;
                }});
}

// The context starts again with a system message of its own; the old one and all that was said
// are deleted, as the API has it.
void AgentState::handle(ResetMessages request, const Routed&, Reply<Answer> reply) {
  if (!runs_->empty())
    return reply(
      Error{Errc::conflict, "CONFLICT: a message to this agent is currently being processed", ""});
  const auto activity = std::make_shared<AgentActivity>();
  commits_.add(
    {[this, activity, request]() -> Result<Batch> {
       REVERIE_CHECK(record_->load());
       Batch batch;
       REVERIE_TRY(
         *activity,
         reset_messages(*record_, request.add_default_initial_messages.value_or(false), batch));
       record_->tables().activity.put(batch, {record_->id()}, *activity,
                                      record_->activity_version());
       return batch;
     },
     [this, activity, request, reply](Status status) {
       if (!status) return reply(std::move(status).error());
       record_->stored(std::move(*activity));
       answer_agent(request.is_sdk_v1, reply);
     },
     [this](const RecordVersion&) {
       record_->forget();
       return true;
     }});
}

// The text of a message that a person corrects. What a tool returned and what it was asked stay.
void AgentState::handle(ModifyMessage request, const Routed&, Reply<Answer> reply) {
  const auto child = record_->tables().children.get({request.message_id});
  const MessageTable::Key key{record_->id(),
                              child ? static_cast<std::uint64_t>(child->value.sequence_id) : 0};
  auto message = record_->tables().messages.get(key);
  if (!child || !message || message->value.id != request.message_id)
    return reply(
      Error{Errc::not_found, "Message with id '" + request.message_id + "' not found", ""});
  const Json content = Json::parse(request.content.text, nullptr, false);
  if (!content.is_string())
    return reply(Error{Errc::invalid_argument, "expected string", "body.content"});
  Message changed = std::move(message->value);
  std::erase_if(changed.content, [](const ContentPart& part) { return part.type == "text"; });
  ContentPart part;
  part.text = content.get<std::string>();
  changed.content.push_back(std::move(part));
  commits_.add({[this, key, changed]() -> Result<Batch> {
                  Batch batch;
                  record_->tables().messages.put_unchecked(batch, key, changed);
                  return batch;
                },
                [changed, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  std::string json;
                  append_api_messages(json, changed, {});
                  reply(Answer{json.empty() ? "null" : json, ""});
                }});
}

void AgentState::handle(DeleteRun request, const Routed&, Reply<Answer> reply) {
  if (runs_->is_running(request.run_id))
    return reply(Error{Errc::conflict, "CONFLICT: the run is currently being processed", ""});
  const auto child = record_->tables().children.get({request.run_id});
  if (!child) return reply(Error{Errc::not_found, "Run not found", ""});
  const RunTable::Key key{record_->id(), static_cast<std::uint64_t>(child->value.sequence_id)};
  commits_.add(
    {[this, key, run_id = request.run_id]() -> Result<Batch> {
       Batch batch;
       record_->tables().runs.erase_unchecked(batch, key);
       if (const auto home = home_of(record_->id()))
         record_->tables().run_events.erase_range(batch, *home,
                                                  key_bytes(record_->id(), key.sequence_id));
       record_->tables().run_logs.erase_unchecked(batch, {key.agent_id, key.sequence_id});
       record_->tables().run_callbacks.erase_unchecked(batch, {key.agent_id, key.sequence_id});
       record_->tables().children.erase_unchecked(batch, {run_id});
       return batch;
     },
     [reply](Status status) {
       if (!status) return reply(std::move(status).error());
       reply(Answer{"null", ""});
     }});
}

void AgentState::handle(ModifyStepFeedback request, const Routed&, Reply<Answer> reply) {
  if (request.feedback.value && *request.feedback.value != "positive"
      && *request.feedback.value != "negative")
    return reply(
      Error{Errc::invalid_argument, "expected positive, negative or null", "body.feedback"});
  modify_step(
    request.step_id,
    [request](Step& step) {
      request.feedback.apply_to(step.feedback);
      if (request.tags) step.tags = *request.tags;
    },
    std::move(reply));
}

void AgentState::handle(ModifyStepTransaction request, const Routed&, Reply<Answer> reply) {
  modify_step(
    request.step_id, [request](Step& step) { step.tid = request.transaction_id; },
    std::move(reply));
}

void AgentState::modify_step(const std::string& step_id, std::function<void(Step&)> edit,
                             Reply<Answer> reply) {
  const auto child = record_->tables().children.get({step_id});
  const StepTable::Key key{record_->id(),
                           child ? static_cast<std::uint64_t>(child->value.sequence_id) : 0};
  auto step = record_->tables().steps.get(key);
  if (!child || !step || step->value.id != step_id)
    return reply(Error{Errc::not_found, "Step not found", ""});
  edit(step->value);
  commits_.add({[this, key, changed = std::move(step->value)]() -> Result<Batch> {
                  Batch batch;
                  record_->tables().steps.put_unchecked(batch, key, changed);
                  return batch;
                },
                [this, step_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  const ViewContext context{*services_->store, *services_->providers,
                                            record_->agent().org_id, ""};
                  auto json = answer_request(context, RetrieveStep{step_id});
                  if (!json) return reply(std::move(json).error());
                  reply(Answer{*std::move(json), ""});
                }});
}

}  // namespace reverie
