#include "runtime/tools/tools.hpp"

#include "config/ids.hpp"
#include "config/json.hpp"
#include "runtime/text.hpp"
#include "runtime/tools/outcome.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(BuiltinTools, AreTheTwentySixOfTheApi) {
  std::set<std::string> names;
  for (const Tool& tool : builtin_tools()) names.insert(tool.name);
  EXPECT_EQ(names, (std::set<std::string>{"archival_memory_insert",
                                          "archival_memory_search",
                                          "conversation_search",
                                          "core_memory_append",
                                          "core_memory_replace",
                                          "fetch_webpage",
                                          "finish_rethinking_memory",
                                          "grep_files",
                                          "memory",
                                          "memory_apply_patch",
                                          "memory_finish_edits",
                                          "memory_insert",
                                          "memory_replace",
                                          "memory_rethink",
                                          "open_files",
                                          "rethink_user_memory",
                                          "run_code",
                                          "run_code_with_tools",
                                          "search_memory",
                                          "semantic_search_files",
                                          "send_message",
                                          "send_message_to_agent_and_wait_for_reply",
                                          "send_message_to_agent_async",
                                          "send_message_to_agents_matching_tags",
                                          "store_memories",
                                          "web_search"}));
}

TEST(BuiltinTools, HaveIdsThatNeverChange) {
  EXPECT_EQ(builtin_tool_id("memory_insert"), "tool-009364ff-70c9-47a9-8df7-0f3edb4f714d");
  std::set<std::string> ids;
  for (const Tool& tool : builtin_tools()) {
    EXPECT_TRUE(home_of(tool.id)) << tool.id;
    EXPECT_EQ(tool.id, builtin_tool_id(tool.name));
    EXPECT_EQ(find_builtin_tool_by_id(tool.id), &tool);
    EXPECT_EQ(find_builtin_tool(tool.name), &tool);
    ids.insert(tool.id);
  }
  EXPECT_EQ(ids.size(), 26U);
  EXPECT_EQ(find_builtin_tool("no_such_tool"), nullptr);
  EXPECT_EQ(find_builtin_tool_by_id("tool-1"), nullptr);
}

TEST(BuiltinTools, AreDescribedCompletely) {
  for (const Tool& tool : builtin_tools()) {
    EXPECT_FALSE(tool.description.empty()) << tool.name;
    const Json schema = Json::parse(tool.parameters.text, nullptr, false);
    ASSERT_TRUE(schema.is_object()) << tool.name;
    for (const auto& [name, property] : schema["properties"].items()) {
      EXPECT_FALSE(property.value("description", "").empty()) << tool.name << "." << name;
      EXPECT_EQ(property["type"] == "array", property.contains("items")) << tool.name;
    }
    for (const Json& name : schema["required"])
      EXPECT_TRUE(schema["properties"].contains(name)) << tool.name;
  }
}

TEST(BuiltinTools, RunInParallelWhereTheApiSaysSo) {
  std::set<std::string> parallel;
  for (const Tool& tool : builtin_tools())
    if (tool.enable_parallel_execution) parallel.insert(tool.name);
  EXPECT_EQ(parallel, (std::set<std::string>{"archival_memory_search", "conversation_search",
                                             "fetch_webpage", "grep_files", "run_code",
                                             "semantic_search_files", "web_search"}));
}

TEST(BuiltinTools, AreShownAsTheApisTools) {
  std::string out;
  append_tool_json(out, *find_builtin_tool("core_memory_append"), "user-1");
  const Json tool = Json::parse(out);
  EXPECT_EQ(tool["tool_type"], "letta_memory_core");
  EXPECT_EQ(tool["tags"], Json({"letta_memory_core"}));
  EXPECT_EQ(tool["return_char_limit"], 50'000);
  EXPECT_EQ(tool["created_by_id"], "user-1");
  EXPECT_EQ(tool["json_schema"]["name"], "core_memory_append");
  EXPECT_EQ(tool["json_schema"]["parameters"]["required"], Json({"label", "content"}));
  EXPECT_TRUE(out.starts_with("{\"id\":\"tool-"));
  EXPECT_EQ(tool.size(), 18U);
}

TEST(ToolReturns, AreCutByCharactersWithBothNumbers) {
  EXPECT_EQ(cut_tool_return("short", 5), "short");
  const std::string cut = cut_tool_return(std::string(60'000, 'x'), 50'000);
  EXPECT_TRUE(cut.starts_with(std::string(50'000, 'x') + "..."));
  EXPECT_NE(cut.find("60000"), std::string::npos);
  EXPECT_NE(cut.find("50000"), std::string::npos);
  const std::string umlauts = "\xc3\xa4\xc3\xb6\xc3\xbc";
  EXPECT_EQ(cut_tool_return(umlauts, 3), umlauts);
  EXPECT_TRUE(cut_tool_return(umlauts, 2).starts_with("\xc3\xa4\xc3\xb6..."));
}

TEST(Text, CountsAndCutsCodePoints) {
  EXPECT_EQ(count_characters("a\xc3\xa4\xe2\x86\x92\xf0\x9f\x98\x80"), 4);
  EXPECT_EQ(first_characters("a\xc3\xa4z", 2), "a\xc3\xa4");
  EXPECT_EQ(first_characters("abc", 9), "abc");
  EXPECT_EQ(stripped(" \t a b\n"), "a b");
  EXPECT_TRUE(is_blank(" \n"));
}

}  // namespace
}  // namespace reverie
