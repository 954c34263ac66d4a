// Blocks and their repository, kept alike in both directions. Both may have changed since they
// were last alike: rows by the API and the agent's tools, files by pushes. What they were then is
// the commit MemoryRepository::synced(), and each label is compared three ways with it:
//
//   only the row has changed     its file follows, in a commit of its own
//   only the file has changed    the row follows
//   both                         they are merged; lines that both have changed are the row's, which
//                                stands in the history behind the push
//
// A row is stored first and committed to git before its edit is answered; a push is in git first.
// So whatever a crash leaves undone, between a row and its commit or between a push and its rows,
// shows as a difference to synced() and is made up for by the next call.

#pragma once

#include "runtime/git_memory/block_file.hpp"
#include "runtime/git_memory/repository.hpp"
#include "storage/records/block.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reverie {

// A block as it is to be. What its file leaves open is as the block has it now.
struct SyncedBlock {
  std::string block_id;  // empty: there is none yet
  std::string label;
  BlockContent content;
  bool operator==(const SyncedBlock&) const = default;
};

// What the rows must become.
struct MemoryUpdate {
  std::vector<SyncedBlock> create;  // and attach
  std::vector<SyncedBlock> update;
  std::vector<std::string> detach;  // ids of blocks whose file is gone
  bool empty() const { return create.empty() && update.empty() && detach.empty(); }
  bool operator==(const MemoryUpdate&) const = default;
};

// What the files must become for one block: its file, and the one that it had before a rename.
struct FileEdit {
  std::string label;
  std::vector<FileChange> changes;
};

struct SyncPlan {
  MemoryUpdate rows;
  std::vector<FileEdit> files;
};

// `base`: the files when rows and files were last alike; `head`: as they are; `blocks`: the agent's
// rows. Blocks whose label or content can be no file are left alone, and so are files that are no
// text or too long, unless they have taken the place of a block: then its file comes back. It
// does too when not one file can be read: an empty tree is taken for an accident.
SyncPlan plan_sync(const std::vector<MemoryFile>& base, const std::vector<MemoryFile>& head,
                   const std::vector<const Block*>& blocks);

// Commits what the files must become and returns what the rows must become. When the caller has
// done that it calls again, until nothing is left to do; then synced() is head(). Blocks.
// Errors: those of MemoryRepository::read and commit; unavailable when others write all the time.
Result<MemoryUpdate> sync_memory(MemoryRepository& repository,
                                 const std::vector<const Block*>& blocks, Timestamp now);

}  // namespace reverie
