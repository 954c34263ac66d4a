// What a model would be sent for a message, without sending it: the way of a run up to its first
// call, with nothing stored on it.

#include "actors/run_request.hpp"
#include "actors/run_slot.hpp"
#include "actors/system_message.hpp"
#include "actors/thread_approvals.hpp"

#include <utility>

namespace reverie {

// The system message as acceptance would make it anew.
Status ThreadRuns::refresh_prompt(std::vector<Message>& messages) const {
  REVERIE_TRY(const Context context, thread_.context());
  REVERIE_TRY(const auto stored, first_system_message(record_, context));
  REVERIE_TRY(const auto conversation, thread_.conversation());
  REVERIE_TRY(const CoreMemory memory, thread_.memory());
  const std::int64_t recall =
    record_.activity().messages_count - static_cast<std::int64_t>(context.sequence_ids.size());
  const auto prompt = conversation ? record_.compile_prompt(conversation->value, memory, recall)
                                   : record_.compile_prompt(memory, recall);
  const std::string& digest =
    conversation ? conversation->value.prompt_digest : record_.activity().prompt_digest;
  if (prompt.digest == digest || !stored || stored->content.empty()) return {};
  const std::string& before = stored->content.front().text;
  std::string& shown = messages.front().content.front().text;
  // An override hides it; what the client adds to it stays behind it.
  if (shown.starts_with(before)) shown.replace(0, before.size(), prompt.text);
  return {};
}

Result<Answer> ThreadRuns::preview(SendMessage request, std::string user_id) {
  REVERIE_CHECK(record_.load());
  if (request.stream_tokens || request.background || request.include_pings)
    request.streaming = true;
  REVERIE_CHECK(check_request(request));
  slot_ = std::make_unique<Slot>();
  slot_->state.options = options_of(request, std::move(user_id));
  slot_->run.id = record_.new_child(Prefix::run);
  slot_->run.first_message = record_.activity().messages_count + 1;
  REVERIE_TRY(auto input, read_request(request, record_));
  REVERIE_TRY(const Context context, thread_.context());
  REVERIE_CHECK(admit_input(input, context, record_));
  if (context.pending != 0)
    return Error{Errc::bad_request,
                 "INVALID_ARGUMENT: what follows from a decision depends on what its calls return",
                 "body.messages"};
  REVERIE_TRY(TurnSetup setup, turn_setup());
  REVERIE_TRY(auto messages, turn_context());
  REVERIE_CHECK(refresh_prompt(messages));
  for (Message& message : input) {
    message.id = record_.new_child(Prefix::message);
    messages.push_back(std::move(message));
  }
  TurnSources sources{[this](Prefix prefix) { return record_.new_child(prefix); },
                      [this] { return record_.services().clock->now(); }};
  AgentTurn turn{std::move(setup), std::move(sources)};
  if (turn.phase() != TurnPhase::call_model)
    return Error{Errc::bad_request, "INVALID_ARGUMENT: such a message calls no model",
                 "body.max_steps"};
  return Answer{slot_->provider->request_json(turn.begin_step(messages)), ""};
}

}  // namespace reverie
