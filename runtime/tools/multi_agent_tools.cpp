// The tools by which agents talk to each other: known, not run yet.

#include "runtime/tools/builtin_tool.hpp"

namespace reverie {

std::vector<BuiltinTool> multi_agent_family() {
  constexpr std::string_view type = "letta_multi_agent_core";
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "send_message_to_agent_and_wait_for_reply", type,
    "Send a message to another agent and wait for its answer. The other agent is told who asks.",
    parameters({{"message", "string", "What to tell or ask the other agent.", true},
                {"other_agent_id", "string", "The id of the other agent, \"agent-...\".", true}})));
  tools.push_back(builtin_tool(
    "send_message_to_agent_async", type,
    "Send a message to another agent without waiting. If it answers, its answer comes as a message "
    "of its own, later.",
    parameters({{"message", "string", "What to tell or ask the other agent.", true},
                {"other_agent_id", "string", "The id of the other agent, \"agent-...\".", true}})));
  tools.push_back(builtin_tool(
    "send_message_to_agents_matching_tags", type,
    "Send a message to all agents with certain tags and wait for their answers.",
    parameters({{"message", "string", "What to tell or ask the other agents.", true},
                {"match_all", "array", "Tags that an agent must all have.", true},
                {"match_some", "array", "Tags of which an agent must have at least one.", true}})));
  return tools;
}

}  // namespace reverie
