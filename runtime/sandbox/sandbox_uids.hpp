// Users of this machine that belong to nobody, for code that must not be the server's own user.

#pragma once

#include "config/error.hpp"
#include "runtime/sandbox/descriptor.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace reverie {

// A block of them that no other server of the machine takes while this one, or what it has started
// and given the lock to, lives. For one thread.
class SandboxUids {
 public:
  SandboxUids() = default;

  // The first block of `block` numbers in first .. first + count - 1 that is free. Numbers that
  // have an account are left out. Errors: unavailable: there is none.
  static Result<SandboxUids> claim(std::int64_t first, std::int64_t count, std::int64_t block);

  // One that nobody has now; the longest unused first. Nothing: all are taken.
  std::optional<std::int64_t> take();
  void give_back(std::int64_t uid) { free_.push_back(uid); }
  bool is_empty() const { return free_.empty(); }

  // For what runs without being one of the calls; the same each time. -1: nothing was claimed.
  std::int64_t own() const { return own_; }
  int lock_descriptor() const { return lock_.get(); }

 private:
  Descriptor lock_;
  std::int64_t own_ = -1;
  std::deque<std::int64_t> free_;
};

}  // namespace reverie
