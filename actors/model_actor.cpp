#include "actors/model_actor.hpp"

#include "config/log_line.hpp"

#include <caf/send.hpp>

namespace reverie {

namespace {

using ModelPointer = ModelActor::stateful_pointer<ModelState>;

// The callbacks run on a thread of the provider and hold the actors by their control blocks:
// an agent that has ended gets nothing, and is not kept alive by a model that hangs.
void start(ModelPointer self, AskModel& message) {
  const caf::strong_actor_ptr agent = self->current_sender();
  const caf::weak_actor_ptr caller{agent.get()};
  const ModelState::Caller key{agent->id(), message.call_id};
  const std::int64_t call_id = message.call_id;
  auto on_delta = [caller, call_id](LlmDelta delta) {
    if (const auto to = caller.lock())
      caf::anon_send(caf::actor_cast<caf::actor>(to), ModelDelta{call_id, std::move(delta)});
  };
  auto on_completion = [caller, call_id,
                        me = caf::weak_actor_ptr{self->ctrl()}](Result<Completion> completion) {
    const ModelDone done{call_id,
                         std::make_shared<const Result<Completion>>(std::move(completion))};
    if (const auto to = caller.lock()) {
      const auto asker = caf::actor_cast<caf::actor>(to);
      caf::anon_send(asker, done);
      if (const auto self_ptr = me.lock())
        caf::send_as(asker, caf::actor_cast<caf::actor>(self_ptr), done);
    }
  };
  auto call = message.provider->complete(std::move(*message.request), std::move(on_delta),
                                         std::move(on_completion));
  if (call) self->state.calls.emplace(key, std::move(call));
}

}  // namespace

ModelActor::behavior_type model_actor(ModelPointer self, const std::string& provider) {
  log_debug("model: is called for the first time provider={}", provider);
  return {
    [self](AskModel& message) { start(self, message); },
    [self](const CancelModel& message) {
      const auto found = self->state.calls.find({self->current_sender()->id(), message.call_id});
      if (found != self->state.calls.end()) found->second->cancel();
    },
    [self](const ModelDone& message) {
      self->state.calls.erase({self->current_sender()->id(), message.call_id});
    },
  };
}

}  // namespace reverie
