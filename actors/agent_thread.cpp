#include "actors/agent_thread.hpp"

#include "actors/system_message.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

std::optional<std::string> AgentThread::conversation_id() const {
  if (is_default()) return std::nullopt;
  return conversation_id_;
}

void AgentThread::put_context(Batch& batch, const Context& context) const {
  record_->tables().contexts.put_unchecked(batch, {record_->id(), conversation_id_}, context);
}

Result<CoreMemory> AgentThread::memory() const {
  if (is_default()) return record_->memory();
  REVERIE_TRY(const auto conversation, record_->conversation(conversation_id_));
  return record_->memory(conversation.value);
}

// A conversation's model has no larger window than the agent's, whose prompts were made for it,
// unless the conversation says how large its own is to be.
Result<AgentThread::Model> AgentThread::model() const {
  const Agent& agent = record_->agent();
  Model model{agent.model, record_->model()};
  if (is_default()) return model;
  REVERIE_TRY(const auto stored, record_->conversation(conversation_id_));
  const Conversation& conversation = stored.value;
  const auto& limit = conversation.context_window_limit;
  if (!conversation.model && conversation.model_settings.is_null() && !limit) return model;
  const Services& services = record_->services();
  std::optional<ResolvedModel> resolved;
  if (conversation.model) {
    REVERIE_TRY(resolved, services.providers->resolve(*conversation.model));
    model.handle = *conversation.model;
  }
  ModelRequest request;
  request.model_settings = conversation.model_settings;
  REVERIE_TRY(const AgentModel changed,
              change_agent_model({agent.model, agent.llm_config, agent.model_settings},
                                 resolved ? &resolved->info : nullptr, request,
                                 services.settings->models.context_window_max));
  std::int64_t window = limit.value_or(model.config.context_window);
  REVERIE_TRY(model.config, model_config_of(changed));
  if (limit && !resolved)
    if (auto own = services.providers->resolve(model.handle)) resolved = *std::move(own);
  if (resolved) window = std::min(window, resolved->info.context_window);
  model.config.context_window = window;
  return model;
}

Result<std::optional<Stored<Conversation>>> AgentThread::conversation() const {
  if (is_default()) return std::optional<Stored<Conversation>>{};
  REVERIE_TRY(auto conversation, record_->conversation(conversation_id_));
  return std::optional{std::move(conversation)};
}

void AgentThread::put(Batch& batch, const Stored<Conversation>& conversation) const {
  record_->tables().conversations.put(batch, {record_->id(), conversation_id_}, conversation.value,
                                      conversation.version);
}

Status AgentThread::refresh_system_message(std::optional<Stored<Conversation>>& conversation,
                                           AgentActivity& activity, Context context, bool is_forced,
                                           Batch& batch) const {
  if (!conversation) {
    if (is_forced) activity.prompt_digest.clear();
    return reverie::refresh_system_message(*record_, activity, std::move(context), batch);
  }
  if (is_forced) conversation->value.prompt_digest.clear();
  REVERIE_TRY(const CoreMemory memory, record_->memory(conversation->value));
  return reverie::refresh_system_message(*record_, memory, conversation->value, activity,
                                         std::move(context), batch);
}

}  // namespace reverie
