// The ids of the calls of one answer. Each has its own: results and approvals name a call by it.

#pragma once

#include "config/random.hpp"

#include <set>
#include <string>
#include <string_view>

namespace reverie {

class CallIds {
 public:
  explicit CallIds(Random& random) : random_(&random) {}

  // The id that the host gave, or a new one where it gave none, or the same to two calls.
  std::string take(std::string_view given);

 private:
  Random* random_;
  std::set<std::string> taken_;
};

}  // namespace reverie
