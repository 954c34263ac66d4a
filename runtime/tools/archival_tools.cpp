// archival_memory_insert, archival_memory_search: known, not run yet.

#include "runtime/tools/builtin_tool.hpp"

namespace reverie {

std::vector<BuiltinTool> archival_tools() {
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "archival_memory_insert", "letta_core",
    "Store something in long-term memory, outside of the context: facts, events, documents, notes "
    "that may matter one day. Write each so that it makes sense on its own, and tag it with what "
    "it is about, so that it can be found again.",
    parameters({{"content", "string", "What to remember, complete in itself.", true},
                {"tags", "array", "Words under which it can be found, such as \"meetings\"."}})));
  tools.push_back(builtin_tool(
    "archival_memory_search", "letta_core",
    "Search long-term memory by meaning and by words. Ask in plain words for what you want to "
    "know; narrow the search down by tags and dates.",
    parameters(
      {{"query", "string", "What to look for, in plain words.", true},
       {"tags", "array", "Only what has these tags."},
       {"tag_match_mode", "string",
        "Whether one of the tags is enough (any, the default) or all are needed (all).", false,
        R"(["any","all"])"},
       {"top_k", "integer", "The largest number of results."},
       {"start_datetime", "string", "Only what was stored from this time on, in ISO 8601."},
       {"end_datetime", "string", "Only what was stored up to this time, in ISO 8601."}})));
  tools.back().tool.enable_parallel_execution = true;
  return tools;
}

}  // namespace reverie
