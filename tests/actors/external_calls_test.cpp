// Tools whose work is outside of the agent's commit: begun once, waited for, ended, and never begun
// a second time.

#include "tests/support/actor_fixture.hpp"
#include "tests/support/commit_now.hpp"

#include <deque>
#include <utility>
#include <vector>

namespace reverie {
namespace {

// A model that says what the test has put there, and remembers who asked.
struct ToldModel {
  caf::actor agent;
  std::vector<LlmRequest> asked;
  std::deque<Completion> answers;
};

ModelActor::behavior_type told_model_actor(ModelActor::pointer self, ToldModel* told) {
  return {
    [self, told](AskModel& message) {
      told->agent = caf::actor_cast<caf::actor>(self->current_sender());
      told->asked.push_back(*message.request);
      Completion answer;
      answer.text = "done";
      if (!told->answers.empty()) {
        answer = std::move(told->answers.front());
        told->answers.pop_front();
      }
      caf::anon_send(
        told->agent,
        ModelDone{message.call_id, std::make_shared<const Result<Completion>>(std::move(answer))});
    },
    [](const CancelModel&) {},
    [](const ModelDone&) {},
  };
}

using Texts = std::vector<std::string>;

class ExternalCallsTest : public testing::ActorFixture {
 protected:
  ExternalCallsTest() {
    told_model = system.spawn(told_model_actor, &told);
    services.model_actor = [this](const std::string&) { return told_model; };
    add_tool("add", false);
    add_tool("fetch", true);
    CreateAgent request;
    request.agent_id = agent_id;
    request.model = "reverie/demo";
    request.tools = Texts{"add", "fetch", "core_memory_append"};
    request.parallel_tool_calls = true;
    CreateBlockInAgent block;
    block.label = "human";
    block.value = "x";
    request.memory_blocks = std::vector{block};
    const auto created = ask_router(agent_id, request);
    EXPECT_TRUE(created) << created.error().message;
  }

  ~ExternalCallsTest() override {
    caf::anon_send_exit(told_model, caf::exit_reason::user_shutdown);
    run();
    told = {};
  }

  CustomTool tool(const std::string& name) {
    CustomTool tool;
    tool.id = new_id(Prefix::tool, random);
    tool.org_id = "org-1";
    tool.name = name;
    tool.description = "Does it.";
    tool.source_code = "def " + name + "(a: int, b: int = 1): ...";
    tool.json_schema =
      RawJson{R"({"name":")" + name
              + R"(","description":"Does it.","parameters":{"type":"object","properties":)"
                R"({"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a"]}})"};
    return tool;
  }

  void add_tool(const std::string& name, bool is_parallel) {
    CustomTool made = tool(name);
    made.enable_parallel_execution = is_parallel;
    ids[name] = made.id;
    put_tool(made);
    Batch batch;
    Table<ToolNameTable>{*store}.put(batch, {"org-1", name}, {made.id}, 0);
    testing::commit_now(*store, std::move(batch));
  }

  void put_tool(const CustomTool& made) {
    Batch batch;
    Table<ToolTable>{*store}.add(batch, {made.id}, made);
    testing::commit_now(*store, std::move(batch));
  }

  void change_tool(const std::string& name, const std::function<void(CustomTool&)>& edit) {
    CustomTool changed = Table<ToolTable>{*store}.get({ids[name]})->value;
    edit(changed);
    put_tool(changed);
  }

  // The model calls these tools in its next answer: "add" with {"a":1}, and so on.
  void will_call(const Texts& names, const std::string& arguments = R"({"a":1})") {
    Completion answer;
    answer.finish = FinishReason::tool_calls;
    for (const std::string& name : names)
      answer.tool_calls.push_back(
        {"call_" + std::to_string(++calls), name,
         name == "core_memory_append" ? R"({"label":"human","content":"y"})" : arguments});
    told.answers.push_back(std::move(answer));
  }

  std::string send() {
    SendMessage request;
    request.agent_id = agent_id;
    request.input = RawJson{R"("hi")"};
    request.is_async = request.background = true;
    request.streaming = true;
    request.include_pings = false;
    const auto answer = ask_router(agent_id, request);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? Json::parse(answer->json).at("id").get<std::string>() : "";
  }

  Json run_json(const std::string& run_id) {
    const auto answer = ask_router(run_id, RetrieveRun{run_id});
    return answer ? Json::parse(answer->json) : Json();
  }
  std::string status(const std::string& run_id) { return run_json(run_id).at("status"); }

  // The returns of the run's tools, oldest first.
  std::vector<Json> returns(const std::string& run_id) {
    ListRunMessages request;
    request.run_id = run_id;
    const auto answer = ask_router(run_id, request);
    EXPECT_TRUE(answer) << answer.error().message;
    std::vector<Json> found;
    if (answer)
      for (const Json& message : Json::parse(answer->json))
        if (message.at("message_type") == "tool_return_message")
          for (const Json& each : message.at("tool_returns")) found.push_back(each);
    return found;
  }

  // What runs in the sandbox now, by the order in which it began.
  Texts under_way() const {
    Texts names;
    for (const SandboxCall& call : sandbox.calls)
      if (sandbox.is_waiting(call.id)) names.push_back(call.function);
    return names;
  }
  const std::string& id_of(std::size_t index) const { return sandbox.calls.at(index).id; }

  void end_with(std::size_t index, const std::string& value) {
    sandbox.end_with(id_of(index), value);
    run();
  }

  // The process dies and another one goes on.
  void crash() {
    caf::anon_send_exit(told.agent, caf::exit_reason::kill);
    run();
    sandbox.forget();
    caf::anon_send(services.router, ResumeRuns{agent_id});
    run();
  }

  ToldModel told;
  ModelActor told_model;
  std::string agent_id = new_id(Prefix::agent, random);
  std::map<std::string, std::string> ids;
  int calls = 0;
};

TEST_F(ExternalCallsTest, TheModelIsToldOfThemAndGetsWhatTheyReturn) {
  will_call({"add"}, R"({"a":2,"b":3})");
  const std::string run_id = send();
  ASSERT_EQ(under_way(), Texts{"add"});
  EXPECT_EQ(status(run_id), "running");
  const SandboxCall& call = sandbox.calls.front();
  EXPECT_EQ(Json::parse(call.arguments), Json({{"a", 2}, {"b", 3}}));
  EXPECT_EQ(call.source, "def add(a: int, b: int = 1): ...");
  EXPECT_TRUE(call.id.starts_with(run_id + "/step-")) << call.id;
  EXPECT_NE(std::find(call.environment.begin(), call.environment.end(),
                      std::pair<std::string, std::string>{"LETTA_AGENT_ID", agent_id}),
            call.environment.end());
  EXPECT_NE(std::find(call.environment.begin(), call.environment.end(),
                      std::pair<std::string, std::string>{"LETTA_TOOL_ID", ids["add"]}),
            call.environment.end());
  EXPECT_TRUE(call.agent_state.empty());
  sandbox.end_with(call.id, "5", "adding\n");
  run();
  EXPECT_EQ(status(run_id), "completed");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 1U);
  EXPECT_EQ(returned[0].at("tool_return"), "5");
  EXPECT_EQ(returned[0].at("status"), "success");
  EXPECT_EQ(returned[0].at("stdout"), Json::array({"adding\n"}));
  ASSERT_EQ(told.asked.size(), 2U);
  Texts offered;
  for (const ToolSpec& tool : told.asked[0].tools) offered.push_back(tool.name);
  EXPECT_NE(std::find(offered.begin(), offered.end(), "fetch"), offered.end());
  EXPECT_EQ(told.asked[1].messages.back().tool_results.front().text.find("5") != std::string::npos,
            true);
}

TEST_F(ExternalCallsTest, WhatTheyRaiseIsAnErrorWithItsTrace) {
  will_call({"add"});
  const std::string run_id = send();
  sandbox.end(id_of(0), {SandboxEnd::raised, "", "ValueError: no good", "so far\n",
                         "Traceback ...\nValueError: no good\n", 3});
  run();
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 1U);
  EXPECT_EQ(returned[0].at("status"), "error");
  EXPECT_EQ(returned[0].at("tool_return"), "Error executing function add: ValueError: no good");
  EXPECT_EQ(returned[0].at("stdout"), Json::array({"so far\n"}));
  EXPECT_EQ(returned[0].at("stderr"), Json::array({"Traceback ...\nValueError: no good\n"}));
  EXPECT_EQ(status(run_id), "completed");
}

TEST_F(ExternalCallsTest, EachWayToEndIsToldApart) {
  const std::vector<std::pair<SandboxEnd, std::string>> ends{
    {SandboxEnd::timed_out, "TimeoutError: slow"},
    {SandboxEnd::exhausted, "ResourceError: slow"},
    {SandboxEnd::crashed, "ChildProcessError: slow"},
    {SandboxEnd::refused, "SandboxError: slow"}};
  for (const auto& [end, text] : ends) {
    will_call({"add"});
    const std::string run_id = send();
    sandbox.end(sandbox.calls.back().id, {end, "", "slow", "", "", 0});
    run();
    const auto returned = returns(run_id);
    ASSERT_EQ(returned.size(), 1U);
    EXPECT_EQ(returned[0].at("tool_return"), "Error executing function add: " + text);
    EXPECT_EQ(returned[0].at("stderr").size(), 1U);
  }
}

TEST_F(ExternalCallsTest, ALongReturnIsCutToTheToolsLimit) {
  change_tool("add", [](CustomTool& made) { made.return_char_limit = 10; });
  will_call({"add"});
  const std::string run_id = send();
  end_with(0, std::string(50, 'x'));
  const std::string text = returns(run_id).at(0).at("tool_return");
  EXPECT_TRUE(text.starts_with("xxxxxxxxxx... [NOTE")) << text;
  EXPECT_NE(text.find("50 > 10"), std::string::npos) << text;
}

TEST_F(ExternalCallsTest, ArgumentsThatDoNotFitNeverReachTheTool) {
  will_call({"add"}, R"({"a":"three"})");
  const std::string run_id = send();
  EXPECT_TRUE(sandbox.calls.empty());
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 1U);
  EXPECT_EQ(returned[0].at("status"), "error");
  EXPECT_NE(returned[0].at("tool_return").get<std::string>().find("argument 'a'"),
            std::string::npos);
  EXPECT_EQ(status(run_id), "completed");
}

TEST_F(ExternalCallsTest, ThoseThatMayRunSideBySideBeginTogether) {
  will_call({"fetch", "fetch", "fetch"});
  const std::string run_id = send();
  EXPECT_EQ(under_way(), (Texts{"fetch", "fetch", "fetch"}));
  end_with(1, "two");
  end_with(2, "three");
  EXPECT_EQ(status(run_id), "running");
  end_with(0, "one");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 3U);
  EXPECT_EQ(returned[0].at("tool_return"), "one");  // in the order of the model
  EXPECT_EQ(returned[1].at("tool_return"), "two");
  EXPECT_EQ(returned[2].at("tool_return"), "three");
}

TEST_F(ExternalCallsTest, AllOthersRunOneAfterTheOther) {
  will_call({"add", "core_memory_append", "fetch", "add"});
  const std::string run_id = send();
  EXPECT_EQ(under_way(), Texts{"fetch"});
  end_with(0, "f");
  EXPECT_EQ(under_way(), Texts{"add"});
  end_with(1, "a");
  EXPECT_EQ(under_way(), Texts{"add"});
  end_with(2, "b");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 4U);
  EXPECT_EQ(returned[0].at("tool_return"), "a");
  EXPECT_EQ(returned[2].at("tool_return"), "f");
  EXPECT_EQ(returned[3].at("tool_return"), "b");
}

TEST_F(ExternalCallsTest, ACallThatWasUnderWayWhenTheServerDiedIsNotMadeAgain) {
  will_call({"add", "add"});
  const std::string run_id = send();
  end_with(0, "7");
  ASSERT_EQ(under_way(), Texts{"add"});
  crash();
  EXPECT_EQ(sandbox.calls.size(), 2U);
  EXPECT_EQ(status(run_id), "completed");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 2U);
  EXPECT_EQ(returned[0].at("tool_return"), "7");  // what was known is kept
  EXPECT_EQ(returned[0].at("status"), "success");
  EXPECT_EQ(returned[1].at("status"), "error");
  const std::string text = returned[1].at("tool_return");
  EXPECT_NE(text.find("may have run"), std::string::npos) << text;
}

TEST_F(ExternalCallsTest, OneThatHadNotBegunIsMadeAfterTheCrash) {
  will_call({"fetch", "add"});
  const std::string run_id = send();
  ASSERT_EQ(under_way(), Texts{"fetch"});
  crash();
  ASSERT_EQ(under_way(), Texts{"add"});
  end_with(1, "2");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 2U);
  EXPECT_EQ(returned[0].at("status"), "error");
  EXPECT_EQ(returned[1].at("tool_return"), "2");
}

TEST_F(ExternalCallsTest, AConflictRunsTheEditsAgainAndNotTheCalls) {
  const std::string shared = new_id(Prefix::block, random);
  will_call({"core_memory_append", "add"});
  const std::string run_id = send();
  ASSERT_EQ(under_way(), Texts{"add"});
  // Somebody edits the block that the step has edited and not stored.
  ModifyAgentBlock edit;
  edit.agent_id = agent_id;
  edit.block_label = "human";
  edit.value = "z";
  ASSERT_TRUE(ask_router(agent_id, edit));
  end_with(0, "once");
  EXPECT_EQ(status(run_id), "completed");
  EXPECT_EQ(sandbox.calls.size(), 1U);
  EXPECT_EQ(returns(run_id).at(1).at("tool_return"), "once");
  RetrieveAgentBlock read;
  read.agent_id = agent_id;
  read.block_label = "human";
  EXPECT_EQ(Json::parse(ask_router(agent_id, read)->json).at("value"), "z\ny");
}

TEST_F(ExternalCallsTest, CancellingTheRunEndsItsCallsAndKeepsWhatWasSaid) {
  will_call({"fetch", "fetch", "add"});
  const std::string run_id = send();
  end_with(0, "kept");
  CancelRuns cancel;
  cancel.agent_id = agent_id;
  ASSERT_TRUE(ask_router(agent_id, cancel));
  EXPECT_EQ(sandbox.cancelled, Texts{id_of(1)});
  EXPECT_EQ(status(run_id), "cancelled");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 3U);
  EXPECT_EQ(returned[0].at("tool_return"), "kept");
  EXPECT_EQ(returned[1].at("status"), "error");
  EXPECT_EQ(returned[2].at("status"), "error");
  EXPECT_EQ(told.asked.size(), 1U);
  // The agent goes on, with a history that every model takes.
  const std::string next = send();
  EXPECT_EQ(status(next), "completed");
}

TEST_F(ExternalCallsTest, DeletingTheAgentEndsThem) {
  will_call({"add"});
  send();
  ASSERT_TRUE(ask_router(agent_id, DeleteAgent{agent_id}));
  EXPECT_EQ(sandbox.cancelled, Texts{id_of(0)});
}

TEST_F(ExternalCallsTest, TheDeadlineOfTheRunIsTheirs) {
  settings.runs.deadline_s = 30;
  will_call({"add", "add"});
  const std::string run_id = send();
  EXPECT_EQ(sandbox.calls.front().limits.wall_ms, 30'000);
  clock.advance(std::chrono::seconds{31});
  end_with(0, "late");
  EXPECT_EQ(sandbox.calls.size(), 1U);  // the second one is not begun any more
  EXPECT_EQ(status(run_id), "failed");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 2U);
  EXPECT_EQ(returned[1].at("status"), "error");
}

TEST_F(ExternalCallsTest, ACallThatWasApprovedIsNotMadeAgainEither) {
  ModifyToolApproval approval;
  approval.agent_id = agent_id;
  approval.tool_name = "add";
  approval.requires_approval = true;
  ASSERT_TRUE(ask_router(agent_id, approval));
  will_call({"add"});
  send();
  EXPECT_TRUE(sandbox.calls.empty());
  SendMessage decision;
  decision.agent_id = agent_id;
  decision.messages = RawJson{R"([{"type":"approval","approvals":[{"type":"approval",)"
                              R"("tool_call_id":"call_1","approve":true}]}])"};
  decision.is_async = true;
  const auto answer = ask_router(agent_id, decision);
  ASSERT_TRUE(answer) << answer.error().message;
  const std::string run_id = Json::parse(answer->json).at("id");
  ASSERT_EQ(under_way(), Texts{"add"});
  crash();
  EXPECT_EQ(sandbox.calls.size(), 1U);
  EXPECT_EQ(status(run_id), "completed");
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 1U);
  EXPECT_NE(returned[0].at("tool_return").get<std::string>().find("may have run"),
            std::string::npos);
}

TEST_F(ExternalCallsTest, AToolThatWasDeletedIsNotOfferedAnyMore) {
  Batch batch;
  Table<ToolTable>{*store}.erase_unchecked(batch, {ids["add"]});
  testing::commit_now(*store, std::move(batch));
  const std::string run_id = send();
  EXPECT_EQ(status(run_id), "completed");
  for (const ToolSpec& tool : told.asked[0].tools) EXPECT_NE(tool.name, "add");
}

TEST_F(ExternalCallsTest, AToolThatChangesIsWhatItIsWithTheNextMessage) {
  EXPECT_EQ(status(send()), "completed");
  change_tool("add", [](CustomTool& made) { made.description = "Does it better."; });
  EXPECT_EQ(status(send()), "completed");
  bool is_told = false;
  for (const ToolSpec& tool : told.asked.back().tools)
    is_told |= tool.description == "Does it better.";
  EXPECT_TRUE(is_told);
}

TEST_F(ExternalCallsTest, ItGetsTheStateOfTheAgentWhenItAsksForIt) {
  change_tool("add",
              [](CustomTool& made) { made.source_code = "def add(a: int, agent_state): ..."; });
  will_call({"add"});
  send();
  const Json state = Json::parse(sandbox.calls.at(0).agent_state, nullptr, false);
  ASSERT_TRUE(state.is_object());
  EXPECT_EQ(state.at("id"), agent_id);
  end_with(0, "ok");
}

TEST_F(ExternalCallsTest, WithoutASandboxTheCallIsAnError) {
  services.external = nullptr;
  will_call({"add"});
  const std::string run_id = send();
  const auto returned = returns(run_id);
  ASSERT_EQ(returned.size(), 1U);
  EXPECT_EQ(returned[0].at("status"), "error");
  EXPECT_EQ(status(run_id), "completed");
}

// POST /v1/agents/{id}/tools/{name}/run

class ToolTrialsTest : public ExternalCallsTest {
 protected:
  // The answer, when the tool has returned.
  Result<Json> run_tool(const std::string& name, const std::string& args,
                        const std::function<void()>& end = {}) {
    RunAgentTool request;
    request.agent_id = agent_id;
    request.tool_name = name;
    request.args = RawJson{args};
    caf::scoped_actor self{system};
    auto asked = self->request(services.router, caf::infinite,
                               Routed{agent_id, "org-1", "user-1", std::move(request)});
    run();
    if (end) end();
    run();
    Result<Json> result = Error{Errc::internal, "no answer", ""};
    asked.receive([&](Answer& answer) { result = Json::parse(answer.json); },
                  [&](const caf::error& error) { result = from_caf(error); });
    return result;
  }
};

TEST_F(ToolTrialsTest, ATrialIsAnsweredWithWhatTheToolReturned) {
  const auto answer =
    run_tool("add", R"({"a":4,"b":5})", [&] { sandbox.end_with(id_of(0), "9", "adding\n"); });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at("status"), "success");
  EXPECT_EQ(answer->at("func_return"), 9);
  EXPECT_EQ(answer->at("stdout"), Json::array({"adding\n"}));
  EXPECT_EQ(answer->at("stderr"), Json::array());
}

TEST_F(ToolTrialsTest, AFailureIsAnAnswerToo) {
  const auto answer = run_tool("add", R"({"a":4})", [&] {
    sandbox.end(id_of(0), {SandboxEnd::raised, "", "ValueError: no", "", "Traceback", 0});
  });
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("status"), "error");
  EXPECT_EQ(answer->at("func_return"), nullptr);
  const auto wrong = run_tool("add", R"({"a":"x"})");
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->at("status"), "error");
  EXPECT_EQ(sandbox.calls.size(), 1U);
}

TEST_F(ToolTrialsTest, OnlyToolsThatTheAgentHasAreTried) {
  EXPECT_EQ(run_tool("no_such_tool", "{}").error().code, Errc::not_found);
  EXPECT_EQ(run_tool("memory_rethink", "{}").error().code, Errc::not_found);
}

TEST_F(ToolTrialsTest, AToolOfTheServerEditsTheAgentsMemory) {
  const auto edited = run_tool("memory_insert", R"({"label":"human","new_string":"y"})");
  ASSERT_TRUE(edited) << edited.error().message;
  EXPECT_EQ(edited->at("status"), "success");
  RetrieveAgentBlock read;
  read.agent_id = agent_id;
  read.block_label = "human";
  EXPECT_EQ(Json::parse(ask_router(agent_id, read)->json).at("value"), "x\ny");
  const auto wrong = run_tool("memory_insert", R"({"label":"nobody","new_string":"y"})");
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->at("status"), "error");
}

}  // namespace
}  // namespace reverie
