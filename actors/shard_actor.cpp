#include "actors/shard_actor.hpp"

#include "actors/agent_actor.hpp"
#include "actors/ask.hpp"
#include "actors/block_actor.hpp"
#include "actors/run_actor.hpp"
#include "actors/tools_actor.hpp"
#include "config/failpoint.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace reverie {

namespace {

// What the commits of a group are told that was not appended.
Error error_of(AppendOutcome outcome) {
  switch (outcome) {
    case AppendOutcome::fenced:
      return {Errc::unavailable, "the shard has moved to another node", "commit"};
    case AppendOutcome::refused: return {Errc::internal, "the log refused the group", "commit"};
    case AppendOutcome::full:
      return {Errc::unavailable, "the disk is full: nothing was written", "storage.data_dir"};
    default: return {Errc::timeout, "the log did not confirm the commit", "commit"};
  }
}

}  // namespace

std::int64_t shard_of(Home home, std::int64_t shards) {
  if (home == Home::global) return shards;
  return static_cast<std::int64_t>(home) * shards >> 14;
}

Status ShardState::init(const Store& store, std::int64_t shard, std::size_t waiting_max) {
  store_ = &store;
  shard_ = shard;
  waiting_max_ = waiting_max;
  REVERIE_TRY(sequence_, store.sequence(shard));
  return {};
}

void ShardState::add(Commit commit, Reply<CommitAnswer> reply) {
  if (stopped_) return reply(*stopped_);
  if (waiting_.size() >= waiting_max_)
    return reply(Error{Errc::unavailable, "too many commits wait for the disk", "commit"});
  if (auto valid = store_->check(commit); !valid) return reply(std::move(valid).error());
  waiting_.push_back({std::move(commit), std::move(reply)});
}

std::optional<Group> ShardState::next_group() {
  if (!in_flight_.empty()) return std::nullopt;
  Group group{shard_, 0, sequence_ + 1, {}};
  std::size_t bytes = 0;
  std::set<std::pair<std::string, std::string>> claimed;  // (family, key) of preconditions
  while (!waiting_.empty() && group.writes.size() < group_commits_max) {
    Commit& commit = waiting_.front().commit;
    bytes += commit.writes.size();
    if (bytes > group_bytes_max && !group.writes.empty()) break;
    // The store does not show yet what this group writes, so a commit that depends
    // on it waits for the next one, and the others behind it, to keep the order.
    if (std::any_of(commit.preconditions.begin(), commit.preconditions.end(), [&](const auto& p) {
          return claimed.contains({p.family, p.key});
        }))
      break;
    auto reply = std::move(waiting_.front().reply);
    auto conflict = find_conflict(commit);
    if (!conflict) {
      reply(std::move(conflict).error());
    } else if (*conflict) {
      reply(CommitAnswer{0, **conflict});
    } else {
      for (const auto& p : commit.preconditions) claimed.insert({p.family, p.key});
      group.writes.push_back(std::move(commit.writes));
      in_flight_.push_back(std::move(reply));
    }
    waiting_.pop_front();
  }
  if (group.writes.empty()) return std::nullopt;
  sequence_ = group.sequence;
  return group;
}

void ShardState::on_append(AppendOutcome outcome) {
  const auto replies = std::exchange(in_flight_, {});
  if (outcome == AppendOutcome::ok) {
    failpoint("commit.answer");
    for (const auto& reply : replies) reply(CommitAnswer{sequence_, std::nullopt});
    return;
  }
  for (const auto& reply : replies) reply(error_of(outcome));
  if (outcome == AppendOutcome::full) {
    --sequence_;
    return;
  }
  stopped_ = outcome == AppendOutcome::fenced
               ? error_of(outcome)
               : Error{Errc::unavailable, "the shard has stopped after a failed write", "commit"};
  for (auto& waiting : std::exchange(waiting_, {})) waiting.reply(*stopped_);
}

Result<std::optional<RecordVersion>> ShardState::find_conflict(const Commit& commit) const {
  for (const RecordVersion& expected : commit.preconditions) {
    REVERIE_TRY(const std::int64_t version, store_->version(expected));
    if (version != expected.version)
      return std::optional{RecordVersion{expected.family, expected.key, version}};
  }
  return std::optional<RecordVersion>{};
}

namespace {

using ShardPointer = ShardActor::stateful_pointer<ShardState>;

void append_next(ShardPointer self, const LogActor& log) {
  auto group = self->state.next_group();
  if (!group) return;
  const auto go_on = [self, log](AppendOutcome outcome) {
    self->state.on_append(outcome);
    append_next(self, log);
  };
  ask(self, log, AppendGroup{*std::move(group)})
    .then([go_on](const Appended& appended) { go_on(appended.outcome); },
          [go_on](const caf::error&) { go_on(AppendOutcome::unknown); });
}

// At least; those that were asked to leave and had work to do are asked again after it.
constexpr std::chrono::seconds sweep_interval{5};
// A stream that nobody listens to: long enough for a listener on its way.
constexpr std::chrono::seconds run_idle{10};

// CAF's clock, which tests move.
Residents::Time now(ShardPointer self) {
  return self->clock().now();
}

// Spawns with the shard as the owner: when an actor ends, its object sleeps.
template <class Handle>
ResidentActor owned(ShardPointer self, const Handle& actor) {
  self->monitor(actor);
  return caf::actor_cast<ResidentActor>(actor);
}

ResidentActor wake_agent(ShardPointer self, const Services* services, const std::string& id) {
  return owned(self, self->spawn(agent_actor, services, ShardActor{self}, id));
}

ResidentActor wake_block(ShardPointer self, const Services* services, const std::string& id) {
  return owned(self, self->spawn(block_actor, services, ShardActor{self}, id));
}

ResidentActor wake_tools(ShardPointer self, const Services* services, const std::string& org_id) {
  return owned(self, self->spawn(tools_actor, services, ShardActor{self}, org_id));
}

ResidentActor wake_run(ShardPointer self, const Services* services, const std::string& id) {
  return owned(self, self->spawn(run_actor, services, ShardActor{self}, id));
}

// One timer for all residents, for when the first of them can be idle: a node of thousands that
// rest does nothing in the meantime.
void arm_sweep(ShardPointer self, Residents::Time at) {
  if (at >= self->state.sweep_at) return;
  self->state.sweep_at = at;
  self->delayed_send(self, at - now(self), Tick{});
}

// `delegate` keeps the sender: the object's actor answers it, past the shard.
caf::result<Answer> pass_on(ShardPointer self, const Services* services, Routed& routed) {
  const auto idle = std::chrono::seconds{services->settings->actors.idle_s};
  const Owner owner = routed.payload.owner();
  const auto time = now(self);
  auto actor = self->state.residents.find(routed.object_id, time, idle, [&] {
    if (owner == Owner::block) return wake_block(self, services, routed.object_id);
    if (owner == Owner::tools) return wake_tools(self, services, routed.object_id);
    return wake_agent(self, services, routed.object_id);
  });
  if (!actor) return to_caf(actor.error());
  arm_sweep(self, time + idle);
  if (owner == Owner::block)
    return self->delegate(caf::actor_cast<BlockActor>(*actor), std::move(routed));
  if (owner == Owner::tools)
    return self->delegate(caf::actor_cast<ToolsActor>(*actor), std::move(routed));
  return self->delegate(caf::actor_cast<AgentActor>(*actor), std::move(routed));
}

// Events of a run and those who listen to it meet at the run's actor. When too many objects are
// awake nobody hears; a client's connection has a limit of its own.
template <class Message>
void to_run(ShardPointer self, const Services* services, Message& message) {
  const auto time = now(self);
  const auto run = self->state.residents.find(
    message.run_id, time, run_idle, [&] { return wake_run(self, services, message.run_id); });
  if (!run) return;
  self->delegate(caf::actor_cast<RunActor>(*run), std::move(message));
  arm_sweep(self, time + run_idle);
}

void resume(ShardPointer self, const Services* services, ResumeRuns& message) {
  const auto idle = std::chrono::seconds{services->settings->actors.idle_s};
  const auto time = now(self);
  const auto agent = self->state.residents.find(
    message.agent_id, time, idle, [&] { return wake_agent(self, services, message.agent_id); });
  if (!agent) return;
  self->send(caf::actor_cast<AgentActor>(*agent), std::move(message));
  arm_sweep(self, time + idle);
}

// Asks those that nobody needs to leave; they come back with Leave.
void sweep(ShardPointer self) {
  ShardState& state = self->state;
  const auto time = now(self);
  if (time < state.sweep_at) return;  // an earlier timer has done its work
  state.sweep_at = Residents::Time::max();
  for (const ResidentActor& actor : state.residents.idle(time)) self->send(actor, Tick{});
  if (!state.residents.empty())
    arm_sweep(self, std::max(state.residents.first_idle(), time + sweep_interval));
}

}  // namespace

ShardActor::behavior_type shard_actor(ShardPointer self, const Services* services,
                                      const LogActor& log, std::int64_t shard) {
  const auto& limits = services->settings->actors;
  self->state.residents.init(static_cast<std::size_t>(limits.resident_max));
  if (auto started =
        self->state.init(*services->store, shard, static_cast<std::size_t>(limits.shard_queue_max));
      !started)
    self->quit(to_caf(started.error()));  // who asks is told: unavailable
  self->set_down_handler(
    [self](caf::down_msg& down) { self->state.residents.on_down(down.source.id()); });
  // Its objects end with their shard: nobody could commit for them.
  self->set_exit_handler([self](const caf::exit_msg& message) {
    for (const ResidentActor& actor : self->state.residents.all())
      self->send_exit(actor, message.reason);
    self->quit(message.reason);
  });
  return {
    [self](Commit& commit) {
      auto promise = self->make_response_promise<CommitAnswer>();
      self->state.add(std::move(commit), reply_to(promise));
      // Behind what is in the mailbox already, so that all of it becomes one group.
      if (self->state.is_first()) self->send(self, Flush{});
      return promise;
    },
    [self, services](Routed& routed) { return pass_on(self, services, routed); },
    [self, services](RunEvents& events) { to_run(self, services, events); },
    [self, services](Subscribe& message) { to_run(self, services, message); },
    [self, services](Credit& message) { to_run(self, services, message); },
    [self, services](Unsubscribe& message) { to_run(self, services, message); },
    [self, services](ResumeRuns& message) { resume(self, services, message); },
    [self](const Leave& message) {
      if (self->state.residents.may_leave(message.object_id, message.handled))
        self->send_exit(caf::actor_cast<caf::actor>(self->current_sender()),
                        caf::exit_reason::normal);
    },
    [self, log](Flush) { append_next(self, log); },
    [self](Tick) { sweep(self); },
  };
}

}  // namespace reverie
