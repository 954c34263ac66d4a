// The git repository of one agent's memory: bare, under <data dir>/git/<agent id>.git, with one
// branch, main, that always has a commit. Its files are the agent's blocks (block_path,
// block_file).
//
// All functions block: they read and sync files. Call them from a thread of their own. The git
// programs may work on the same repository at the same time; what they and we write meets in the
// branch's compare-and-swap. One object is used by one thread at a time.

#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct git_repository;

namespace reverie {

// A file that holds a block, as it is in a commit.
struct MemoryFile {
  std::string path;
  std::string label;
  std::optional<std::string> text;  // nothing: longer than block_file_bytes_max
  bool operator==(const MemoryFile&) const = default;
};

struct MemorySnapshot {
  std::string commit;             // its id: 40 hex digits
  std::vector<MemoryFile> files;  // in the order of git's trees
};

// One of the changes of a commit.
struct FileChange {
  std::string path;
  std::optional<std::string> text;  // nothing: the file is removed, if it is there
  bool operator==(const FileChange&) const = default;
};

class MemoryRepository {
 public:
  // More blocks than any agent has, and the bound of what one read costs.
  static constexpr std::size_t files_max = 4'096;

  // Where all repositories are, and where one is. Errors: invalid_argument (no agent's id).
  static std::filesystem::path root(const std::filesystem::path& data_dir);
  static Result<std::filesystem::path> path(const std::filesystem::path& data_dir,
                                            std::string_view agent_id);

  // Opens it; makes it, with a first commit of no files, when there is none. Not for one agent from
  // two threads at once.
  // Errors: invalid_argument (no agent's id), unavailable (the disk).
  static Result<MemoryRepository> open(const std::filesystem::path& data_dir,
                                       std::string_view agent_id, const GitSettings& settings,
                                       Timestamp now);

  // Together with its agent. Nothing happens when there is none.
  static Status remove(const std::filesystem::path& data_dir, std::string_view agent_id);

  MemoryRepository(MemoryRepository&&) noexcept;
  MemoryRepository& operator=(MemoryRepository&&) noexcept;
  ~MemoryRepository();

  // The commit that main is at.
  Result<std::string> head() const;

  // The commit whose files the agent's blocks were last made to be; empty: none yet. It is kept in
  // a branch of its own that clients do not see, so that a push whose end a crash has cut off is
  // found again: it is another commit than head().
  Result<std::string> synced() const;
  Status set_synced(std::string_view commit);

  // All files that hold blocks, at main or at another commit. Errors: bad_request (more than
  // files_max), corruption.
  Result<MemorySnapshot> read() const;
  Result<MemorySnapshot> read(std::string_view commit) const;

  // The text of one file at a commit; nothing when there is none, or a longer one than any block's.
  Result<std::optional<std::string>> read_file(std::string_view commit,
                                               const std::string& path) const;

  // One commit on top of `expected`, which main must be at. Returns the new commit, or `expected`
  // when nothing changes. Durable when it returns.
  // Errors: conflict (main is elsewhere: a push came between; read and try again), bad_request (the
  // repository is full, or a directory has the name of a file), unavailable (a push is just being
  // written, the disk).
  Result<std::string> commit(std::string_view expected, const std::vector<FileChange>& changes,
                             std::string_view message, Timestamp now);

  // How many bytes the repository may still grow.
  std::int64_t bytes_left() const;

  // Objects that are files of their own, estimated as git does.
  std::size_t loose_objects() const;
  // Packs loose objects with the git program when there are too many, or too many packs. commit()
  // does it by itself; for after a push. Errors: unavailable (git failed or is not there).
  Status pack_if_needed();

 private:
  struct Free {
    void operator()(git_repository* repository) const;
  };

  MemoryRepository(git_repository* repository, std::filesystem::path path,
                   const GitSettings& settings);
  Status start(Timestamp now);

  std::unique_ptr<git_repository, Free> repository_;
  std::filesystem::path path_;
  GitSettings settings_;
};

}  // namespace reverie
