#include "actors/router_actor.hpp"

#include "actors/shard_actor.hpp"
#include "config/ids.hpp"
#include "storage/store.hpp"
#include "storage/tables/child_table.hpp"

#include <utility>

namespace reverie {

Result<ShardActor> RouterState::shard(const std::string& object_id) const {
  REVERIE_TRY(const Home home, home_of(object_id));
  const auto number = shard_of(home, static_cast<std::int64_t>(shards.size()) - 1);
  return shards[static_cast<std::size_t>(number)];
}

namespace {

using RouterPointer = RouterActor::stateful_pointer<RouterState>;

const ReaderActor& next_of(const std::vector<ReaderActor>& actors, std::size_t& next) {
  next = (next + 1) % actors.size();
  return actors[next];
}

// A request that names a run, step or message goes to the agent that it belongs to.
Status find_agent(const Store& store, Routed& routed) {
  if (routed.object_id.starts_with("agent-")) return {};
  const auto child = Table<ChildTable>{store}.get({routed.object_id});
  if (!child) {
    const Errc code = child.error().code;
    if (code != Errc::not_found && code != Errc::invalid_argument) return child.error();
    return Error{Errc::not_found, "'" + routed.object_id + "' not found", ""};
  }
  routed.object_id = child->value.agent_id;
  return {};
}

// `delegate` keeps the sender: who asked is answered past the router.
caf::result<Answer> pass_on(RouterPointer self, const Store& store, Routed& routed) {
  RouterState& state = self->state;
  const Owner owner = routed.payload.owner();
  if (owner == Owner::reader)
    return self->delegate(next_of(state.readers, state.next_reader), std::move(routed));
  if (owner == Owner::scanner)
    return self->delegate(next_of(state.scanners, state.next_scanner), std::move(routed));
  if (owner == Owner::agent)
    if (auto found = find_agent(store, routed); !found) return to_caf(found.error());
  const auto shard = state.shard(routed.object_id);
  if (!shard) return to_caf(shard.error());
  return self->delegate(*shard, std::move(routed));
}

// A listener whose run has a malformed id hears nothing.
template <class Message>
void to_run(RouterPointer self, Message& message) {
  if (const auto shard = self->state.shard(message.run_id))
    self->delegate(*shard, std::move(message));
}

}  // namespace

RouterActor::behavior_type router_actor(RouterPointer self, const Store* store,
                                        std::vector<ShardActor> shards,
                                        std::vector<ReaderActor> readers,
                                        std::vector<ReaderActor> scanners) {
  self->state.shards = std::move(shards);
  self->state.readers = std::move(readers);
  self->state.scanners = std::move(scanners);
  return {
    [self, store](Routed& routed) { return pass_on(self, *store, routed); },
    [self](Subscribe& message) { to_run(self, message); },
    [self](Credit& message) { to_run(self, message); },
    [self](Unsubscribe& message) { to_run(self, message); },
    [self](ResumeRuns& message) {
      if (const auto shard = self->state.shard(message.agent_id))
        self->send(*shard, std::move(message));
    },
  };
}

}  // namespace reverie
