// Blocks and their repository, kept alike in both directions. An edit through the API or a tool is
// committed first and stored in the block's row afterwards; a push is in the repository first and
// plan_sync says what the rows must become.

#pragma once

#include "runtime/git_memory/block_file.hpp"
#include "runtime/git_memory/repository.hpp"
#include "storage/records/block.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A block as a file has it. What the file leaves open is as the block has it now.
struct SyncedBlock {
  std::string block_id;  // empty: there is none yet
  std::string label;
  BlockContent content;
  bool operator==(const SyncedBlock&) const = default;
};

struct SyncPlan {
  std::vector<SyncedBlock> create;      // and attach
  std::vector<SyncedBlock> update;      // only those that differ
  std::vector<std::string> detach;      // ids of blocks whose file is gone
  std::vector<std::string> unreadable;  // paths of files that are no text or too long
  bool empty() const { return create.empty() && update.empty() && detach.empty(); }
};

// What follows from the files at main for the agent's attached blocks. A block is detached only
// when at least one file could be read: an empty tree is taken for an accident. Blocks whose file
// cannot be read, or whose label can be no file, stay as they are.
SyncPlan plan_sync(const std::vector<MemoryFile>& files, const std::vector<const Block*>& blocks);

// Commits one edit: a new block (no `before`), a change, which may be of the label, or a removal
// (no `after`). Commits that do not touch the block's file and came meanwhile are kept. Returns the
// commit that main is at. Blocks.
// Errors: conflict (the file does not say what `before` says: a push is not synced yet, so sync and
// make the edit again), invalid_argument (the label or the content can be no file), and those of
// MemoryRepository::commit.
Result<std::string> commit_block(MemoryRepository& repository, const std::optional<Block>& before,
                                 const std::optional<Block>& after, Timestamp now);

// One commit with the files of those blocks that have none; for a repository that is new, or an
// agent that had none. Labels that can be no file are left out. Returns the commit that main is at.
// Blocks. Errors: those of MemoryRepository::commit; conflict only when others write all the time.
Result<std::string> add_missing_blocks(MemoryRepository& repository,
                                       const std::vector<const Block*>& blocks, Timestamp now);

}  // namespace reverie
