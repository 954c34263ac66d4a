#include "actors/agent_actor.hpp"

#include "actors/ask.hpp"

#include <chrono>
#include <utility>

#include <caf/send.hpp>

namespace reverie {

namespace {

// How long a callback waits when too many are under way.
constexpr std::chrono::seconds callback_retry_interval{1};

// Between attempts at what the disk did not take: one line of the log for each.
constexpr std::chrono::seconds resume_interval{5};

using AgentPointer = AgentActor::stateful_pointer<AgentShell>;

class ActorPort final : public AgentPort {
 public:
  ActorPort(AgentPointer self, const Services* services, ShardActor shard, std::string agent_id)
    : self_(self), services_(services), shard_(std::move(shard)), agent_id_(std::move(agent_id)) {}

  void commit(Commit commit, CommitQueue::OnAnswer answer) override {
    ask(self_, shard_, std::move(commit))
      .then([answer](const CommitAnswer& done) { answer(done); },
            [answer](const caf::error& error) { answer(from_caf(error)); });
  }

  void ask_model(const std::string& provider, AskModel message) override {
    self_->send(services_->model_actor(provider), std::move(message));
  }

  void cancel_model(const std::string& provider, std::int64_t call_id) override {
    self_->send(services_->model_actor(provider), CancelModel{call_id});
  }

  void run_tool(ExternalCall call) override {
    // On a thread of the tool: an agent that has ended gets nothing.
    const caf::weak_actor_ptr agent{self_->ctrl()};
    const std::string id = call.id;
    services_->external->run(std::move(call), [agent, id](ToolOutcome outcome) {
      if (const auto to = agent.lock())
        caf::anon_send(caf::actor_cast<caf::actor>(to),
                       ToolDone{id, std::make_shared<const ToolOutcome>(std::move(outcome))});
    });
  }

  void cancel_tool(const std::string& call_id) override { services_->external->cancel(call_id); }

  // Through the shard, which wakes the agent when it has left by then.
  void resume_later() override {
    self_->delayed_send(shard_, resume_interval, ResumeRuns{agent_id_});
  }

  void publish(RunEvents events) override { self_->send(shard_, std::move(events)); }

  void send_callback(std::int64_t run_sequence_id, CallbackCall call) override {
    CallbackDone done{run_sequence_id, false, {}, {}};
    if (services_->callbacks == nullptr) {
      done.was_tried = true;
      done.error = "callbacks are not sent here";
      return self_->send(self_, std::move(done));
    }
    // On the client's thread: an agent that has ended gets nothing.
    const caf::weak_actor_ptr agent{self_->ctrl()};
    const bool is_sent = services_->callbacks->send(
      std::move(call), [agent, run_sequence_id](CallbackOutcome outcome) {
        if (const auto to = agent.lock())
          caf::anon_send(caf::actor_cast<caf::actor>(to),
                         CallbackDone{run_sequence_id, true, outcome.status_code, outcome.error});
      });
    if (!is_sent) self_->delayed_send(self_, callback_retry_interval, std::move(done));
  }

  void edit_block(Routed request, std::function<void(Result<Answer>)> answer) override {
    ask(self_, services_->router, std::move(request))
      .then([answer](Answer& done) { answer(std::move(done)); },
            [answer](const caf::error& error) { answer(from_caf(error)); });
  }

  void keep_files(KeepFiles message, std::function<void(Result<FilesKept>)> answer) override {
    const GitMemoryActor worker = services_->git_memory(agent_id_);
    ask(self_, worker, std::move(message))
      .then([answer](FilesKept& kept) { answer(std::move(kept)); },
            [answer](const caf::error& error) { answer(from_caf(error)); });
  }

  void remove_files(std::function<void(Status)> answer) override {
    ask(self_, services_->git_memory(agent_id_), RemoveFiles{agent_id_})
      .then([answer](Flush) { answer({}); },
            [answer](const caf::error& error) { answer(from_caf(error)); });
  }

 private:
  AgentPointer self_;
  const Services* services_;
  ShardActor shard_;
  std::string agent_id_;
};

}  // namespace

AgentActor::behavior_type agent_actor(AgentPointer self, const Services* services,
                                      const ShardActor& shard, const std::string& agent_id) {
  self->state.port = std::make_unique<ActorPort>(self, services, shard, agent_id);
  self->state.agent.init(*services, agent_id, *self->state.port);
  return {
    [self](Routed& request) {
      ++self->state.handled;
      auto promise = self->make_response_promise<Answer>();
      self->state.agent.handle(std::move(request), reply_to(promise));
      return promise;
    },
    [self](const ResumeRuns&) {
      ++self->state.handled;
      self->state.agent.runs().resume();
    },
    [self](const ModelDelta& message) { self->state.agent.runs().on_delta(message); },
    [self](const ModelDone& message) { self->state.agent.on_done(message); },
    [self](const ToolDone& message) { self->state.agent.on_tool_done(message); },
    [self](const CallbackDone& message) { self->state.agent.runs().callbacks().on_done(message); },
    [self, shard, agent_id](Tick) {
      if (self->state.agent.is_idle()) self->send(shard, Leave{agent_id, self->state.handled});
    },
  };
}

}  // namespace reverie
