// How often each home has changed, so that what was made of its records can be kept for as long
// as they stay the same.

#pragma once

#include "config/ids.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace reverie {

// Thread-safe and lock-free. Of this process: nothing is stored, and all begin with 0.
//
// Whoever keeps something takes the versions of its homes before the first read; it is current
// while they are the same. A change is counted when it is visible and before it is acknowledged,
// so nobody is shown something older than what was confirmed to anybody.
class HomeVersions {
 public:
  std::uint32_t of(Home home) const {
    return versions_[index(home)].load(std::memory_order_acquire);
  }
  void add_change(Home home) { versions_[index(home)].fetch_add(1, std::memory_order_acq_rel); }

 private:
  static constexpr std::size_t homes = (1 << 14) + 1;  // the last is the global one

  static std::size_t index(Home home) {
    return home == Home::global ? homes - 1 : static_cast<std::size_t>(home) % (homes - 1);
  }

  std::array<std::atomic<std::uint32_t>, homes> versions_{};
};

}  // namespace reverie
