// libgit2 for the files of this directory: its objects as owners, its errors as ours.

#pragma once

#include "config/error.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <git2.h>

namespace reverie::git {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, Free<free>>;

using Blob = Owned<git_blob, git_blob_free>;
using Commit = Owned<git_commit, git_commit_free>;
using Odb = Owned<git_odb, git_odb_free>;
using Signature = Owned<git_signature, git_signature_free>;
using Tree = Owned<git_tree, git_tree_free>;
using TreeBuilder = Owned<git_treebuilder, git_treebuilder_free>;
using TreeEntry = Owned<git_tree_entry, git_tree_entry_free>;

// Once per process, before anything else of the library; later calls do nothing. Objects are synced
// when they are written, and no configuration of the machine or a user is read.
void start_library();

// What the last call of this thread that failed says.
std::string last_error();

// unavailable for a lock that is held and for the disk, corruption for what is not there or cannot
// be read: callers take care of what they do not expect to be there.
Error error_of(int status, std::string_view where);
Status check(int status, std::string_view where);

void warn(std::string_view what, const Error& error);

std::string text_of(const git_oid& id);
Result<git_oid> id_of(std::string_view text);  // errors: invalid_argument
Result<Commit> find_commit(git_repository* repository, std::string_view id);

}  // namespace reverie::git
