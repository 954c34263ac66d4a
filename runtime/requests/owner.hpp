// Who answers a request.

#pragma once

#include <cstdint>

namespace reverie {

enum class Owner : std::uint8_t {
  reader,   // reads a few records
  scanner,  // may look at many: has its own threads, so that nobody waits behind it
  agent,    // the actor of the agent that the request's object is or belongs to
  block,    // the actor of the block
  tools,    // the actor of the organisation's tools
};

}  // namespace reverie
