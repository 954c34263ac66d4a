// `reverie backup` and `reverie restore`: a copy of the data directory, and back.

#pragma once

#include "config/settings.hpp"
#include "net/cli/api_client.hpp"

#include <string>

namespace reverie {

// Copies to the new directory `path`. The process that has the data directory open makes the
// copy: the server at `address` when it runs, else this one.
// Errors: unavailable, conflict (`path` exists), those of ApiClient.
Status back_up(const Settings& settings, const ServerAddress& address, const std::string& path);

// Puts a copy into the data directory, which must be empty or not there.
// Errors: conflict (it holds something), not_found, corruption.
Status restore(const Settings& settings, const std::string& from);

}  // namespace reverie
