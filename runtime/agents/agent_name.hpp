// A name for an agent whose creator gave none.

#pragma once

#include "config/random.hpp"

#include <string>

namespace reverie {

// Two words in CamelCase: "QuietHarbour". Not unique.
std::string random_agent_name(Random& random);

}  // namespace reverie
