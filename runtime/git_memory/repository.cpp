#include "runtime/git_memory/repository.hpp"

#include "config/ids.hpp"
#include "runtime/git_memory/block_file.hpp"
#include "runtime/git_memory/block_path.hpp"
#include "runtime/git_memory/git_handles.hpp"
#include "runtime/git_memory/git_process.hpp"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace reverie {

namespace fs = std::filesystem;

namespace {

constexpr const char* branch = "refs/heads/main";
constexpr const char* synced_ref = "refs/reverie/synced";  // hidden by git_http

// A branch is locked while 41 bytes are written. One minute later who did so is dead.
constexpr std::chrono::minutes lock_age{1};

Error disk_error(const std::error_code& code, const fs::path& path) {
  return {Errc::unavailable, path.string() + ": " + code.message(), "git"};
}

// A machine that went down leaves its locks behind, and nobody could write any more.
void remove_old_locks(const fs::path& repository) {
  const auto now = fs::file_time_type::clock::now();
  for (const char* name :
       {"refs/heads/main.lock", "refs/reverie/synced.lock", "HEAD.lock", "packed-refs.lock"}) {
    std::error_code code;
    const auto written = fs::last_write_time(repository / name, code);
    if (!code && now - written > lock_age) fs::remove(repository / name, code);
  }
}

struct DiskUsage {
  std::int64_t bytes = 0;
  std::size_t loose_objects = 0;
  std::size_t packs = 0;
};

// Files come and go while git works; what has gone meanwhile is not counted.
DiskUsage usage_of(const fs::path& repository) {
  constexpr std::size_t loose_name_size = 38;  // of 40 hex digits, two are the directory's
  DiskUsage usage;
  std::error_code code;
  for (fs::recursive_directory_iterator file(repository / "objects", code), end;
       !code && file != end; file.increment(code)) {
    std::error_code gone;
    if (!file->is_regular_file(gone)) continue;
    const std::uintmax_t size = file->file_size(gone);
    if (gone) continue;
    usage.bytes += static_cast<std::int64_t>(size);
    if (file->path().filename().native().size() == loose_name_size) ++usage.loose_objects;
    if (file->path().extension() == ".pack") ++usage.packs;
  }
  return usage;
}

Result<git::Signature> signature(Timestamp now) {
  git_signature* made = nullptr;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  REVERIE_CHECK(
    git::check(git_signature_new(&made, "reverie", "reverie@localhost", seconds, 0), "signature"));
  return git::Signature(made);
}

Result<std::string> create_commit(git_repository* repository, const git_tree* tree,
                                  const git_commit* parent, std::string_view message,
                                  Timestamp now) {
  REVERIE_TRY(const git::Signature author, signature(now));
  const std::string text(message);
  git_oid id;
  REVERIE_CHECK(git::check(git_commit_create(&id, repository, nullptr, author.get(), author.get(),
                                             "UTF-8", text.c_str(), tree, parent ? 1 : 0, &parent),
                           "commit"));
  return git::text_of(id);
}

// A push that is just being written holds the branch for as long as 41 bytes and a sync take.
int move_branch(git_repository* repository, const git_oid& to, const git_oid& from) {
  constexpr std::chrono::milliseconds pause{5};
  for (int left = 200;; --left) {
    git_reference* reference = nullptr;
    const int status =
      git_reference_create_matching(&reference, repository, branch, &to, 1, &from, nullptr);
    git_reference_free(reference);
    if (status != GIT_ELOCKED || left == 1) return status;
    std::this_thread::sleep_for(pause);
  }
}

Result<git::Tree> tree_of(git_repository* repository, std::string_view commit_id) {
  REVERIE_TRY(const git::Commit commit, git::find_commit(repository, commit_id));
  git_tree* tree = nullptr;
  REVERIE_CHECK(git::check(git_commit_tree(&tree, commit.get()), "tree"));
  return git::Tree(tree);
}

// What has this path; nothing when that is nothing.
Result<git::TreeEntry> find_entry(const git_tree* tree, const std::string& path) {
  git_tree_entry* found = nullptr;
  const int status = git_tree_entry_bypath(&found, tree, path.c_str());
  if (status != GIT_ENOTFOUND) REVERIE_CHECK(git::check(status, "entry"));
  return git::TreeEntry(found);
}

// Nothing when no file has this path.
Result<std::optional<git_oid>> find_file(const git_tree* tree, const std::string& path) {
  REVERIE_TRY(const git::TreeEntry entry, find_entry(tree, path));
  if (!entry || git_tree_entry_type(entry.get()) != GIT_OBJECT_BLOB)
    return std::optional<git_oid>{};
  return std::optional(*git_tree_entry_id(entry.get()));
}

// libgit2 would put the file in the place of a directory, and a directory in the place of a file.
Status check_place(const git_tree* tree, const std::string& path) {
  for (std::size_t slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const bool is_directory = slash != std::string::npos;
    REVERIE_TRY(const git::TreeEntry entry, find_entry(tree, path.substr(0, slash)));
    const git_object_t wanted = is_directory ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB;
    if (entry && git_tree_entry_type(entry.get()) != wanted)
      return Error{Errc::bad_request,
                   "'" + path + "' cannot be written: the repository has a directory where a file "
                   "is wanted, or a file where a directory is", "git"};
    if (!is_directory || !entry) return {};
  }
}

Result<std::optional<std::string>> read_blob(git_repository* repository, const git_oid& id) {
  git_odb* odb = nullptr;
  REVERIE_CHECK(git::check(git_repository_odb(&odb, repository), "objects"));
  const git::Odb objects(odb);
  std::size_t size = 0;
  git_object_t type = GIT_OBJECT_INVALID;
  REVERIE_CHECK(git::check(git_odb_read_header(&size, &type, odb, &id), "object"));
  if (size > block_file_bytes_max) return std::optional<std::string>{};
  git_blob* blob = nullptr;
  REVERIE_CHECK(git::check(git_blob_lookup(&blob, repository, &id), "blob"));
  const git::Blob owned(blob);
  const auto* bytes = static_cast<const char*>(git_blob_rawcontent(blob));
  return std::optional(std::string(bytes, static_cast<std::size_t>(git_blob_rawsize(blob))));
}

// The tree with the changes in it. Removals of what is not there are left out: git refuses them.
Result<git_oid> changed_tree(git_repository* repository, git_tree* tree,
                             const std::vector<FileChange>& changes) {
  std::map<std::string_view, const FileChange*> last;  // of each path
  for (const FileChange& change : changes) last[change.path] = &change;
  std::vector<git_tree_update> updates;
  for (const auto& [path, change] : last) {
    git_tree_update update{};
    update.path = change->path.c_str();
    update.filemode = GIT_FILEMODE_BLOB;
    update.action = change->text ? GIT_TREE_UPDATE_UPSERT : GIT_TREE_UPDATE_REMOVE;
    if (change->text) {
      REVERIE_CHECK(check_place(tree, change->path));
      const std::string& text = *change->text;
      REVERIE_CHECK(git::check(
        git_blob_create_from_buffer(&update.id, repository, text.data(), text.size()), "blob"));
    } else {
      REVERIE_TRY(const auto found, find_file(tree, change->path));
      if (!found) continue;
    }
    updates.push_back(update);
  }
  git_oid id = *git_tree_id(tree);
  if (updates.empty()) return id;
  if (git_tree_create_updated(&id, repository, tree, updates.size(), updates.data()) != 0)
    return Error{Errc::bad_request, "git cannot write these files: " + git::last_error(), "git"};
  return id;
}

// What git_tree_walk is given.
struct Walk {
  git_repository* repository;
  std::vector<MemoryFile> files;
  std::optional<Error> error;
};

int visit(const char* directory, const git_tree_entry* entry, void* payload) {
  constexpr int stop = -1;
  auto& walk = *static_cast<Walk*>(payload);
  const git_filemode_t mode = git_tree_entry_filemode(entry);
  // A link could lead anywhere, and another repository is none of ours.
  if (mode != GIT_FILEMODE_BLOB && mode != GIT_FILEMODE_BLOB_EXECUTABLE) return 0;
  std::string path = std::string(directory) + git_tree_entry_name(entry);
  auto label = label_of_file(path);
  if (!label) return 0;
  if (walk.files.size() == MemoryRepository::files_max) {
    walk.error = Error{Errc::bad_request, "the repository has too many files", "git"};
    return stop;
  }
  auto text = read_blob(walk.repository, *git_tree_entry_id(entry));
  if (!text) {
    walk.error = text.error();
    return stop;
  }
  walk.files.push_back({std::move(path), *std::move(label), *std::move(text)});
  return 0;
}

// The rename of a directory is durable when the one that names it is.
Status sync_directory(const fs::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_done = directory >= 0 && ::fsync(directory) == 0;
  const std::error_code code(errno, std::generic_category());
  if (directory >= 0) ::close(directory);
  if (!is_done) return disk_error(code, path);
  return {};
}

Result<git_repository*> initialize(const fs::path& path) {
  git_repository_init_options options;
  REVERIE_CHECK(git::check(
    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION), "init"));
  options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH;
  options.initial_head = "main";
  git_repository* repository = nullptr;
  REVERIE_CHECK(git::check(git_repository_init_ext(&repository, path.c_str(), &options), "init"));
  return repository;
}

}  // namespace

void MemoryRepository::Free::operator()(git_repository* repository) const {
  git_repository_free(repository);
}

MemoryRepository::MemoryRepository(git_repository* repository, fs::path path,
                                   const GitSettings& settings)
  : repository_(repository), path_(std::move(path)), settings_(settings) {}
MemoryRepository::MemoryRepository(MemoryRepository&&) noexcept = default;
MemoryRepository& MemoryRepository::operator=(MemoryRepository&&) noexcept = default;
MemoryRepository::~MemoryRepository() = default;

fs::path MemoryRepository::root(const fs::path& data_dir) {
  return data_dir / "git";
}

Result<fs::path> MemoryRepository::path(const fs::path& data_dir, std::string_view agent_id) {
  REVERIE_CHECK(home_of(agent_id));
  if (!agent_id.starts_with("agent-"))
    return Error{Errc::invalid_argument, "'" + std::string(agent_id) + "' is no agent's id", "git"};
  return root(data_dir) / (std::string(agent_id) + ".git");
}

Result<MemoryRepository> MemoryRepository::open(const fs::path& data_dir, std::string_view agent_id,
                                                const GitSettings& settings, Timestamp now) {
  git::start_library();
  REVERIE_TRY(const fs::path wanted, path(data_dir, agent_id));
  git_repository* opened = nullptr;
  const int status = git_repository_open_bare(&opened, wanted.c_str());
  if (status == 0) {
    remove_old_locks(wanted);
    return MemoryRepository(opened, wanted, settings);
  }
  if (status != GIT_ENOTFOUND) return git::error_of(status, "open");
  // Made beside its place and moved there whole: a crash leaves nothing that looks like one.
  fs::path partial = wanted;
  partial += ".partial";
  std::error_code code;
  fs::remove_all(partial, code);
  REVERIE_TRY(git_repository * made, initialize(partial));
  REVERIE_CHECK(MemoryRepository(made, partial, settings).start(now));
  fs::rename(partial, wanted, code);
  if (code) return disk_error(code, wanted);
  REVERIE_CHECK(sync_directory(wanted.parent_path()));
  REVERIE_CHECK(git::check(git_repository_open_bare(&opened, wanted.c_str()), "open"));
  return MemoryRepository(opened, wanted, settings);
}

Status MemoryRepository::remove(const fs::path& data_dir, std::string_view agent_id) {
  REVERIE_TRY(const fs::path wanted, path(data_dir, agent_id));
  // Out of sight in one step: what is half removed would still be opened.
  fs::path partial = wanted;
  partial += ".partial";
  std::error_code code;
  fs::remove_all(partial, code);
  fs::rename(wanted, partial, code);
  if (code == std::errc::no_such_file_or_directory) return {};
  if (!code) fs::remove_all(partial, code);
  if (code) return disk_error(code, wanted);
  return {};
}

// The first commit, so that a clone of a new repository has a branch.
Status MemoryRepository::start(Timestamp now) {
  git_treebuilder* builder = nullptr;
  REVERIE_CHECK(git::check(git_treebuilder_new(&builder, repository_.get(), nullptr), "tree"));
  const git::TreeBuilder owned(builder);
  git_oid id;
  REVERIE_CHECK(git::check(git_treebuilder_write(&id, builder), "tree"));
  git_tree* tree = nullptr;
  REVERIE_CHECK(git::check(git_tree_lookup(&tree, repository_.get(), &id), "tree"));
  const git::Tree empty(tree);
  REVERIE_TRY(const std::string commit,
              create_commit(repository_.get(), tree, nullptr, "Create memory", now));
  REVERIE_TRY(const git_oid commit_id, git::id_of(commit));
  git_reference* reference = nullptr;
  REVERIE_CHECK(git::check(
    git_reference_create(&reference, repository_.get(), branch, &commit_id, 0, nullptr), branch));
  git_reference_free(reference);
  return {};
}

Result<std::string> MemoryRepository::head() const {
  git_oid id;
  REVERIE_CHECK(git::check(git_reference_name_to_id(&id, repository_.get(), branch), branch));
  return git::text_of(id);
}

Result<std::string> MemoryRepository::synced() const {
  git_oid id;
  const int status = git_reference_name_to_id(&id, repository_.get(), synced_ref);
  if (status == GIT_ENOTFOUND) return std::string();
  REVERIE_CHECK(git::check(status, synced_ref));
  return git::text_of(id);
}

Status MemoryRepository::set_synced(std::string_view commit) {
  REVERIE_TRY(const git_oid id, git::id_of(commit));
  git_reference* reference = nullptr;
  const int status =
    git_reference_create(&reference, repository_.get(), synced_ref, &id, 1, nullptr);
  git_reference_free(reference);
  return git::check(status, synced_ref);
}

Result<MemorySnapshot> MemoryRepository::read() const {
  REVERIE_TRY(const std::string commit, head());
  return read(commit);
}

Result<MemorySnapshot> MemoryRepository::read(std::string_view commit) const {
  MemorySnapshot snapshot;
  snapshot.commit = commit;
  REVERIE_TRY(const git::Tree tree, tree_of(repository_.get(), snapshot.commit));
  Walk walk{repository_.get(), {}, {}};
  const int status = git_tree_walk(tree.get(), GIT_TREEWALK_PRE, visit, &walk);
  if (walk.error) return *std::move(walk.error);
  REVERIE_CHECK(git::check(status, "tree"));
  snapshot.files = std::move(walk.files);
  return snapshot;
}

Result<std::optional<std::string>> MemoryRepository::read_file(std::string_view commit,
                                                               const std::string& path) const {
  REVERIE_TRY(const git::Tree tree, tree_of(repository_.get(), commit));
  REVERIE_TRY(const auto id, find_file(tree.get(), path));
  if (!id) return std::optional<std::string>{};
  return read_blob(repository_.get(), *id);
}

Result<std::string> MemoryRepository::commit(std::string_view expected,
                                             const std::vector<FileChange>& changes,
                                             std::string_view message, Timestamp now) {
  const Error moved{Errc::conflict, "the repository has another commit meanwhile", "git"};
  REVERIE_TRY(const std::string current, head());
  if (current != expected) return moved;
  if (bytes_left() <= 0)
    return Error{Errc::bad_request, "the agent's repository is full (git.repository_bytes_max)",
                 "git"};
  REVERIE_TRY(const git::Commit parent, git::find_commit(repository_.get(), expected));
  REVERIE_TRY(const git::Tree tree, tree_of(repository_.get(), expected));
  REVERIE_TRY(const git_oid changed_id, changed_tree(repository_.get(), tree.get(), changes));
  if (git_oid_equal(&changed_id, git_tree_id(tree.get())) != 0) return current;
  git_tree* changed = nullptr;
  REVERIE_CHECK(git::check(git_tree_lookup(&changed, repository_.get(), &changed_id), "tree"));
  const git::Tree owned(changed);
  REVERIE_TRY(const std::string made,
              create_commit(repository_.get(), changed, parent.get(), message, now));
  REVERIE_TRY(const git_oid made_id, git::id_of(made));
  const int status = move_branch(repository_.get(), made_id, *git_commit_id(parent.get()));
  if (status == GIT_EMODIFIED) return moved;
  REVERIE_CHECK(git::check(status, branch));
  // The commit stands, whatever becomes of this.
  if (const Status packed = pack_if_needed(); !packed) git::warn("cannot pack", packed.error());
  return made;
}

std::int64_t MemoryRepository::bytes_left() const {
  return std::max<std::int64_t>(settings_.repository_bytes_max - usage_of(path_).bytes, 0);
}

std::size_t MemoryRepository::loose_objects() const {
  return usage_of(path_).loose_objects;
}

// git gc keeps what a push that is still under way may need: objects that nothing names are
// removed when they are an hour old, and no push lasts that long (git.request_s).
Status MemoryRepository::pack_if_needed() {
  constexpr std::size_t packs_max = 50;  // git's own bound
  constexpr std::chrono::minutes limit{10};
  const DiskUsage usage = usage_of(path_);
  if (usage.loose_objects <= static_cast<std::size_t>(settings_.loose_objects_max)
      && usage.packs <= packs_max)
    return {};
  GitStart start;
  start.arguments = {"-C", path_.string(), "gc", "--quiet", "--prune=1.hour.ago"};
  start.config = {{"gc.autoDetach", "false"}, {"pack.threads", "1"}};
  REVERIE_TRY(ChildProcess process, start_git(start));
  const auto status = process.wait(limit);
  if (status == 0) return {};
  return Error{Errc::unavailable,
               status ? "git gc ended with status " + std::to_string(*status)
                      : std::string("git gc took too long"),
               "git"};
}

}  // namespace reverie
