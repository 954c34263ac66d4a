#include "actors/agent_conversations.hpp"

#include "actors/conversation_thread.hpp"
#include "actors/system_message.hpp"
#include "actors/thread_runs.hpp"
#include "config/failpoint.hpp"
#include "config/json_text.hpp"
#include "runtime/llm/model_settings.hpp"
#include "runtime/views/views.hpp"

#include <memory>
#include <utility>

namespace reverie {

namespace {

// The model need not be known: its provider may be away just now, and a message says so then.
Status check_model(const std::optional<std::string>& model, const RawJson& settings,
                   const std::optional<std::int64_t>& context_window) {
  if (context_window && *context_window < 1)
    return Error{Errc::invalid_argument, "expected a number of tokens above 0",
                 "body.context_window_limit"};
  if (model) {
    const auto slash = model->find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == model->size())
      return Error{
        Errc::bad_request,
        "INVALID_ARGUMENT: expected a model as provider/model-name, got '" + *model + "'",
        "body.model"};
  }
  if (settings.is_null()) return {};
  const Json json = Json::parse(settings.text, nullptr, false);
  const auto type = json.is_object() ? json.value("provider_type", Json()) : Json();
  LlmConfig unused;
  auto applied = apply_model_settings(
    settings, type.is_string() ? type.get<std::string>() : std::string(), Absent::keep, unused);
  if (!applied) return std::move(applied).error().in("body");
  return {};
}

std::string answer_of(const Conversation& conversation) {
  std::string json;
  append_conversation_json(json, conversation, {});
  return json;
}

}  // namespace

void AgentConversations::commit(Make make, Reply<Answer> reply) {
  const auto draft = std::make_shared<Draft>();
  commits_.add({[this, draft, make = std::move(make)]() -> Result<Batch> {
                  REVERIE_CHECK(record_.load());
                  *draft = {};
                  REVERIE_CHECK(make(*draft));
                  if (draft->activity)
                    record_.tables().activity.put(draft->batch, {record_.id()}, *draft->activity,
                                                  record_.activity_version());
                  failpoint("conversation.store");
                  return std::move(draft->batch);
                },
                [this, draft, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  failpoint("conversation.stored");
                  if (draft->activity) record_.stored(*std::move(draft->activity));
                  reply(Answer{std::move(draft->answer), ""});
                },
                [this](const RecordVersion&) {
                  record_.forget();
                  return true;
                }});
}

Conversation AgentConversations::new_conversation(const std::string& user_id) const {
  Conversation conversation;
  conversation.id = record_.new_child(Prefix::conv);
  conversation.org_id = record_.agent().org_id;
  conversation.agent_id = record_.id();
  conversation.created_by_id = user_id;
  conversation.last_updated_by_id = user_id;
  conversation.created_at = record_.services().clock->now();
  conversation.updated_at = conversation.created_at;
  return conversation;
}

Status AgentConversations::start(Draft& draft, const CoreMemory& memory, Context shared) {
  const AgentTables& tables = record_.tables();
  Conversation& conversation = draft.conversation;
  draft.activity = record_.activity();
  share_messages(record_, shared, conversation.id, draft.batch);
  REVERIE_CHECK(refresh_system_message(record_, memory, conversation, *draft.activity,
                                       std::move(shared), draft.batch));
  tables.conversations.add(draft.batch, {record_.id(), conversation.id}, conversation);
  tables.children.add(draft.batch, {conversation.id}, {record_.id(), 0});
  draft.answer = answer_of(conversation);
  return {};
}

void AgentConversations::handle(CreateConversation request, const std::string& user_id,
                                Reply<Answer> reply) {
  if (auto valid = check_model(request.model, request.model_settings, request.context_window_limit);
      !valid)
    return reply(std::move(valid).error());
  commit(
    [this, request, user_id](Draft& draft) -> Status {
      draft.conversation = new_conversation(user_id);
      draft.conversation.summary = request.summary;
      draft.conversation.description = request.description;
      draft.conversation.context_window_limit = request.context_window_limit;
      draft.conversation.model = request.model;
      draft.conversation.model_settings = request.model_settings;
      draft.conversation.hidden = request.hidden;
      REVERIE_TRY(const CoreMemory memory, record_.memory());
      if (request.isolated_block_labels)
        REVERIE_CHECK(isolate_blocks(record_, memory, *request.isolated_block_labels, user_id,
                                     draft.conversation, draft.batch));
      // The copies are what they were made of: the agent's memory is the conversation's too.
      return start(draft, memory, {});
    },
    std::move(reply));
}

void AgentConversations::handle(UpdateConversation request, const std::string& user_id,
                                Reply<Answer> reply) {
  if (auto valid = check_model(request.model, request.model_settings, request.context_window_limit);
      !valid)
    return reply(std::move(valid).error());
  commit(
    [this, request, user_id](Draft& draft) -> Status {
      REVERIE_TRY(auto stored, record_.conversation(request.conversation_id));
      Conversation& conversation = stored.value;
      const Timestamp now = record_.services().clock->now();
      if (request.summary) conversation.summary = request.summary;
      if (request.description) conversation.description = request.description;
      if (request.context_window_limit)
        conversation.context_window_limit = request.context_window_limit;
      if (request.archived == false) conversation.archived_at.reset();
      if (request.archived == true && !conversation.archived_at) conversation.archived_at = now;
      if (request.model) conversation.model = request.model;
      if (!request.model_settings.is_null()) conversation.model_settings = request.model_settings;
      if (request.last_message_at) conversation.last_message_at = request.last_message_at;
      conversation.last_updated_by_id = user_id;
      conversation.updated_at = now;
      record_.tables().conversations.put(draft.batch, {record_.id(), conversation.id}, conversation,
                                         stored.version);
      draft.answer = answer_of(conversation);
      return {};
    },
    std::move(reply));
}

void AgentConversations::handle(ForkConversation request, const std::string& user_id,
                                Reply<Answer> reply) {
  commit([this, request, user_id](Draft& draft) { return fork(draft, request, user_id); },
         std::move(reply));
}

Status AgentConversations::fork(Draft& draft, const ForkConversation& request,
                                const std::string& user_id) {
  draft.conversation = new_conversation(user_id);
  draft.conversation.hidden = request.hidden;
  std::optional<Conversation> source;
  if (!is_default_thread(request.conversation_id)) {
    REVERIE_TRY(auto stored, record_.conversation(request.conversation_id));
    source = std::move(stored.value);
    draft.conversation.model = source->model;
    draft.conversation.model_settings = source->model_settings;
    draft.conversation.context_window_limit = source->context_window_limit;
    REVERIE_CHECK(copy_isolated_blocks(record_, *source, user_id, draft.conversation, draft.batch));
  }
  REVERIE_TRY(Context context, record_.context(source ? source->id : ""));
  REVERIE_TRY(Context shared, context_to_share(record_, std::move(context), request.message_id));
  REVERIE_TRY(const CoreMemory memory, source ? record_.memory(*source) : record_.memory());
  return start(draft, memory, std::move(shared));
}

void AgentConversations::handle(RecompileConversation request, const std::string&,
                                Reply<Answer> reply) {
  const bool is_dry_run = request.dry_run.value_or(false);
  const auto make = [this, request, is_dry_run](Draft& draft) -> Status {
    REVERIE_TRY(auto stored, record_.conversation(request.conversation_id));
    Conversation& conversation = stored.value;
    REVERIE_TRY(const CoreMemory memory, record_.memory(conversation));
    REVERIE_TRY(Context context, record_.context(conversation.id));
    const auto recall =
      record_.activity().messages_count - static_cast<std::int64_t>(context.sequence_ids.size());
    append_json_string(draft.answer, record_.compile_prompt(conversation, memory, recall).text);
    if (is_dry_run) return {};
    draft.activity = record_.activity();
    conversation.prompt_digest.clear();
    REVERIE_CHECK(refresh_system_message(record_, memory, conversation, *draft.activity,
                                         std::move(context), draft.batch));
    record_.tables().conversations.put(draft.batch, {record_.id(), conversation.id}, conversation,
                                       stored.version);
    return {};
  };
  if (!is_dry_run) return commit(make, std::move(reply));
  Draft draft;
  if (auto made = make(draft); !made) return reply(std::move(made).error());
  reply(Answer{std::move(draft.answer), ""});
}

// A run would go on to write into what is gone.
Status AgentConversations::check_no_run(const std::string& conversation_id) const {
  std::optional<std::string> run_id;
  REVERIE_CHECK(visit_open_runs(record_, [&](const RunState& state) {
    if (state.conversation_id == conversation_id) run_id = state.run_id;
    return !run_id;
  }));
  if (!run_id) return {};
  return Error{Errc::conflict,
               "CONFLICT: Cannot delete the conversation: another request (run_id=" + *run_id
                 + ") is currently being processed for it.",
               ""};
}

void AgentConversations::handle(DeleteConversation request, const std::string&,
                                Reply<Answer> reply) {
  erase(std::move(request.conversation_id), std::move(reply));
}

// One commit, unless it has many messages: then these go first, and what a crash leaves is an
// emptier conversation that can be deleted again.
void AgentConversations::erase(std::string conversation_id, Reply<Answer> reply) {
  const auto is_done = std::make_shared<bool>(false);
  const auto build = [this, is_done, conversation_id]() -> Result<Batch> {
    REVERIE_CHECK(record_.load());
    REVERIE_TRY(const auto conversation, record_.conversation(conversation_id));
    REVERIE_CHECK(check_no_run(conversation_id));
    Batch batch;
    REVERIE_TRY(*is_done, release_messages(record_, conversation_id, batch));
    if (*is_done)
      REVERIE_CHECK(erase_conversation(record_, conversation, batch));
    else
      record_.tables().contexts.erase_unchecked(batch, {record_.id(), conversation_id});
    return batch;
  };
  commits_.add({build, [this, is_done, conversation_id, reply](Status status) {
                  if (!status) return reply(std::move(status).error());
                  if (!*is_done) return erase(conversation_id, reply);
                  reply(Answer{"null", ""});
                }});
}

}  // namespace reverie
