#include "runtime/agents/agent_name.hpp"

#include <array>
#include <string_view>

namespace reverie {

namespace {

constexpr std::array<std::string_view, 32> adjectives{
  "Amber",  "Brave",  "Calm",   "Careful", "Clever", "Curious", "Eager", "Early",
  "Fair",   "Gentle", "Golden", "Happy",   "Honest", "Jolly",   "Keen",  "Kind",
  "Lively", "Lucky",  "Mellow", "Merry",   "Noble",  "Patient", "Proud", "Quick",
  "Quiet",  "Silver", "Steady", "Sunny",   "Swift",  "Tidy",    "Warm",  "Wise"};

constexpr std::array<std::string_view, 32> nouns{
  "Badger", "Beacon",  "Birch",   "Brook",  "Cedar",  "Comet",  "Cove",   "Crane",
  "Dune",   "Falcon",  "Fern",    "Finch",  "Forest", "Garden", "Grove",  "Harbour",
  "Heron",  "Lantern", "Maple",   "Meadow", "Otter",  "Owl",    "Pebble", "Pine",
  "River",  "Robin",   "Sparrow", "Spruce", "Summit", "Tide",   "Valley", "Willow"};

}  // namespace

std::string random_agent_name(Random& random) {
  const std::uint64_t bits = random.next();
  return std::string(adjectives[bits % adjectives.size()])
         + std::string(nouns[(bits >> 16) % nouns.size()]);
}

}  // namespace reverie
