#include "actors/agent_git_memory.hpp"

#include "config/failpoint.hpp"
#include "config/log_line.hpp"
#include "runtime/git_memory/block_path.hpp"
#include "runtime/git_memory/git_backed.hpp"
#include "runtime/views/page.hpp"
#include "storage/index_families.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace reverie {

namespace {

// Each pass but the last finds that somebody has edited or pushed during the one before.
constexpr int passes_max = 16;

void take_over(Block& block, const SyncedBlock& synced, Timestamp now) {
  block.label = synced.label;
  block.value = synced.content.value;
  std::erase(block.value, '\0');
  block.description = synced.content.description;
  block.read_only = synced.content.read_only;
  block.metadata = synced.content.metadata;
  block.updated_at = now;
}

// Calls `done` once when all have come, with the first error.
class Gathered {
 public:
  Gathered(std::size_t count, std::function<void(Status)> done)
    : left_(count), done_(std::move(done)) {}

  void add(Status status) {
    if (status_ && !status) status_ = std::move(status);
    if (--left_ == 0) done_(std::move(status_));
  }

 private:
  std::size_t left_;
  Status status_;
  std::function<void(Status)> done_;
};

}  // namespace

void AgentGitMemory::sync(Done done) {
  waiting_.push_back(std::move(done));
  if (!is_busy_) start();
}

void AgentGitMemory::sync_if_backed(std::function<void()> done) {
  if (!record_.is_loaded() || !is_git_backed(record_.agent().tags)) return done();
  sync([this, done = std::move(done)](const Result<std::int64_t>& result) {
    if (!result)
      log_warn("git: an edit is not committed agent={} error=\"{}\"", record_.id(),
               result.error().message);
    done();
  });
}

void AgentGitMemory::start() {
  is_busy_ = true;
  passes_ = 0;
  under_way_ = std::exchange(waiting_, {});
  pass();
}

void AgentGitMemory::finish(const Result<std::int64_t>& result) {
  is_busy_ = false;
  memory_ = {};
  for (const Done& done : std::exchange(under_way_, {})) done(result);
  if (!is_busy_ && !waiting_.empty()) start();
}

void AgentGitMemory::pass() {
  if (++passes_ > passes_max)
    return finish(Error{Errc::unavailable, "others keep changing the agent's memory", "git"});
  if (auto loaded = record_.load(); !loaded) return finish(std::move(loaded).error());
  auto memory = record_.memory();
  if (!memory) return finish(std::move(memory).error());
  memory_ = *std::move(memory);
  auto blocks = std::make_shared<std::vector<Block>>();
  for (const Block* block : memory_.blocks()) blocks->push_back(*block);
  port_.keep_files({record_.id(), std::move(blocks)}, [this](Result<FilesKept> kept) {
    if (!kept) return finish(std::move(kept).error());
    bytes_left_ = kept->bytes_left;
    if (kept->update.empty()) return finish(bytes_left_);
    apply(std::move(kept->update));
  });
}

void AgentGitMemory::apply(MemoryUpdate update) {
  const auto change = std::make_shared<Change>();
  change->update = std::move(update);
  commits_.add({[this, change] { return own_changes(*change); },
                [this, change](Status status) {
                  if (!status && change->is_stale) return pass();
                  if (!status) return finish(std::move(status).error());
                  failpoint("rows.stored");
                  if (change->agent) record_.stored(*std::move(change->agent));
                  edit_elsewhere(change->update.update);
                },
                [this, change](const RecordVersion&) {
                  record_.forget();
                  change->is_stale = true;
                  return true;
                }});
}

Result<Batch> AgentGitMemory::own_changes(Change& change) {
  if (change.is_stale) return Error{Errc::conflict, "the agent's memory has changed", "git"};
  REVERIE_CHECK(record_.load());
  const Timestamp now = record_.services().clock->now();
  const AgentTables& tables = record_.tables();
  Agent agent = record_.agent();
  Batch batch;
  for (const SyncedBlock& synced : change.update.create) {
    Block block;
    block.id = record_.new_child(Prefix::block);
    block.org_id = agent.org_id;
    block.created_at = now;
    take_over(block, synced, now);
    tables.blocks.add(batch, {block.id}, block);
    agent.block_ids.push_back(block.id);
  }
  for (const std::string& block_id : change.update.detach) std::erase(agent.block_ids, block_id);
  for (const SyncedBlock& synced : change.update.update) {
    if (!memory_.is_own(synced.label)) continue;
    Block block = *memory_.find(synced.label);
    take_over(block, synced, now);
    tables.blocks.put(batch, {block.id}, block, memory_.version_of(synced.label));
  }
  failpoint("rows.store");
  if (agent.block_ids == record_.agent().block_ids) {
    tables.agents.require(batch, {record_.id()}, record_.version());
    return batch;
  }
  agent.updated_at = now;
  tables.agents.put(batch, {record_.id()}, agent, record_.version());
  change.agent = std::move(agent);
  return batch;
}

// What goes wrong there shows in the next pass, as a difference that is still there.
void AgentGitMemory::edit_elsewhere(const std::vector<SyncedBlock>& updates) {
  std::vector<const SyncedBlock*> foreign;
  for (const SyncedBlock& synced : updates)
    if (!memory_.is_own(synced.label)) foreign.push_back(&synced);
  if (foreign.empty()) return pass();
  const auto all = std::make_shared<Gathered>(foreign.size(), [this](const Status&) { pass(); });
  for (const SyncedBlock* synced : foreign) {
    ModifyBlock edit;
    edit.block_id = synced->block_id;
    edit.value = synced->content.value;
    edit.description = synced->content.description;
    edit.read_only = synced->content.read_only;
    edit.metadata = synced->content.metadata;
    edit.git_agent_id = record_.id();
    edit.version = memory_.version_of(synced->label);
    port_.edit_block(Routed{edit.block_id, memory_.find(synced->label)->org_id, "", edit},
                     [all](const Result<Answer>&) { all->add({}); });
  }
}

void AgentGitMemory::move_labels(const std::vector<std::string>& block_ids,
                                 const std::string& org_id, const std::string& user_id,
                                 std::function<void(Status)> done) {
  std::vector<ModifyBlock> edits;
  std::vector<Block> blocks;
  for (const std::string& id : block_ids)
    if (auto block = record_.tables().blocks.get({id}); block && block->value.org_id == org_id)
      blocks.push_back(std::move(block->value));
  for (const Block& block : blocks) {
    const std::string label = git_backed_label(block.label);
    if (const auto path = path_of_label(label); !path) return done(path.error());
    const bool is_taken = std::any_of(blocks.begin(), blocks.end(),
                                      [&](const Block& other) { return other.label == label; });
    if (is_taken) continue;
    ModifyBlock edit;
    edit.block_id = block.id;
    edit.label = label;
    edits.push_back(std::move(edit));
  }
  if (edits.empty()) return done({});
  ++moves_;
  const auto all =
    std::make_shared<Gathered>(edits.size(), [this, done = std::move(done)](Status status) {
      --moves_;
      done(std::move(status));
    });
  for (const ModifyBlock& edit : edits)
    port_.edit_block(Routed{edit.block_id, org_id, user_id, edit},
                     [all](const Result<Answer>& answer) {
                       all->add(answer ? Status{} : Status{answer.error()});
                     });
}

Result<std::vector<std::string>> git_backed_agents(const Store& store, const std::string& org_id,
                                                   const std::string& block_id) {
  std::vector<std::string> agents;
  rocksdb::PinnableSlice count;
  const auto in_use = store.db().Get({}, store.family(tags_in_use),
                                     key_bytes(org_id, std::string(git_memory_tag)), &count);
  if (in_use.IsNotFound()) return agents;
  if (!in_use.ok()) return from_rocksdb(in_use, tags_in_use);
  IndexPage rows{agents_by_block, key_bytes(org_id, block_id)};
  rows.limit = std::numeric_limits<std::size_t>::max();
  const Table<AgentTable> table{store};
  REVERIE_TRY([[maybe_unused]] const auto none,
              read_page(store, rows, [&](std::string_view key, std::string_view) {
                const std::string id = last_id(key, Prefix::agent);
                const auto agent = table.get({id});
                if (agent && is_git_backed(agent->value.tags)) agents.push_back(id);
                return false;
              }));
  return agents;
}

Status check_labels(const AgentRecord& record, const Agent& agent) {
  for (const std::string& id : agent.block_ids)
    if (const auto block = record.tables().blocks.get({id}))
      REVERIE_CHECK(path_of_label(block->value.label));
  return {};
}

}  // namespace reverie
