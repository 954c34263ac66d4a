// How many connections there are, in all and of each address. Thread-safe.

#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace reverie {

class Admission {
 public:
  // False when `address` or the server has as many as it may; `of_address_max` is 0 for no limit.
  bool acquire(const std::string& address, std::size_t all_max, std::size_t of_address_max);
  void release(const std::string& address);

  std::size_t count() const;

 private:
  mutable std::mutex mutex_;
  std::size_t count_ = 0;
  std::unordered_map<std::string, std::size_t> per_address_;
};

}  // namespace reverie
