// The tools of voice agents and of those that keep their memory: known, not run yet.

#include "runtime/tools/builtin_tool.hpp"

namespace reverie {

namespace {

constexpr std::string_view chunk =
  R"({"type":"object","properties":{)"
  R"("start_index":{"type":"integer","description":"The first line of the passage."},)"
  R"("end_index":{"type":"integer","description":"The last line of the passage."},)"
  R"("context":{"type":"string","description":"What the passage is about and why it matters."}},)"
  R"("required":["start_index","end_index","context"]})";

}  // namespace

std::vector<BuiltinTool> voice_tools() {
  constexpr std::string_view type = "letta_voice_sleeptime_core";
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "search_memory", type, "Look for something in long-term memory and in earlier conversations.",
    parameters({{"convo_keyword_queries", "array", "Words to look for in conversations."},
                {"start_minutes_ago", "integer", "Only what is at most this many minutes old."},
                {"end_minutes_ago", "integer", "Only what is at least this many minutes old."}})));
  tools.push_back(builtin_tool(
    "store_memories", type, "Store passages of a conversation in long-term memory.",
    parameters({{"chunks", "array", "The passages, by their lines.", true, "", chunk}})));
  tools.push_back(
    builtin_tool("rethink_user_memory", type,
                 "Rewrite what is known about the user, keeping all that still matters.",
                 parameters({{"new_memory", "string", "The complete new text.", true}})));
  tools.push_back(builtin_tool("finish_rethinking_memory", type,
                               "Say that the memory is as it should be.", parameters({})));
  return tools;
}

}  // namespace reverie
