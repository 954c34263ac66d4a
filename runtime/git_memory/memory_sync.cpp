#include "runtime/git_memory/memory_sync.hpp"

#include "config/failpoint.hpp"
#include "runtime/git_memory/block_path.hpp"
#include "runtime/git_memory/git_handles.hpp"
#include "runtime/git_memory/merge_text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace reverie {

namespace {

// Each attempt fails only when another writer has succeeded.
constexpr int attempts_max = 16;

// A file without front matter says nothing about the rest, and one without a description keeps it;
// read_only and metadata are written where they are not the default, so their absence says that.
BlockContent completed(BlockContent content, const BlockContent& current) {
  if (!content.description) content.description = current.description;
  if (!content.has_front_matter) {
    content.read_only = current.read_only;
    content.metadata = current.metadata;
    content.has_front_matter = true;
  }
  return content;
}

// One file at one commit.
struct FileState {
  const MemoryFile* file = nullptr;     // null: there is none
  std::optional<BlockContent> content;  // nothing: it can be no block's

  explicit FileState(const MemoryFile* at) : file(at) {
    if (!file || !file->text) return;
    auto read = read_block_file(*file->text);
    // No value of a block has a zero byte.
    if (read && read->value.find('\0') == std::string::npos) content = *std::move(read);
  }

  std::string_view text() const { return content ? std::string_view(*file->text) : ""; }
  bool says(const BlockContent& wanted) const {
    return content && completed(*content, wanted) == wanted;
  }
};

bool is_same(const MemoryFile* a, const MemoryFile* b) {
  return a && b ? a->text == b->text : a == b;
}

BlockContent merged(const BlockContent& base, const BlockContent& ours,
                    const BlockContent& theirs) {
  const auto chosen = [&](auto member) {
    return ours.*member == base.*member ? theirs.*member : ours.*member;
  };
  BlockContent out = ours;
  out.value = merge_text(base.value, ours.value, theirs.value);
  out.description = chosen(&BlockContent::description);
  out.read_only = chosen(&BlockContent::read_only);
  out.metadata = chosen(&BlockContent::metadata);
  return out;
}

// One label: its file when all was alike, its file now, its block.
struct Label {
  const MemoryFile* base = nullptr;
  const MemoryFile* head = nullptr;
  const Block* block = nullptr;
};

class Planner {
 public:
  explicit Planner(bool head_has_blocks) : head_has_blocks_(head_has_blocks) {}

  void add(const std::string& label, const Label& at) {
    const auto path = path_of_label(label);
    if (!path) return;
    const FileState base(at.base), head(at.head);
    if (!at.block)
      without_block(label, *path, base, head);
    else
      with_block(label, *path, base, head, *at.block);
  }

  SyncPlan plan() && {
    for (const Removal& removal : removals_)
      plan_.files.push_back({removal.label, std::vector{FileChange{removal.path, std::nullopt}}});
    for (Write& write : writes_) plan_.files.push_back({write.label, std::move(write.changes)});
    return std::move(plan_);
  }

  // A block that has another label takes what its writer put into its file along.
  void find_renamed() {
    for (Write& write : writes_) {
      if (!write.is_new) continue;
      const auto old = std::find_if(removals_.begin(), removals_.end(), [&](const Removal& gone) {
        return gone.file.says(write.content);
      });
      if (old == removals_.end()) continue;
      if (auto text = block_file_text(write.content, old->file.text()))
        write.changes.front().text = *std::move(text);
      write.changes.push_back({old->path, std::nullopt});
      removals_.erase(old);
    }
  }

 private:
  struct Write {
    std::string label;
    BlockContent content;
    bool is_new;
    std::vector<FileChange> changes;
  };
  struct Removal {
    std::string label;
    std::string path;
    FileState file;
  };

  void without_block(const std::string& label, const std::string& path, const FileState& base,
                     const FileState& head) {
    if (!head.content) return;
    if (is_same(base.file, head.file))
      removals_.push_back({label, path, head});
    else
      plan_.rows.create.push_back({"", label, completed(*head.content, {})});
  }

  void with_block(const std::string& label, const std::string& path, const FileState& base,
                  const FileState& head, const Block& block) {
    const BlockContent row = content_of(block);
    if (head.says(row)) return;
    const bool is_row_as_it_was = base.says(row);
    if (!head.content) {
      if (!head.file && head_has_blocks_ && is_row_as_it_was)
        plan_.rows.detach.push_back(block.id);
      else
        write(label, path, row, head);
      return;
    }
    if (!is_row_as_it_was && is_same(base.file, head.file)) return write(label, path, row, head);
    const BlockContent theirs = completed(*head.content, row);
    const BlockContent wanted =
      is_row_as_it_was
        ? theirs
        : merged(base.content ? completed(*base.content, row) : BlockContent{}, row, theirs);
    if (wanted != row) plan_.rows.update.push_back({block.id, label, wanted});
    if (wanted != theirs) write(label, path, wanted, head);
  }

  void write(const std::string& label, const std::string& path, const BlockContent& content,
             const FileState& head) {
    auto text = block_file_text(content, head.text());
    if (!text) return git::warn("block '" + label + "' cannot be a file", text.error());
    writes_.push_back(
      {label, content, head.file == nullptr, std::vector{FileChange{path, *std::move(text)}}});
  }

  bool head_has_blocks_;
  SyncPlan plan_;
  std::vector<Write> writes_;
  std::vector<Removal> removals_;
};

std::vector<FileEdit> as_one(std::vector<FileEdit> edits) {
  FileEdit all;
  for (FileEdit& edit : edits)
    std::move(edit.changes.begin(), edit.changes.end(), std::back_inserter(all.changes));
  return {std::move(all)};
}

struct Attempt {
  MemoryUpdate rows;
  std::string commit;  // that main is at
};

Result<Attempt> try_sync(MemoryRepository& repository, const std::vector<const Block*>& blocks,
                         Timestamp now) {
  REVERIE_TRY(const MemorySnapshot head, repository.read());
  REVERIE_TRY(const std::string synced, repository.synced());
  MemorySnapshot base;
  if (synced == head.commit) {
    base.files = head.files;
  } else if (!synced.empty()) {
    REVERIE_TRY(base, repository.read(synced));
  }
  SyncPlan plan = plan_sync(base.files, head.files, blocks);
  const bool is_first = synced.empty() && plan.files.size() > 1;
  if (is_first) plan.files = as_one(std::move(plan.files));
  Attempt done{std::move(plan.rows), head.commit};
  for (const FileEdit& edit : plan.files) {
    const std::string what = is_first ? "Add memory blocks" : "Update " + edit.label + " block";
    failpoint("git.commit");
    auto made = repository.commit(done.commit, edit.changes, what, now);
    // A repository that a push has filled takes no commit: the push counts all the same.
    if (!made && (made.error().code == Errc::conflict || done.rows.empty()))
      return std::move(made).error();
    failpoint("git.committed");
    if (made) done.commit = *std::move(made);
  }
  return done;
}

}  // namespace

SyncPlan plan_sync(const std::vector<MemoryFile>& base, const std::vector<MemoryFile>& head,
                   const std::vector<const Block*>& blocks) {
  std::map<std::string, Label> labels;
  for (const MemoryFile& file : base) labels[file.label].base = &file;
  for (const MemoryFile& file : head) labels[file.label].head = &file;
  // Of equal labels the first one counts.
  for (const Block* block : blocks)
    if (Label& label = labels[block->label]; !label.block) label.block = block;
  Planner planner(std::any_of(head.begin(), head.end(), [](const MemoryFile& file) {
    return FileState(&file).content.has_value();
  }));
  for (const auto& [label, at] : labels) planner.add(label, at);
  planner.find_renamed();
  return std::move(planner).plan();
}

Result<MemoryUpdate> sync_memory(MemoryRepository& repository,
                                 const std::vector<const Block*>& blocks, Timestamp now) {
  for (int left = attempts_max; left > 0; --left) {
    auto done = try_sync(repository, blocks, now);
    if (!done) {
      if (done.error().code == Errc::conflict) continue;
      return std::move(done).error();
    }
    if (done->rows.empty()) {
      REVERIE_TRY(const std::string synced, repository.synced());
      if (synced != done->commit) {
        REVERIE_CHECK(repository.set_synced(done->commit));
        failpoint("git.synced");
      }
      REVERIE_CHECK(repository.pack_if_needed());
    }
    return std::move(done->rows);
  }
  return Error{Errc::unavailable, "others keep pushing to the repository", "git"};
}

}  // namespace reverie
