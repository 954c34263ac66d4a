#include "net/admission.hpp"

namespace reverie {

bool Admission::acquire(const std::string& address, std::size_t all_max,
                        std::size_t of_address_max) {
  const std::lock_guard lock(mutex_);
  if (count_ >= all_max) return false;
  const auto found = per_address_.find(address);
  const std::size_t of_address = found == per_address_.end() ? 0 : found->second;
  if (of_address_max > 0 && of_address >= of_address_max) return false;
  per_address_[address] = of_address + 1;
  ++count_;
  return true;
}

void Admission::release(const std::string& address) {
  const std::lock_guard lock(mutex_);
  --count_;
  const auto found = per_address_.find(address);
  if (--found->second == 0) per_address_.erase(found);
}

std::size_t Admission::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace reverie
