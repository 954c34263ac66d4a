// Ids of objects: "<prefix>-<uuid4>", lower case. The first 14 bits of the UUID
// name the object's home: all that lives in one home is on one shard, in one
// contiguous range of every column family, and changes in one atomic commit.
//
//   block-2f6c81d4-....          0x2f6c = 0010'1111'0110'11|00  ->  home 0x0bdb
//
// A root object (an agent, an archive, a block of its own) gets random bits and
// so an even spread; what belongs to it gets ids with the same 14 bits.

#pragma once

#include "config/error.hpp"
#include "config/random.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reverie {

// Spelled as on the wire, but for a hyphen, which is an underscore here.
enum class Prefix : std::uint8_t {
  agent,
  agent_env,
  archive,
  batch_item,
  batch_req,
  block,
  conv,
  file,
  file_agent,
  group,
  identity,
  job,
  mcp_oauth,
  mcp_server,
  message,
  model,
  org,
  passage,
  provider,
  provider_trace,
  run,
  sandbox,
  sandbox_env,
  source,
  step,
  tool,
  tool_rule,
  user,
};

std::string_view to_string(Prefix prefix);

// 0 .. 0x3fff, or `global`: the home of what belongs to no agent (tools,
// providers, models, organisations, users, identities, MCP servers).
enum class Home : std::uint16_t { global = 0xffff };

// A random uuid4, without a prefix: for what is no object, such as a stream's pings.
std::string new_uuid(Random& random);

// An id for a root object.
std::string new_id(Prefix prefix, Random& random);

// An id in the home of `parent_id`. Errors: invalid_argument.
Result<std::string> new_child_id(Prefix prefix, std::string_view parent_id, Random& random);

// The UUID of an id as it is stored where many of a kind are listed, and back.
constexpr std::size_t uuid_bytes_size = 16;
std::string uuid_bytes(std::string_view id);
std::string id_of_uuid(Prefix prefix, std::string_view bytes);

// Where the object of this id lives. For an object that came from elsewhere with
// its id and belongs to another, ask for the owner's home: its own bits may
// differ. Errors: invalid_argument when `id` is not a known prefix and a uuid4.
Result<Home> home_of(std::string_view id);

}  // namespace reverie
