// Copies of a data directory: taken while it is served, and brought back.
//
// A backup is a data directory of its own, complete at one point in time, and can be
// opened as one. The key of the secrets is not in it (it is no file of the store).

#pragma once

#include "config/error.hpp"
#include "storage/store.hpp"

#include <string>

namespace reverie {

// Takes a backup at a path that is not there yet, or an empty directory. Everything that was
// acknowledged before the call is in it; of the repositories of git-backed memory (git/ of the data
// directory) what they were when it began. Writes go on meanwhile; the files of tables are
// linked where the target is on the same file system, so the time is that of copying the
// write-ahead log, and copied where it is not. An interrupted backup leaves `path`.partial
// behind, which the next one replaces.
// Errors: conflict (there is something at the path), unavailable (the disk).
Status backup_to(const Store& store, const std::string& path);

// Makes a data directory of a backup, at a path that is not there yet, or an empty directory.
// The backup is read through first, with all checksums, and not changed; `path` appears
// when all of it is durable. An interrupted restore leaves `path`.partial behind.
// Errors: conflict (there is something at the path), not_found (no backup), invalid_argument
// (of a newer release, or something else), corruption, unavailable.
Status restore_from(const std::string& backup, const std::string& path);

}  // namespace reverie
