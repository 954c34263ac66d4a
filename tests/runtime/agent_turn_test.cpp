#include "runtime/agent_turn.hpp"

#include "runtime/tools/tools.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace reverie {
namespace {

constexpr const char* id_tail = "-0000-4000-8000-000000000000";

TurnSources sources() {
  auto next = std::make_shared<int>(0);
  return {[next](Prefix prefix) {
            char head[9];
            std::snprintf(head, sizeof head, "%08x", ++*next);
            return std::string(to_string(prefix)) + "-" + head + id_tail;
          },
          [] { return Timestamp{std::chrono::seconds{1}}; }};
}

TurnSetup setup(std::vector<std::string> tools = {"memory_insert", "send_message"},
                const std::string& rules = "[]") {
  TurnSetup made;
  made.agent_id = std::string("agent-00000000") + id_tail;
  made.run_id = std::string("run-00000000") + id_tail;
  made.agent_type = "letta_v1_agent";
  made.model_info.handle = "p/m";
  for (const std::string& name : tools) made.tools.push_back(unowned(*find_builtin_tool(name)));
  made.rules = *ToolRules::parse(RawJson{rules});
  return made;
}

std::vector<Message> context() {
  Message system;
  system.role = "system";
  system.content.push_back({"text", "prompt", "", {}});
  return {system};
}

Completion says(std::string text) {
  Completion completion;
  completion.text = std::move(text);
  completion.usage.total_tokens = 7;
  return completion;
}

Completion calls(std::vector<ToolCall> tool_calls) {
  Completion completion;
  completion.tool_calls = std::move(tool_calls);
  completion.finish = FinishReason::tool_calls;
  return completion;
}

// Stores the step and says what the turn wants next.
TurnPhase store(AgentTurn& turn) {
  EXPECT_EQ(turn.phase(), TurnPhase::store_step);
  turn.on_stored();
  return turn.phase();
}

TEST(AgentTurn, APlainAnswerEndsTheTurn) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(says("hello"), 5);
  ASSERT_EQ(turn.result().messages.size(), 1U);
  EXPECT_EQ(turn.result().messages[0].id, turn.message_id());
  EXPECT_EQ(turn.result().step.usage.total_tokens, 7);
  EXPECT_EQ(turn.result().stop_reason, "end_turn");
  EXPECT_EQ(store(turn), TurnPhase::finished);
}

TEST(AgentTurn, AnEmptyAnswerStoresNothingAndEndsTheTurn) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(says(""), 5);
  EXPECT_TRUE(turn.result().messages.empty());
  EXPECT_EQ(turn.result().stop_reason, "end_turn");
}

TEST(AgentTurn, CallsAndTheirReturnsAreOneStep) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "memory_insert", R"({"label":"a"})"}}), 5);
  ASSERT_EQ(turn.phase(), TurnPhase::run_tools);
  turn.on_tools({tool_success("done")}, 1);
  ASSERT_EQ(turn.result().messages.size(), 2U);
  EXPECT_EQ(turn.result().messages[0].tool_calls[0].id, "c1");
  EXPECT_EQ(turn.result().messages[1].tool_returns[0].tool_call_id, "c1");
  EXPECT_FALSE(turn.result().stop_reason);
  std::vector<Message> seen = context();
  for (const Message& message : turn.result().messages) seen.push_back(message);
  EXPECT_EQ(store(turn), TurnPhase::call_model);
  EXPECT_EQ(turn.begin_step(seen).messages.size(), 3U);
}

TEST(AgentTurn, OnlyTheFirstOfSeveralCallsRunsWhenParallelCallsAreOff) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "memory_insert", "{}"}, {"c2", "memory_insert", "{}"}}), 5);
  EXPECT_EQ(turn.calls().size(), 1U);
}

TEST(AgentTurn, AFormatShapesWhatAnOlderAgentSaysByItsTool) {
  TurnSetup older = setup();
  older.agent_type = "memgpt_agent";
  older.model.response_format = RawJson(R"({"type":"json_object"})");
  const LlmRequest request = AgentTurn{older, sources()}.begin_step(context());
  EXPECT_TRUE(request.model.response_format.is_null());
  ASSERT_EQ(request.tools.back().name, "send_message");
  EXPECT_EQ(Json::parse(request.tools.back().parameters.text)["properties"]["message"]["type"],
            "object");
  older.agent_type = "letta_v1_agent";  // speaks by its answers
  const LlmRequest newer = AgentTurn{older, sources()}.begin_step(context());
  EXPECT_FALSE(newer.model.response_format.is_null());
}

TEST(AgentTurn, TheFormatOfTheAgentIsThatOfItsToolAlone) {
  TurnSetup made = setup();
  made.response_format = RawJson(R"({"type":"json_object"})");
  const LlmRequest request = AgentTurn{made, sources()}.begin_step(context());
  EXPECT_TRUE(request.model.response_format.is_null());
  ASSERT_EQ(request.tools.back().name, "send_message");
  EXPECT_EQ(Json::parse(request.tools.back().parameters.text)["properties"]["message"]["type"],
            "object");
  // What a client calls by this name is not the agent's.
  Tool own;
  own.name = "send_message";
  own.parameters = RawJson{R"({"type":"object","properties":{"message":{"type":"string"}}})"};
  made.client_tools = {own};
  const LlmRequest shadowed = AgentTurn{made, sources()}.begin_step(context());
  EXPECT_EQ(shadowed.tools.back().parameters, own.parameters);
}

TEST(AgentTurn, AnUnknownToolIsRefusedAndTheTurnGoesOn) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "nope", "{}"}}), 5);
  ASSERT_TRUE(turn.calls()[0].outcome);
  EXPECT_TRUE(turn.calls()[0].outcome->text.starts_with("[ToolConstraintError]"));
  turn.on_tools({*turn.calls()[0].outcome}, 1);
  EXPECT_EQ(store(turn), TurnPhase::call_model);
  EXPECT_TRUE(turn.tools_called().empty());
}

TEST(AgentTurn, ATerminalToolEndsTheTurn) {
  AgentTurn turn{setup({"memory_insert", "send_message"},
                       R"([{"type":"exit_loop","tool_name":"send_message"}])"),
                 sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "send_message", R"({"message":"x"})"}}), 5);
  turn.on_tools({tool_success("sent")}, 1);
  EXPECT_EQ(turn.result().stop_reason, "tool_rule");
}

TEST(AgentTurn, ATerminalToolWaitsForOneThatIsRequired) {
  AgentTurn turn{setup({"memory_insert", "send_message"},
                       R"([{"type":"exit_loop","tool_name":"send_message"},
                           {"type":"required_before_exit","tool_name":"memory_insert"}])"),
                 sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "send_message", R"({"message":"x"})"}}), 5);
  turn.on_tools({tool_success("sent")}, 1);
  EXPECT_FALSE(turn.result().stop_reason);
}

TEST(AgentTurn, AModelThatForgetsARequiredToolIsRemindedAndThenMadeToCallIt) {
  AgentTurn turn{
    setup({"memory_insert"}, R"([{"type":"required_before_exit","tool_name":"memory_insert"}])"),
    sources()};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(turn.begin_step(context()).tool_choice, ToolChoice::automatic);
    turn.on_answer(says("bye"), 5);
    ASSERT_EQ(turn.result().messages.size(), 2U);
    EXPECT_EQ(turn.result().messages[1].role, "user");
    EXPECT_EQ(store(turn), TurnPhase::call_model);
  }
  const LlmRequest request = turn.begin_step(context());
  EXPECT_EQ(request.tool_choice, ToolChoice::named);
  EXPECT_EQ(request.forced_tool, "memory_insert");
}

TEST(AgentTurn, TheLastAllowedStepEndsTheTurn) {
  TurnSetup two = setup();
  two.steps_max = 2;
  two.steps_done = 1;
  AgentTurn turn{std::move(two), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "memory_insert", "{}"}}), 5);
  turn.on_tools({tool_success("ok")}, 1);
  EXPECT_EQ(turn.result().stop_reason, "max_steps");
}

TEST(AgentTurn, NoStepsEndBeforeTheyBegin) {
  TurnSetup none = setup();
  none.steps_max = 0;
  const AgentTurn turn{std::move(none), sources()};
  EXPECT_EQ(turn.phase(), TurnPhase::finished);
  EXPECT_EQ(turn.stop_reason(), "end_turn");
}

TEST(AgentTurn, AFailedModelEndsTheTurnWithItsReason) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_failure({Errc::llm_rate_limit, "Error code: 429", "p"}, 5);
  EXPECT_EQ(turn.result().stop_reason, "llm_api_error");
  EXPECT_EQ(turn.result().step.status, "failed");
  EXPECT_EQ(turn.result().step.error_type, "LLMRateLimitError");
  EXPECT_TRUE(turn.result().messages.empty());
}

TEST(AgentTurn, ACancelledAnswerKeepsWhatWasSaid) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_cancel("half an ans");
  ASSERT_EQ(turn.result().messages.size(), 1U);
  EXPECT_EQ(turn.result().messages[0].content[0].text, "half an ans");
  EXPECT_EQ(turn.result().stop_reason, "cancelled");
}

TEST(AgentTurn, ACancelBetweenTwoStepsIsAStepOfItsOwn) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  const std::string first = turn.step_id();
  turn.on_answer(calls({{"c1", "memory_insert", "{}"}}), 5);
  turn.on_tools({tool_success("ok")}, 1);
  ASSERT_EQ(store(turn), TurnPhase::call_model);
  turn.on_cancel("");
  EXPECT_NE(turn.result().step.id, first);
  EXPECT_EQ(turn.result().step.run_id, turn.setup().run_id);
  EXPECT_EQ(turn.result().step.status, "cancelled");
  EXPECT_TRUE(turn.result().messages.empty());
  EXPECT_EQ(store(turn), TurnPhase::finished);
}

TEST(AgentTurn, ToolsRunAgainAfterAConflict) {
  AgentTurn turn{setup(), sources()};
  (void)turn.begin_step(context());
  turn.on_answer(calls({{"c1", "memory_insert", "{}"}}), 5);
  turn.on_tools({tool_success("first")}, 1);
  turn.retry_tools();
  turn.on_tools({tool_success("second")}, 1);
  ASSERT_EQ(turn.result().messages.size(), 2U);
  EXPECT_EQ(turn.result().messages[1].tool_returns[0].text, "second");
}

TEST(AgentTurn, APrefilledArgumentWinsOverTheModels) {
  AgentTurn turn{
    setup({"memory_insert"},
          R"([{"type":"run_first","tool_name":"memory_insert","args":{"label":"fixed"}}])"),
    sources()};
  const LlmRequest request = turn.begin_step(context());
  EXPECT_EQ(request.tool_choice, ToolChoice::named);
  turn.on_answer(calls({{"c1", "memory_insert", R"({"label":"x","new_string":"y"})"}}), 5);
  EXPECT_EQ(turn.calls()[0].arguments["label"], "fixed");
  EXPECT_EQ(turn.calls()[0].arguments["new_string"], "y");
}

TurnSetup asking_setup() {
  TurnSetup made = setup({"memory_insert", "send_message", "conversation_search"},
                         R"([{"type":"requires_approval","tool_name":"memory_insert"}])");
  made.model.parallel_tool_calls = true;
  Tool clock;
  clock.name = "clock";
  clock.parameters = RawJson{R"({"type":"object","properties":{}})"};
  made.client_tools = {clock};
  return made;
}

// The two messages of an answer with a call that waits and one that does not.
DecidedCalls asked(AgentTurn& turn) {
  (void)turn.begin_step(context());
  Completion answer = calls({{"c1", "conversation_search", "{}"},
                             {"c2", "memory_insert", R"({"label":"a"})"},
                             {"c3", "clock", "{}"}});
  answer.text = "let me";
  turn.on_answer(std::move(answer), 5);
  EXPECT_EQ(turn.result().messages.size(), 2U);
  return {turn.result().messages.at(1), turn.result().messages.at(0), {}};
}

TEST(AgentTurn, ACallThatNeedsApprovalEndsTheTurnAndNothingRuns) {
  AgentTurn turn{asking_setup(), sources()};
  const DecidedCalls stored = asked(turn);
  EXPECT_EQ(turn.result().stop_reason, "requires_approval");
  EXPECT_EQ(stored.sibling->role, "assistant");
  EXPECT_EQ(stored.sibling->content.size(), 1U);
  EXPECT_EQ(stored.sibling->tool_calls.size(), 1U);
  EXPECT_EQ(stored.request.role, "approval");
  EXPECT_TRUE(stored.request.content.empty());
  EXPECT_EQ(stored.request.tool_calls.size(), 2U);
  EXPECT_EQ(stored.request.step_id, stored.sibling->step_id);
  EXPECT_EQ(store(turn), TurnPhase::finished);
}

TEST(AgentTurn, ARequestWithoutSiblingsKeepsWhatTheModelSaid) {
  AgentTurn turn{asking_setup(), sources()};
  (void)turn.begin_step(context());
  Completion answer = calls({{"c2", "memory_insert", "{}"}});
  answer.text = "let me";
  turn.on_answer(std::move(answer), 5);
  ASSERT_EQ(turn.result().messages.size(), 1U);
  EXPECT_EQ(turn.result().messages[0].role, "approval");
  EXPECT_EQ(turn.result().messages[0].content.size(), 1U);
}

TEST(AgentTurn, DecisionsRunWhatWasApprovedAndItsSiblingsInOneMessage) {
  AgentTurn first{asking_setup(), sources()};
  DecidedCalls decided = asked(first);
  decided.answer.approvals = {
    {"c2", true, {}, {}},
    {"c3", {}, {}, StoredToolReturn{"c3", "clock", "success", "12:00", {}, {}, {}}}};
  AgentTurn turn{asking_setup(), sources()};
  turn.on_decisions(decided);
  ASSERT_EQ(turn.phase(), TurnPhase::run_tools);
  ASSERT_EQ(turn.calls().size(), 3U);
  EXPECT_EQ(turn.calls()[0].call.name, "clock");
  EXPECT_TRUE(turn.calls()[0].outcome);
  EXPECT_EQ(turn.calls()[1].call.name, "memory_insert");
  EXPECT_EQ(turn.calls()[2].call.name, "conversation_search");
  turn.on_tools({*turn.calls()[0].outcome, tool_success("a"), tool_success("b")}, 1);
  ASSERT_EQ(turn.result().messages.size(), 1U);
  EXPECT_FALSE(turn.result().is_new);
  EXPECT_EQ(turn.result().messages[0].step_id, decided.request.step_id);
  EXPECT_EQ(turn.result().messages[0].tool_returns[0].text, "12:00");
  EXPECT_EQ(turn.tools_called_after().size(), 3U);
  EXPECT_EQ(store(turn), TurnPhase::call_model);
  EXPECT_EQ(turn.steps_done(), 0);
}

TEST(AgentTurn, ADeniedCallReturnsTheReasonAndTheTurnGoesOn) {
  AgentTurn first{asking_setup(), sources()};
  DecidedCalls decided = asked(first);
  decided.sibling.reset();
  decided.answer.approvals = {{"c2", false, "not now", {}}, {"c3", true, {}, {}}};
  AgentTurn turn{asking_setup(), sources()};
  turn.on_decisions(decided);
  ASSERT_EQ(turn.calls().size(), 2U);
  EXPECT_NE(turn.calls()[0].outcome->text.find("not now"), std::string::npos);
  // Only the client can run its tool, and it has not.
  EXPECT_EQ(turn.calls()[1].outcome->text, "Tool not found");
  turn.on_tools({*turn.calls()[0].outcome, *turn.calls()[1].outcome}, 1);
  EXPECT_TRUE(turn.tools_called_after().empty());
  EXPECT_EQ(store(turn), TurnPhase::call_model);
}

TEST(AgentTurn, AClientsToolHidesTheAgentsOfItsName) {
  TurnSetup made = asking_setup();
  made.client_tools[0].name = "send_message";
  made.client_tools[0].description = "the client's";
  AgentTurn turn{std::move(made), sources()};
  const LlmRequest request = turn.begin_step(context());
  ASSERT_EQ(request.tools.size(), 3U);
  EXPECT_EQ(request.tools.back().name, "send_message");
  EXPECT_EQ(request.tools.back().description, "the client's");
  EXPECT_TRUE(turn.needs_decision("send_message"));
  EXPECT_FALSE(turn.needs_decision("conversation_search"));
}

// An MCP server has changed what it says of its tool since somebody has read it.
TEST(AgentTurn, AToolThatNobodyHasReadWaitsForAPerson) {
  CustomTool stored;
  stored.name = "look";
  stored.json_schema = RawJson{R"({"name":"look","parameters":{"type":"object"}})"};
  stored.mcp = McpToolOrigin{"mcp_server-1", "look", false, true};
  TurnSetup made = setup();
  made.tools.push_back(make_tool(stored));
  AgentTurn turn{made, sources()};
  const LlmRequest request = turn.begin_step(context());
  EXPECT_FALSE(request.tools.back().may_be_strict) << "its schema is the server's";
  turn.on_answer(calls({{"c1", "look", "{}"}}), 5);
  EXPECT_EQ(turn.result().stop_reason, "requires_approval");
  stored.mcp->needs_review = false;
  made.tools.back() = make_tool(stored);
  AgentTurn reviewed{made, sources()};
  (void)reviewed.begin_step(context());
  reviewed.on_answer(calls({{"c1", "look", "{}"}}), 5);
  EXPECT_EQ(reviewed.phase(), TurnPhase::run_tools);
}

}  // namespace
}  // namespace reverie
