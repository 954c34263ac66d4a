// The configuration of an agent, made from a create request and changed by a modify request:
// rules of the API without storage and actors.

#pragma once

#include "config/random.hpp"
#include "runtime/llm/providers.hpp"
#include "runtime/requests/agents.hpp"
#include "runtime/requests/blocks.hpp"
#include "runtime/tools/tool.hpp"
#include "storage/records/agent.hpp"
#include "storage/records/block.hpp"
#include "storage/records/message.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reverie {

// What the rules look at beside the request.
struct AgentConfigContext {
  const Store& store;  // of the organisation's tools
  const Providers& providers;
  Random& random;
  Timestamp now;
  std::string org_id;
  std::string user_id;
  std::string default_model;                  // handle, empty: a request has to name one
  std::string default_embedding;              // handle, empty: none
  std::int64_t context_window_max = 128'000;  // tokens
};

struct NewAgent {
  Agent agent;
  std::vector<Block> blocks;      // made with it; they have the agent's home
  std::vector<Message> messages;  // behind the system message, without ids and sequence numbers
};

// Errors: bad_request (no model, an unknown tool name, a bad agent type), not_found (unknown
// model handle), invalid_argument with the path of the member, not_built for what this release
// does not have (folders, identities, sleep-time agents).
Result<NewAgent> new_agent(const CreateAgent& request, const AgentConfigContext& context);

// Gives the agent a tool, with the approval that the tool asks for.
void attach_tool(Agent& agent, const Tool& tool);

// Changes `agent`; on an error it is left in between and has to be thrown away. Errors: as above.
Status modify_agent(Agent& agent, const ModifyAgent& request, const AgentConfigContext& context);

// The greeting in the history of agents of the older types. Without ids and sequence numbers.
std::vector<Message> boot_messages(const Agent& agent, Timestamp now);

// Changes a block as a request says; an absent member stays. Errors: invalid_argument.
Status modify_block(Block& block, const ModifyBlock& request);

}  // namespace reverie
