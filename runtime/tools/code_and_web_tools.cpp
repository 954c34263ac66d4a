// run_code, run_code_with_tools, web_search, fetch_webpage: known, not run yet.

#include "runtime/tools/builtin_tool.hpp"

namespace reverie {

namespace {

BuiltinTool web_search() {
  return builtin_tool(
    "web_search", "letta_builtin",
    "Search the web and get titles, addresses and excerpts of pages. Ask for what you want to know "
    "in plain words, narrow the search down by kind of page, sites and dates, and use "
    "fetch_webpage to read a page as a whole.",
    parameters(
      {{"query", "string", "What to look for, in plain words.", true},
       {"num_results", "integer", "The number of results, 1 to 100. The default is 10."},
       {"category", "string", "Only pages of this kind.", false,
        R"(["company","research paper","news","pdf","github","tweet","personal site",)"
        R"("linkedin profile","financial report"])"},
       {"include_text", "boolean",
        "Whether to return the text of each page too. The default is no: it is long."},
       {"include_domains", "array", "Only pages of these sites, such as \"wikipedia.org\"."},
       {"exclude_domains", "array", "No pages of these sites."},
       {"start_published_date", "string", "Only pages published from this day on, in ISO 8601."},
       {"end_published_date", "string", "Only pages published up to this day, in ISO 8601."},
       {"user_location", "string",
        "The country that results should fit, as two letters, such as \"DE\"."}}));
}

}  // namespace

std::vector<BuiltinTool> code_and_web_tools() {
  std::vector<BuiltinTool> tools;
  tools.push_back(builtin_tool("run_code", "letta_builtin",
                               "Run code in a sandbox and get its results and output.",
                               parameters({{"code", "string", "The code to run.", true},
                                           {"language", "string", "The language of the code.", true,
                                            R"(["python","js","ts","r","java"])"}})));
  tools.push_back(web_search());
  tools.push_back(builtin_tool(
    "fetch_webpage", "letta_builtin", "Read a web page: its text as Markdown, without decoration.",
    parameters({{"url", "string", "The address of the page, http or https.", true}})));
  for (BuiltinTool& each : tools) each.tool.enable_parallel_execution = true;
  tools.push_back(builtin_tool(
    "run_code_with_tools", "letta_builtin",
    "Run Python code in which your other tools can be called as functions: to use the results of "
    "one in another, or to call one many times.",
    parameters({{"code", "string", "The python code to run.", true}})));
  return tools;
}

}  // namespace reverie
