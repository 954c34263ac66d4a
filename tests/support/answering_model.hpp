// A model that answers as the test says, and remembers what it was asked.

#pragma once

#include "actors/agent_actor.hpp"
#include "actors/model_actor.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace reverie::testing {

// What a model answers; nothing: it is silent until it is cancelled.
using Answering = std::function<std::optional<Result<Completion>>(const LlmRequest&)>;

struct AnsweringModel {
  std::vector<LlmRequest> asked;
  Answering answering;
  std::set<std::int64_t> silent;  // calls that wait

  static bool asks_for_summary(const LlmRequest& request) {
    return request.tools.empty()
           && request.messages.front().text.starts_with("You write summaries");
  }
  std::size_t summaries() const {
    return static_cast<std::size_t>(std::count_if(asked.begin(), asked.end(), asks_for_summary));
  }
};

inline void tell(ModelActor::pointer self, const caf::strong_actor_ptr& agent, std::int64_t call_id,
                 Result<Completion> answer) {
  self->send(caf::actor_cast<AgentActor>(agent),
             ModelDone{call_id, std::make_shared<const Result<Completion>>(std::move(answer))});
}

inline ModelActor::behavior_type answering_model_actor(ModelActor::pointer self,
                                                       AnsweringModel* model) {
  return {
    [self, model](AskModel& message) {
      model->asked.push_back(*message.request);
      if (auto answer = model->answering(*message.request))
        tell(self, self->current_sender(), message.call_id, *std::move(answer));
      else
        model->silent.insert(message.call_id);
    },
    [self, model](const CancelModel& message) {
      if (model->silent.erase(message.call_id) != 0)
        tell(self, self->current_sender(), message.call_id,
             Error{Errc::llm_cancelled, "cancelled", ""});
    },
    [](const ModelDone&) {},
  };
}

inline Result<Completion> text(std::string words) {
  Completion completion;
  completion.text = std::move(words);
  return completion;
}

inline Result<Completion> call_of(std::string tool, std::string arguments) {
  Completion completion;
  completion.tool_calls = {{"call-1", std::move(tool), std::move(arguments)}};
  return completion;
}

}  // namespace reverie::testing
