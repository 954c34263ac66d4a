#include "actors/token_counts.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

// More models than an agent's threads use at a time; the record is written with each step.
constexpr std::size_t counts_max = 8;

}  // namespace

TokenScale token_scale(const AgentActivity& activity, std::string_view model) {
  for (const TokenCount& count : activity.token_counts)
    if (count.model == model) return {count.tokens, count.bytes};
  return {};
}

void note_token_count(AgentActivity& activity, TokenCount count) {
  auto& counts = activity.token_counts;
  std::erase_if(counts, [&](const TokenCount& each) { return each.model == count.model; });
  counts.insert(counts.begin(), std::move(count));
  if (counts.size() > counts_max) counts.resize(counts_max);
}

}  // namespace reverie
