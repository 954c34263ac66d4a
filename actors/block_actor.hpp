// The actor of a memory block while somebody uses it.

#pragma once

#include "actors/commit_queue.hpp"
#include "actors/errors.hpp"
#include "actors/messages.hpp"
#include "actors/services.hpp"
#include "storage/tables.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

// What the actor knows and decides. Plain C++: tests call it without an actor
// system. Only the actor's thread touches it, hence no locks.
class BlockState {
 public:
  static inline const char* name = "reverie.block";  // CAF shows it in logs

  // Asks agents and calls back when all have answered, whatever they said.
  using AskAgents = std::function<void(std::vector<Routed> requests, std::function<void()> done)>;

  void init(const Services& services, std::string block_id, CommitQueue::Send send,
            AskAgents ask_agents);

  // Any request of Owner::block. An edit is made on the block as it is when its turn comes, so
  // that two editors never undo each other. Errors: not_found, invalid_argument, conflict (others
  // keep changing it), unavailable (the queue is full, or the shard says so).
  void handle(Routed request, Reply<Answer> reply);

  bool is_idle() const { return commits_.empty() && asked_ == 0; }

  std::int64_t handled = 0;  // messages that came through the shard

 private:
  void handle(CreateBlock request, const Routed& routed, Reply<Answer> reply);
  void handle(const ModifyBlock& request, const Routed& routed, Reply<Answer> reply);
  void handle(const DeleteBlock& request, const Routed& routed, Reply<Answer> reply);
  void handle(const EditBlock& request, const Routed& routed, Reply<Answer> reply);

  // After an edit: `answer` when the agents that keep their memory as files have it there. Those
  // wait for nobody that an edit from a repository (of `git_agent_id`) comes from: it may wait for
  // this answer.
  void answer_kept(const std::string& org_id, const std::string& git_agent_id,
                   std::function<void()> answer);
  Status check_label(const std::string& org_id, const std::string& label) const;

  // Errors: not_found, also when it belongs to another organisation.
  Result<Stored<Block>> load(const std::string& org_id) const;

  const Services* services_ = nullptr;
  std::string id_;
  std::optional<Table<BlockTable>> blocks_;
  std::optional<Table<OperationTable>> operations_;
  CommitQueue commits_;
  AskAgents ask_agents_;
  int asked_ = 0;  // times that agents were asked and have not all answered
};

// `shard` is the block's own, on this node.
BlockActor::behavior_type block_actor(BlockActor::stateful_pointer<BlockState> self,
                                      const Services* services, const ShardActor& shard,
                                      const std::string& block_id);

}  // namespace reverie
