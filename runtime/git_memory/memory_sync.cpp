#include "runtime/git_memory/memory_sync.hpp"

#include "runtime/git_memory/block_path.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace reverie {

namespace {

// Each attempt fails only when another writer has succeeded.
constexpr int attempts_max = 16;

// A file without front matter says nothing about the rest, and one without a description keeps it;
// read_only and metadata are written where they are not the default, so their absence says that.
BlockContent completed(BlockContent content, const Block& block) {
  const BlockContent current = content_of(block);
  if (!content.description) content.description = current.description;
  if (!content.has_front_matter) {
    content.read_only = current.read_only;
    content.metadata = current.metadata;
    content.has_front_matter = true;
  }
  return content;
}

// Commits what `changes_at(head)` says, and asks again when another writer came first.
template <class ChangesAt>
Result<std::string> commit_on_top(MemoryRepository& repository, const std::string& message,
                                  Timestamp now, ChangesAt changes_at) {
  for (int left = attempts_max;; --left) {
    REVERIE_TRY(const std::string head, repository.head());
    REVERIE_TRY(const std::vector<FileChange> changes, changes_at(head));
    auto made = repository.commit(head, changes, message, now);
    if (made || made.error().code != Errc::conflict || left == 1) return made;
  }
}

Error not_synced(const std::string& label) {
  return {Errc::conflict,
          "the file of block '" + label + "' was changed by a push that is not taken over yet",
          "git"};
}

bool says(const std::string& file, const Block& block) {
  const auto content = read_block_file(file);
  return content && completed(*content, block) == content_of(block);
}

// The changes that make `before` to `after`, at a commit where the file says what `before` says.
Result<std::vector<FileChange>> edit_at(const MemoryRepository& repository, const std::string& head,
                                        const std::optional<Block>& before,
                                        const std::optional<Block>& after) {
  std::vector<FileChange> changes;
  std::string previous;
  if (before) {
    REVERIE_TRY(const std::string path, path_of_label(before->label));
    REVERIE_TRY(const auto text, repository.read_file(head, path));
    if (!text || !says(*text, *before)) return not_synced(before->label);
    previous = *text;
    changes.push_back({path, std::nullopt});
  }
  if (after) {
    REVERIE_TRY(const std::string path, path_of_label(after->label));
    if (!before || before->label != after->label) {
      REVERIE_TRY(const auto text, repository.read_file(head, path));
      if (text && !says(*text, *after)) return not_synced(after->label);
    }
    REVERIE_TRY(std::string text, block_file_text(content_of(*after), previous));
    changes.push_back({path, std::move(text)});
  }
  return changes;
}

}  // namespace

SyncPlan plan_sync(const std::vector<MemoryFile>& files, const std::vector<const Block*>& blocks) {
  std::map<std::string_view, const Block*> by_label;
  for (const Block* block : blocks) by_label.emplace(block->label, block);
  SyncPlan plan;
  std::set<std::string_view> present;
  bool has_synced = false;
  for (const MemoryFile& file : files) {
    present.insert(file.label);
    auto content = file.text ? read_block_file(*file.text)
                             : Result<BlockContent>(Error{Errc::invalid_argument, "too long", ""});
    if (!content) {
      plan.unreadable.push_back(file.path);
      continue;
    }
    has_synced = true;
    const auto found = by_label.find(file.label);
    if (found == by_label.end()) {
      plan.create.push_back({"", file.label, *std::move(content)});
      continue;
    }
    const Block& block = *found->second;
    BlockContent wanted = completed(*std::move(content), block);
    if (wanted != content_of(block))
      plan.update.push_back({block.id, file.label, std::move(wanted)});
  }
  if (!has_synced) return plan;
  for (const Block* block : blocks)
    if (!present.contains(block->label) && path_of_label(block->label))
      plan.detach.push_back(block->id);
  return plan;
}

Result<std::string> commit_block(MemoryRepository& repository, const std::optional<Block>& before,
                                 const std::optional<Block>& after, Timestamp now) {
  if (!before && !after) return repository.head();
  const std::string message = "Update " + (after ? *after : *before).label + " block";
  return commit_on_top(repository, message, now, [&](const std::string& head) {
    return edit_at(repository, head, before, after);
  });
}

Result<std::string> add_missing_blocks(MemoryRepository& repository,
                                       const std::vector<const Block*>& blocks, Timestamp now) {
  const auto missing_at = [&](const std::string& head) -> Result<std::vector<FileChange>> {
    std::vector<FileChange> changes;
    for (const Block* block : blocks) {
      const auto path = path_of_label(block->label);
      if (!path) continue;
      REVERIE_TRY(const auto there, repository.has_file(head, *path));
      if (there) continue;
      REVERIE_TRY(std::string text, block_file_text(content_of(*block)));
      changes.push_back({*path, std::move(text)});
    }
    return changes;
  };
  return commit_on_top(repository, "Add memory blocks", now, missing_at);
}

}  // namespace reverie
