#include "actors/node.hpp"

#include "actors/approval_expiry.hpp"
#include "actors/git_memory_actor.hpp"
#include "actors/log_actor.hpp"
#include "actors/model_actor.hpp"
#include "actors/reader_actor.hpp"
#include "actors/router_actor.hpp"
#include "actors/shard_actor.hpp"
#include "actors/sweep_actor.hpp"
#include "actors/worker_policy.hpp"
#include "storage/tables/run_callback_table.hpp"
#include "storage/tables/run_state_table.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/send.hpp>

namespace reverie {

namespace {

// Two lists that look at everything may run side by side; more would only wait for the disk.
constexpr std::size_t scanners_count = 2;

// Each a thread that sleeps when no memory is a repository.
constexpr std::size_t git_workers_count = 4;

struct NodeConfig : caf::actor_system_config {
  explicit NodeConfig(const ActorSettings& settings) {
    add_message_types<caf::id_block::reverie>();
    // Workers that wait on a condition cost nothing while a node is idle; those of CAF's default
    // policy look for work every 10 ms.
    load<caf::scheduler::coordinator<WorkerPolicy>>();
    // An actor that is flooded gives way to others after so many messages.
    set("scheduler.max-throughput", std::size_t{200});
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    set("scheduler.max-threads",
        settings.threads > 0 ? static_cast<std::size_t>(settings.threads) : std::size_t{cores});
  }
};

// One model actor for each provider, made when the first agent needs it.
class ModelActors {
 public:
  explicit ModelActors(caf::actor_system& system) : system_(&system) {}

  ModelActor of(const std::string& provider) {
    const std::lock_guard lock{mutex_};
    auto& actor = actors_[provider];
    if (!actor) actor = system_->spawn(model_actor, provider);
    return actor;
  }

  void clear() {
    const std::lock_guard lock{mutex_};
    for (auto& [provider, actor] : actors_)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    actors_.clear();
  }

 private:
  caf::actor_system* system_;
  std::mutex mutex_;
  std::map<std::string, ModelActor> actors_;
};

// Adds the agents that have rows in this family.
template <TableSchema Schema>
Status add_agents(const Store& store, std::set<std::string>& agents) {
  const std::unique_ptr<rocksdb::Iterator> row{
    store.db().NewIterator({}, store.family(Schema::family))};
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    typename Schema::Key key;
    if (decode_key(row->key().ToStringView(), key)) agents.insert(std::move(key.agent_id));
  }
  if (!row->status().ok()) return from_rocksdb(row->status(), Schema::family);
  return {};
}

// The agents that have runs which are not ended, or are to be told of. Reads families that are
// empty after a clean end.
Result<std::set<std::string>> agents_with_open_runs(const Store& store) {
  std::set<std::string> agents;
  REVERIE_CHECK(add_agents<RunStateTable>(store, agents));
  REVERIE_CHECK(add_agents<RunCallbackTable>(store, agents));
  return agents;
}

}  // namespace

struct Node::Impl {
  explicit Impl(const ActorSettings& settings) : config(settings), system(config), models(system) {}

  NodeConfig config;
  caf::actor_system system;
  ModelActors models;
  LogActor log;
  std::vector<ShardActor> shards;
  std::vector<ReaderActor> readers;
  std::vector<ReaderActor> scanners;
  std::vector<GitMemoryActor> git_workers;
  RouterActor router;
  SweepActor sweep;
  ApprovalExpiryActor expiry;  // null: approvals do not expire
};

Result<std::unique_ptr<Node>> Node::start(Services& services, Log& log) {
  REVERIE_TRY(const auto open, agents_with_open_runs(*services.store));
  auto impl = std::make_unique<Impl>(services.settings->actors);
  caf::actor_system& system = impl->system;
  services.model_actor = [models = &impl->models](const std::string& provider) {
    return models->of(provider);
  };
  impl->log = system.spawn<caf::detached>(log_actor, &log);
  const Services* shared = &services;
  for (std::int64_t number = 0; number <= services.store->identity().shards; ++number)
    impl->shards.push_back(system.spawn(shard_actor, shared, impl->log, number));
  for (std::size_t i = 0; i < system.scheduler().num_workers(); ++i)
    impl->readers.push_back(system.spawn(reader_actor, shared));
  for (std::size_t i = 0; i < scanners_count; ++i)
    impl->scanners.push_back(system.spawn<caf::detached>(reader_actor, shared));
  for (std::size_t i = 0; i < git_workers_count; ++i)
    impl->git_workers.push_back(
      system.spawn<caf::detached>(git_memory_actor, shared, i, git_workers_count));
  services.git_memory = [workers = &impl->git_workers](const std::string& agent_id) {
    return (*workers)[git_memory_share(agent_id, workers->size())];
  };
  for (const GitMemoryActor& worker : impl->git_workers) caf::anon_send(worker, Flush{});
  impl->router =
    system.spawn(router_actor, services.store, impl->shards, impl->readers, impl->scanners);
  services.router = impl->router;
  impl->sweep = system.spawn<caf::detached>(sweep_actor, shared, impl->shards);
  if (services.settings->approvals.expire_s > 0)
    impl->expiry = system.spawn(approval_expiry_actor, shared);
  for (const std::string& agent_id : open) caf::anon_send(impl->router, ResumeRuns{agent_id});
  return std::unique_ptr<Node>{new Node{std::move(impl)}};
}

Node::Node(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

// Who sends goes before who receives. What an actor had in its hands is in the store, or was
// never acknowledged.
Node::~Node() {
  const auto end = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  end(impl_->sweep);
  if (impl_->expiry) end(impl_->expiry);
  end(impl_->router);
  for (const auto& reader : impl_->readers) end(reader);
  for (const auto& scanner : impl_->scanners) end(scanner);
  impl_->models.clear();
  for (const auto& shard : impl_->shards) end(shard);
  for (const auto& worker : impl_->git_workers) end(worker);
  end(impl_->log);
}

caf::actor_system& Node::system() {
  return impl_->system;
}

const RouterActor& Node::router() const {
  return impl_->router;
}

}  // namespace reverie
