#include "storage/repository_copy.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace reverie {

namespace {

namespace fs = std::filesystem;

// Packing takes files away that a copy has seen in their directory.
constexpr int attempts_max = 5;

Error failed(const fs::path& path, const std::error_code& code) {
  const Errc kind =
    code == std::errc::no_such_file_or_directory ? Errc::conflict : Errc::unavailable;
  return {kind, "cannot copy " + path.string() + ": " + code.message(), "backup"};
}

Status sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool is_synced = file >= 0 && ::fsync(file) == 0;
  const std::error_code code{errno, std::generic_category()};
  if (file >= 0) ::close(file);
  if (!is_synced) return failed(path, code);
  return {};
}

// What is just being written.
bool is_unfinished(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".lock") || name.starts_with("tmp_");
}

Status copy_file(const fs::path& from, const fs::path& to, bool links) {
  std::error_code code;
  if (fs::exists(to, code)) return {};  // an object; its name says what is in it
  if (links) {
    fs::create_hard_link(from, to, code);
    if (!code) return {};
  }
  code.clear();
  fs::copy_file(from, to, code);
  if (code) return failed(from, code);
  return sync(to);
}

Status copy_directory(const fs::path& from, const fs::path& to, bool links) {
  std::error_code code;
  fs::create_directories(to, code);
  if (code) return failed(to, code);
  fs::directory_iterator entry(from, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    if (is_unfinished(entry->path())) continue;
    const fs::path copy = to / entry->path().filename();
    std::error_code gone;
    REVERIE_CHECK(entry->is_directory(gone) ? copy_directory(entry->path(), copy, links)
                                            : copy_file(entry->path(), copy, links));
  }
  if (code) return failed(from, code);
  return sync(to);
}

// Branches before objects: what a branch names is there by then, whatever is pushed meanwhile; and
// branches that are files before packed-refs, which packing moves them to. They are replaced and
// small, and never linked.
Status copy_repository(const fs::path& from, const fs::path& to, bool links) {
  std::error_code code;
  fs::create_directories(to, code);
  if (code) return failed(to, code);
  REVERIE_CHECK(copy_directory(from / "refs", to / "refs", false));
  for (const char* name : {"HEAD", "config", "packed-refs"})
    if (fs::exists(from / name, code)) REVERIE_CHECK(copy_file(from / name, to / name, false));
  REVERIE_CHECK(copy_directory(from / "objects", to / "objects", links));
  return sync(to);
}

Status try_again_and_copy(const fs::path& from, const fs::path& to, bool links) {
  for (int left = attempts_max;; --left) {
    auto copied = copy_repository(from, to, links);
    if (copied || copied.error().code != Errc::conflict) return copied;
    std::error_code code;
    fs::remove_all(to, code);
    if (!fs::exists(from, code)) return {};  // its agent was deleted
    if (left == 1) return Error{Errc::unavailable, copied.error().message, "backup"};
  }
}

}  // namespace

Status copy_repositories(const fs::path& from, const fs::path& to, bool links) {
  std::error_code code;
  if (!fs::is_directory(from, code)) return {};
  fs::create_directories(to, code);
  if (code) return failed(to, code);
  fs::directory_iterator entry(from, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code))
    if (entry->path().extension() == ".git")  // else half made or half removed
      REVERIE_CHECK(try_again_and_copy(entry->path(), to / entry->path().filename(), links));
  if (code) return failed(from, code);
  return sync(to);
}

}  // namespace reverie
