#include "runtime/llm/call_ids.hpp"

namespace reverie {

namespace {

std::string new_call_id(Random& random) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "call_";
  std::uint64_t bits = random.next();
  for (int i = 0; i < 8; ++i, bits >>= 4) id += digits[bits & 15];
  return id;
}

}  // namespace

std::string CallIds::take(std::string_view given) {
  std::string id(given);
  while (id.empty() || !taken_.insert(id).second) id = new_call_id(*random_);
  return id;
}

}  // namespace reverie
