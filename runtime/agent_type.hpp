// What differs between the types of agents. There is one loop; a type is a set of answers to the
// questions that the loop, the prompt and the API ask.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct AgentProfile {
  std::string_view type;
  bool text_is_assistant = true;  // what the model says plainly is for the user; else it is thought
  bool renders_blocks = true;     // the prompt shows the memory blocks
  bool always_autoclears = false;  // each request sees the system prompt and itself alone
  bool has_system_default = true;  // false: the client must send `system`
  bool has_boot_messages = false;  // a greeting in the history at creation
};

// Nothing for a name that is no type of agent.
const AgentProfile* find_agent_profile(std::string_view type);

// As above; an unknown name is a letta_v1_agent.
const AgentProfile& agent_profile(std::string_view type);

// The names of the tools that a new agent gets, in the order in which they are attached.
std::vector<std::string_view> base_tools(std::string_view agent_type, bool enable_sleeptime);
std::vector<std::string_view> multi_agent_tools();

}  // namespace reverie
