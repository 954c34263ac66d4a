#include "runtime/tool_rules.hpp"

#include "runtime/agent_type.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Names = std::vector<std::string>;

const Names tools{"a", "b", "c", "d"};

ToolRules rules(const char* json) {
  auto parsed = ToolRules::parse(Json::parse(json));
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return *std::move(parsed);
}

AllowedTools allowed(const char* json, const Names& history, std::string_view output = "") {
  return rules(json).allowed(history, tools, output);
}

TEST(ToolRules, WithoutRulesAllIsAllowedAndNothingForced) {
  const AllowedTools out = allowed("[]", {});
  EXPECT_EQ(out.names, tools);
  EXPECT_FALSE(out.is_forced);
  EXPECT_TRUE(ToolRules().allows_parallel_calls());
}

TEST(ToolRules, RunFirstAllowsAndForcesItsToolsAtTheStartOnly) {
  const char* const json = R"([{"type":"run_first","tool_name":"b","args":{"x":1}}])";
  const AllowedTools first = allowed(json, {});
  EXPECT_EQ(first.names, Names{"b"});
  EXPECT_TRUE(first.is_forced);
  EXPECT_EQ(first.prefilled.at("b"), Json({{"x", 1}}));
  const AllowedTools later = allowed(json, {"b"});
  EXPECT_EQ(later.names, tools);
  EXPECT_FALSE(later.is_forced);
  EXPECT_TRUE(later.prefilled.empty());
}

TEST(ToolRules, RunFirstOfAToolThatIsNotThereSilencesNobody) {
  const AllowedTools out = allowed(R"([{"type":"run_first","tool_name":"gone"}])", {});
  EXPECT_EQ(out.names, tools);
  EXPECT_FALSE(out.is_forced);
}

TEST(ToolRules, ExitEndsTheTurn) {
  const ToolRules exit = rules(R"([{"type":"exit_loop","tool_name":"a"}])");
  EXPECT_TRUE(exit.after_call("a", Names{"a"}).is_terminal);
  EXPECT_FALSE(exit.after_call("a", Names{"a"}).continues);
  EXPECT_TRUE(exit.after_call("b", Names{"b"}).continues);
}

TEST(ToolRules, ARequiredToolKeepsTheTurnGoing) {
  const ToolRules both = rules(R"([{"type":"exit_loop","tool_name":"a"},
                                   {"type":"required_before_exit","tool_name":"b"}])");
  EXPECT_EQ(both.missing_required(Names{"a"}), Names{"b"});
  EXPECT_TRUE(both.after_call("a", Names{"a"}).continues);
  EXPECT_FALSE(both.after_call("a", Names{"a"}).is_terminal);
  EXPECT_TRUE(both.after_call("a", Names{"b", "a"}).is_terminal);
}

TEST(ToolRules, AChildRuleAllowsAndForcesItsChildrenAfterTheParent) {
  const char* const json =
    R"([{"type":"constrain_child_tools","tool_name":"a","children":["b"],
         "child_arg_nodes":[{"name":"b","args":{"x":1}}]}])";
  EXPECT_EQ(allowed(json, {}).names, tools);
  const AllowedTools after = allowed(json, {"c", "a"});
  EXPECT_EQ(after.names, Names{"b"});
  EXPECT_TRUE(after.is_forced);
  EXPECT_EQ(after.prefilled.at("b"), Json({{"x", 1}}));
  EXPECT_EQ(allowed(json, {"a", "b"}).names, tools);
}

TEST(ToolRules, AParentRuleHidesItsChildrenUntilTheParentRan) {
  const char* const json = R"([{"type":"parent_last_tool","tool_name":"a","children":["b"]}])";
  EXPECT_EQ(allowed(json, {}).names, (Names{"a", "c", "d"}));
  EXPECT_EQ(allowed(json, {"a"}).names, Names{"b"});
  EXPECT_TRUE(allowed(json, {"a"}).is_forced);
}

TEST(ToolRules, MaxCountCountsEachCallOnce) {
  const char* const json = R"([{"type":"max_count_per_step","tool_name":"a","max_count_limit":2}])";
  EXPECT_TRUE(allowed(json, {"a"}).has("a"));
  EXPECT_FALSE(allowed(json, {"a", "b", "a"}).has("a"));
  EXPECT_FALSE(allowed(json, {"a", "a"}).is_forced);
}

TEST(ToolRules, NothingAllowedMeansNothingAllowed) {
  const ToolRules only =
    rules(R"([{"type":"max_count_per_step","tool_name":"a","max_count_limit":1}])");
  EXPECT_TRUE(only.allowed(Names{"a"}, Names{"a"}, "").names.empty());
}

TEST(ToolRules, AConditionalRuleLooksAtTheOutput) {
  const char* const json = R"([{"type":"conditional","tool_name":"a","default_child":"d",
      "child_output_mapping":{"true":"b","5":"c"}}])";
  EXPECT_EQ(allowed(json, {"a"}, "true").names, Names{"b"});
  EXPECT_EQ(allowed(json, {"a"}, "True").names, Names{"b"});
  EXPECT_EQ(allowed(json, {"a"}, "5").names, Names{"c"});
  EXPECT_EQ(allowed(json, {"a"}, "5.0").names, Names{"c"});
  EXPECT_EQ(allowed(json, {"a"}, R"({"x":1})").names, Names{"d"});
  EXPECT_EQ(allowed(json, {"b"}, "true").names, tools);
  EXPECT_TRUE(allowed(json, {"a"}, "other").is_forced);
}

TEST(ToolRules, WithoutADefaultAConditionalRuleAllowsAllOrNothing) {
  EXPECT_EQ(allowed(R"([{"type":"conditional","tool_name":"a",
                        "child_output_mapping":{"x":"b"}}])",
                    {"a"}, "y")
              .names,
            tools);
  const AllowedTools strict = allowed(R"([{"type":"conditional","tool_name":"a",
      "require_output_mapping":true,"child_output_mapping":{"x":"b"}}])",
                                      {"a"}, "y");
  EXPECT_TRUE(strict.names.empty());
  EXPECT_TRUE(strict.is_forced);
}

TEST(ToolRules, SeveralRulesAllHold) {
  const char* const json =
    R"([{"type":"constrain_child_tools","tool_name":"a","children":["b","c"]},
      {"type":"max_count_per_step","tool_name":"b","max_count_limit":1}])";
  EXPECT_EQ(allowed(json, {"b", "a"}).names, Names{"c"});
}

TEST(ToolRules, KnowWhatNeedsApprovalAndWhatForbidsParallelCalls) {
  const ToolRules approval = rules(R"([{"type":"requires_approval","tool_name":"a"}])");
  EXPECT_TRUE(approval.needs_approval("a"));
  EXPECT_FALSE(approval.needs_approval("b"));
  EXPECT_TRUE(approval.allows_parallel_calls());
  EXPECT_FALSE(rules(R"([{"type":"continue_loop","tool_name":"a"}])").allows_parallel_calls());
}

TEST(ToolRules, EqualRulesAreOne) {
  EXPECT_EQ(rules(R"([{"type":"constrain_child_tools","tool_name":"a","children":["b","c"]},
                      {"type":"constrain_child_tools","tool_name":"a","children":["c","b"]},
                      {"type":"exit_loop","tool_name":"a"}])")
              .rules()
              .size(),
            2U);
}

TEST(ToolRules, NameTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
    {R"({})", ""},
    {R"([5])", "0"},
    {R"([{"type":"exit_loop"}])", "0.tool_name"},
    {R"([{"tool_name":"a"}])", "0.type"},
    {R"([{"tool_name":"a","type":"sometimes"}])", "0.type"},
    {R"([{"tool_name":"a","type":"constrain_child_tools"}])", "0.children"},
    {R"([{"tool_name":"a","type":"constrain_child_tools","children":["b"],
          "child_arg_nodes":[{"name":"c"}]}])",
     "0.child_arg_nodes"},
    {R"([{"tool_name":"a","type":"conditional","child_output_mapping":{}}])",
     "0.child_output_mapping"},
    {R"([{"tool_name":"a","type":"max_count_per_step"}])", "0.max_count_limit"},
    {R"([{"tool_name":"a","type":"max_count_per_step","max_count_limit":-1}])",
     "0.max_count_limit"},
    {R"([{"tool_name":"a","type":"run_first","args":[]}])", "0.args"},
  };
  for (const auto& [json, where] : cases) {
    const auto parsed = ToolRules::parse(Json::parse(json));
    ASSERT_FALSE(parsed) << json;
    EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
    EXPECT_EQ(parsed.error().where, where) << json;
  }
  EXPECT_TRUE(ToolRules::parse(RawJson{})->empty());
  EXPECT_EQ(ToolRules::parse(RawJson("[")).error().code, Errc::corruption);
}

TEST(ToolRules, AreToldToTheModelInOrderOfTheirKind) {
  const Names texts = rules(R"([{"type":"exit_loop","tool_name":"a"},
      {"type":"run_first","tool_name":"b"},{"type":"requires_approval","tool_name":"b"},
      {"type":"required_before_exit","tool_name":"b"},
      {"type":"parent_last_tool","tool_name":"b","children":["c"]},
      {"type":"max_count_per_step","tool_name":"c","max_count_limit":1},
      {"type":"conditional","tool_name":"d","child_output_mapping":{"x":"a"}},
      {"type":"continue_loop","tool_name":"d"}])")
                        .prompt_texts();
  ASSERT_EQ(texts.size(), 5U);
  EXPECT_EQ(texts[0], "<tool_rule>\nAfter d you go on: it does not end your turn.\n</tool_rule>");
  EXPECT_NE(texts[1].find("when it is \"x\", call a."), std::string::npos);
  EXPECT_NE(texts[2].find("at most 1 time in a turn"), std::string::npos);
  EXPECT_NE(texts[4].find("Calling a ends your turn."), std::string::npos);
}

TEST(ToolRules, AViolationNamesTheValidToolsAndTheRulesThatApply) {
  EXPECT_EQ(ToolRules().violation("x", "", tools),
            "[ToolConstraintError] Cannot call x, valid tools include: ['a', 'b', 'c', 'd'].");
  const std::string text =
    rules(R"([{"type":"constrain_child_tools","tool_name":"a","children":["b"]}])")
      .violation("c", "a", Names{"b"});
  EXPECT_NE(text.find("['b']. These rules apply:\n- Right after a"), std::string::npos);
}

TEST(ToolRules, PrefilledArgumentsHaveToFit) {
  const Json schema = Json::parse(R"({"properties":{"n":{"type":"integer"}}})");
  EXPECT_TRUE(check_prefilled(Json(), schema));
  EXPECT_TRUE(check_prefilled({{"n", 1}}, schema));
  EXPECT_FALSE(check_prefilled({{"n", true}}, schema));
  EXPECT_FALSE(check_prefilled({{"m", 1}}, schema));
}

TEST(DefaultToolRules, EndWithSpeechAndGoOnAfterMemory) {
  EXPECT_EQ(default_tool_rules(Names{"memory_insert", "web_search", "send_message"}).text,
            R"([{"tool_name":"memory_insert","type":"continue_loop","prompt_template":null},)"
            R"({"tool_name":"send_message","type":"exit_loop","prompt_template":null}])");
  EXPECT_EQ(default_tool_rules(Names{}).text, "[]");
}

TEST(DefaultToolRules, AreForAgentsAndModelsThatNeedThem) {
  EXPECT_FALSE(has_default_tool_rules("letta_v1_agent", "openai/gpt-4o", false));
  EXPECT_TRUE(has_default_tool_rules("letta_v1_agent", "openai/gpt-4o", true));
  EXPECT_TRUE(has_default_tool_rules("memgpt_agent", "openai/gpt-4o", false));
  EXPECT_FALSE(has_default_tool_rules("memgpt_agent", "openai/gpt-5", false));
  EXPECT_TRUE(has_default_tool_rules("memgpt_agent", "openai/gpt-5-mini", false));
  EXPECT_TRUE(has_default_tool_rules("sleeptime_agent", "openai/gpt-5", false));
}

TEST(AgentTypes, AreKnownWithTheirTools) {
  EXPECT_TRUE(agent_profile("letta_v1_agent").text_is_assistant);
  EXPECT_FALSE(agent_profile("memgpt_agent").text_is_assistant);
  EXPECT_FALSE(agent_profile("react_agent").renders_blocks);
  EXPECT_TRUE(agent_profile("workflow_agent").always_autoclears);
  EXPECT_EQ(find_agent_profile("robot"), nullptr);
  EXPECT_EQ(agent_profile("robot").type, "letta_v1_agent");
  EXPECT_EQ(base_tools("letta_v1_agent", false).size(), 3U);
  EXPECT_EQ(base_tools("letta_v1_agent", true).back(), "archival_memory_search");
  EXPECT_EQ(base_tools("sleeptime_agent", true).back(), "memory_finish_edits");
  EXPECT_TRUE(base_tools("react_agent", false).empty());
}

}  // namespace
}  // namespace reverie
