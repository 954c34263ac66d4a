// `reverie agents`: who is there; and how the command line finds an agent by name.

#pragma once

#include "config/json.hpp"
#include "net/cli/api_client.hpp"
#include "net/cli/terminal.hpp"

#include <cstdint>
#include <string>

namespace reverie {

struct AgentsCommand {
  enum class Action : std::uint8_t { list, show, remove };
  Action action = Action::list;
  std::string agent;        // name or id, of show and remove
  std::int64_t limit = 50;  // of list
  bool is_json = false;
  bool is_confirmed = false;  // remove without asking
};

// Returns the exit code.
int run_agents(const AgentsCommand& command, const ServerAddress& address, const Style& style);

// By id ("agent-...") or by name.
// Errors: not_found, conflict (several have the name), those of ApiClient.
Result<Json> find_agent(ApiClient& api, const std::string& name_or_id);

// Of a JSON array of agents.
std::string agents_table(const Json& agents, const Style& style);

// One agent with its blocks and tools.
std::string agent_text(const Json& agent, const Style& style);

// A block as /memory and `agents show` have it: its label, how full it is, its value indented.
std::string block_text(const Json& block, const Style& style);

}  // namespace reverie
