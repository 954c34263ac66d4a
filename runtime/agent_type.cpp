#include "runtime/agent_type.hpp"

namespace reverie {

namespace {

constexpr AgentProfile profiles[] = {
  {.type = "letta_v1_agent"},
  {.type = "memgpt_agent", .text_is_assistant = false, .has_boot_messages = true},
  {.type = "memgpt_v2_agent", .text_is_assistant = false, .has_boot_messages = true},
  {.type = "react_agent", .renders_blocks = false, .has_boot_messages = true},
  {.type = "workflow_agent", .renders_blocks = false, .always_autoclears = true},
  {.type = "split_thread_agent",
   .text_is_assistant = false,
   .has_system_default = false,
   .has_boot_messages = true},
  {.type = "sleeptime_agent"},
  {.type = "voice_convo_agent", .text_is_assistant = false, .has_boot_messages = true},
  {.type = "voice_sleeptime_agent"},
};

}  // namespace

const AgentProfile* find_agent_profile(std::string_view type) {
  for (const AgentProfile& profile : profiles)
    if (profile.type == type) return &profile;
  return nullptr;
}

const AgentProfile& agent_profile(std::string_view type) {
  const AgentProfile* found = find_agent_profile(type);
  return found == nullptr ? profiles[0] : *found;
}

std::vector<std::string_view> base_tools(std::string_view agent_type, bool enable_sleeptime) {
  if (agent_type == "sleeptime_agent")
    return {"memory_replace", "memory_insert", "memory_rethink", "memory_finish_edits"};
  if (agent_type == "voice_sleeptime_agent")
    return {"store_memories", "rethink_user_memory", "finish_rethinking_memory"};
  if (agent_type == "voice_convo_agent") return {"send_message", "search_memory"};
  if (agent_type == "react_agent" || agent_type == "workflow_agent") return {};
  if (enable_sleeptime) return {"send_message", "conversation_search", "archival_memory_search"};
  if (agent_type == "memgpt_v2_agent")
    return {"send_message", "conversation_search", "memory_insert", "memory_replace"};
  if (agent_type == "memgpt_agent" || agent_type == "split_thread_agent")
    return {"send_message", "conversation_search", "core_memory_append", "core_memory_replace",
            "memory",       "memory_apply_patch"};
  return {"conversation_search", "memory_insert", "memory_replace"};
}

std::vector<std::string_view> multi_agent_tools() {
  return {"send_message_to_agent_and_wait_for_reply", "send_message_to_agents_matching_tags",
          "send_message_to_agent_async"};
}

}  // namespace reverie
