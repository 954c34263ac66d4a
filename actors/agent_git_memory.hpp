// What an agent does so that its blocks and the files of its repository stay alike.
//
// An edit is a commit of the agent or of the block's own actor as ever; whoever made it asks for
// `sync` and answers when that is done, so that each edit is a commit of git, too. What an ended
// process has left undone is found by the next sync: the comparison is with the commit at which
// both were last alike (runtime/git_memory/memory_sync.hpp).

#pragma once

#include "actors/agent_port.hpp"
#include "actors/agent_record.hpp"
#include "actors/commit_queue.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reverie {

class AgentGitMemory {
 public:
  using Done = std::function<void(Result<std::int64_t> bytes_left)>;  // that a push may add

  AgentGitMemory(AgentRecord& record, CommitQueue& commits, AgentPort& port)
    : record_(record), commits_(commits), port_(port) {}

  // Makes blocks and files alike as they are now, and calls back when they are. One at a time; who
  // comes meanwhile shares the next one. Errors: not_found (the agent is gone), corruption,
  // unavailable.
  void sync(Done done);

  // The same for those whose answer does not depend on it: nothing when the agent's memory is no
  // repository, and a failure is logged.
  void sync_if_backed(std::function<void()> done);

  // The blocks of an agent that is about to be git-backed are called system/<label>: each is
  // renamed by its own actor, unless the agent has such a block already.
  // Errors: invalid_argument (a label that can be no file), those of ModifyBlock.
  void move_labels(const std::vector<std::string>& block_ids, const std::string& org_id,
                   const std::string& user_id, std::function<void(Status)> done);

  bool empty() const { return !is_busy_ && moves_ == 0; }

 private:
  struct Change {
    MemoryUpdate update;
    std::optional<Agent> agent;  // set: which blocks it has is changed
    bool is_stale = false;       // what was compared is not what is stored any more
  };

  void start();
  void pass();
  void apply(MemoryUpdate update);
  Result<Batch> own_changes(Change& change);
  void edit_elsewhere(const std::vector<SyncedBlock>& updates);
  void finish(const Result<std::int64_t>& result);

  AgentRecord& record_;
  CommitQueue& commits_;
  AgentPort& port_;
  std::vector<Done> waiting_;
  std::vector<Done> under_way_;
  bool is_busy_ = false;
  int moves_ = 0;      // of labels, under way
  int passes_ = 0;     // of the sync under way
  CoreMemory memory_;  // that the pass under way has compared
  std::int64_t bytes_left_ = 0;
};

// The agents of the organisation that hold the block and keep their memory as files. Costs a read,
// and one for each agent that holds the block where any agent does so. Errors: corruption,
// unavailable.
Result<std::vector<std::string>> git_backed_agents(const Store& store, const std::string& org_id,
                                                   const std::string& block_id);

// Whether all attached blocks can be files. Errors: invalid_argument.
Status check_labels(const AgentRecord& record, const Agent& agent);

}  // namespace reverie
