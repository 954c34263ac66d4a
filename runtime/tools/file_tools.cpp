// open_files, grep_files, semantic_search_files: known, not run yet.

#include "runtime/tools/builtin_tool.hpp"

namespace reverie {

namespace {

// Written out: its items are objects.
constexpr std::string_view file_request =
  R"({"type":"object","properties":{)"
  R"("file_name":{"type":"string","description":"Name of the file to open"},)"
  R"("offset":{"type":"integer","description":"The first line to show, 0 for the top."},)"
  R"("length":{"type":"integer","description":"The number of lines to show. The default is all."}},)"
  R"("required":["file_name"]})";

}  // namespace

std::vector<BuiltinTool> file_tools() {
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool(
    "open_files", "letta_files_core",
    "Open files, or parts of them, so that their text stands in your context until they are "
    "closed. There is a limit to how many can be open; opening more closes those that were used "
    "longest ago.",
    parameters({{"file_requests", "array", "The files to open, each with the lines to show.", true,
                 "", file_request},
                {"close_all_others", "boolean", "Whether to close all other files first."}})));
  tools.push_back(builtin_tool(
    "grep_files", "letta_files_core",
    "Search the text of all attached files for a regular expression, in upper or lower case. "
    "Returns the matching lines with their files and line numbers, 20 at a time.",
    parameters(
      {{"pattern", "string", "The regular expression to search for.", true},
       {"include", "string", "Only files whose names match this pattern, such as \"*.md\"."},
       {"context_lines", "integer", "The lines to show around each match. The default is 1."},
       {"offset", "integer", "The number of matches to leave out, to see the next page."}})));
  tools.back().tool.enable_parallel_execution = true;
  tools.push_back(builtin_tool(
    "semantic_search_files", "letta_files_core",
    "Search all attached files for passages by their meaning. Use grep_files to find exact words.",
    parameters({{"query", "string", "What to look for, in plain words.", true},
                {"limit", "integer", "The largest number of passages. The default is 5."}})));
  tools.back().tool.enable_parallel_execution = true;
  return tools;
}

}  // namespace reverie
