#include "runtime/sandbox/sandbox_uids.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace reverie {

namespace {

// Of the file alone: a directory service could make a start wait.
std::set<std::int64_t> accounts() {
  std::set<std::int64_t> uids;
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen("/etc/passwd", "re"),
                                                                &std::fclose);
  while (file) {
    const passwd* entry = ::fgetpwent(file.get());
    if (entry == nullptr) break;
    uids.insert(entry->pw_uid);
  }
  return uids;
}

// The name of a socket that is no file is taken for exactly as long as one has it open.
Descriptor lock_for(std::int64_t first) {
  Descriptor lock(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const std::string name = "reverie-sandbox-" + std::to_string(first);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::bind(lock.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) lock.close();
  return lock;
}

}  // namespace

Result<SandboxUids> SandboxUids::claim(std::int64_t first, std::int64_t count, std::int64_t block) {
  const std::set<std::int64_t> taken = accounts();
  const std::int64_t size = std::min(block, count - 1) + 1;  // and the own one
  for (std::int64_t begin = first; begin + size <= first + count; begin += size) {
    SandboxUids uids;
    uids.lock_ = lock_for(begin);
    if (!uids.lock_.is_open()) continue;
    for (std::int64_t uid = begin; uid < begin + size; ++uid)
      if (!taken.contains(uid)) uids.free_.push_back(uid);
    if (uids.free_.size() < 2) continue;
    uids.own_ = *uids.take();
    return uids;
  }
  return Error{Errc::unavailable,
               "other servers have all users of sandbox.uid_first and sandbox.uids", "sandbox"};
}

std::optional<std::int64_t> SandboxUids::take() {
  if (free_.empty()) return std::nullopt;
  const std::int64_t uid = free_.front();
  free_.pop_front();
  return uid;
}

}  // namespace reverie
