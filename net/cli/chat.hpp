// `reverie chat`: talk to an agent in the terminal.

#pragma once

#include "config/json.hpp"
#include "net/cli/api_client.hpp"
#include "net/cli/terminal.hpp"

#include <optional>
#include <string>

namespace reverie {

struct ChatCommand {
  std::string agent = "reverie";       // name or id; a name that nobody has makes an agent
  std::string model;                   // of a new agent; empty: the first that the server lists
  std::optional<std::string> message;  // say this, print the answer, end; "-": from stdin
  bool is_json = false;                // with message: the whole answer as the API gives it
};

// Returns the exit code.
int run_chat(const ChatCommand& command, const ServerAddress& address, const Style& style);

// The body that makes an agent for a chat: blocks for the person and for the agent itself.
Json new_agent_body(const std::string& name, const std::string& model);

// Of a model list, the one for a new agent; empty when there is none.
std::string first_model(const Json& models);

}  // namespace reverie
