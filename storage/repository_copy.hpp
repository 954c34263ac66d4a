// Copies of the git repositories beside the tables (git/ of a data directory): of all that backups
// need to know of their form.

#pragma once

#include "config/error.hpp"

#include <filesystem>

namespace reverie {

// Copies the repositories in `from`, if there are any, to `to`, which is not there yet, durably.
// They may be written to meanwhile: each copy holds what its branches named when it was begun.
// Objects are linked where `to` is on the same file system and `links` says so.
// Errors: unavailable (the disk).
Status copy_repositories(const std::filesystem::path& from, const std::filesystem::path& to,
                         bool links);

}  // namespace reverie
