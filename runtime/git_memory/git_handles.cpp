#include "runtime/git_memory/git_handles.hpp"

#include "config/log_line.hpp"

namespace reverie::git {

void start_library() {
  [[maybe_unused]] static const bool is_started = [] {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    // The data directory is ours, whoever a container's volume says that it belongs to.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    for (const int level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                            GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
      git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
    return true;
  }();
}

std::string last_error() {
  const git_error* error = git_error_last();
  return error && error->message ? error->message : "unknown";
}

Error error_of(int status, std::string_view where) {
  const git_error* error = git_error_last();
  const bool is_disk =
    error && (error->klass == GIT_ERROR_OS || error->klass == GIT_ERROR_FILESYSTEM);
  const bool can_pass = status == GIT_ELOCKED || is_disk;
  return {can_pass ? Errc::unavailable : Errc::corruption, "git: " + last_error(),
          "git/" + std::string(where)};
}

Status check(int status, std::string_view where) {
  if (status >= 0) return {};
  return error_of(status, where);
}

void warn(std::string_view what, const Error& error) {
  log_warn("git: {} error={}", what, error.message);
}

std::string text_of(const git_oid& id) {
  std::string text(GIT_OID_HEXSZ, '0');
  git_oid_fmt(text.data(), &id);
  return text;
}

Result<git_oid> id_of(std::string_view text) {
  git_oid id;
  if (text.size() != GIT_OID_HEXSZ || git_oid_fromstrn(&id, text.data(), text.size()) != 0)
    return Error{Errc::invalid_argument, "no id of a commit", "git"};
  return id;
}

Result<Commit> find_commit(git_repository* repository, std::string_view id) {
  REVERIE_TRY(const git_oid commit_id, id_of(id));
  git_commit* commit = nullptr;
  REVERIE_CHECK(check(git_commit_lookup(&commit, repository, &commit_id), "commit"));
  return Commit(commit);
}

}  // namespace reverie::git
