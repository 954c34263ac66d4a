#include "actors/tools_actor.hpp"

#include "tests/support/actor_fixture.hpp"

namespace reverie {
namespace {

class ToolsActorTest : public testing::ActorFixture {
 protected:
  // `end`: what the test does while the request waits.
  Result<Json> ask(Request request, const std::function<void()>& end = {}) {
    return ask_as(org_id, std::move(request), end);
  }
  Result<Json> ask_as(const std::string& org, Request request,
                      const std::function<void()>& end = {}) {
    caf::scoped_actor self{system};
    const std::string object = request.owner() == Owner::tools ? org : "";
    auto asked = self->request(services.router, caf::infinite,
                               Routed{object, org, "user-1", std::move(request)});
    run();
    if (end) end();
    run();
    Result<Json> result = Error{Errc::internal, "no answer", ""};
    asked.receive([&](Answer& answer) { result = Json::parse(answer.json); },
                  [&](const caf::error& error) { result = from_caf(error); });
    return result;
  }

  static CreateTool python(const std::string& source) {
    CreateTool request;
    request.source_code = source;
    return request;
  }
  CreateTool named(const std::string& name) const {
    CreateTool request = python("def " + name + "(a: int): ...");
    request.json_schema = RawJson{R"({"name":")" + name + R"("})"};
    return request;
  }
  std::string created(const CreateTool& request) {
    const auto tool = ask(request);
    EXPECT_TRUE(tool) << tool.error().message;
    return tool ? tool->at("id").get<std::string>() : "";
  }
  Result<Json> list() { return ask(ListTools{}); }

  std::string org_id = new_id(Prefix::org, random);
};

const char* const add_source = "def add(a: int, b: int) -> int:\n    return a + b\n";

TEST_F(ToolsActorTest, ASchemaIsReadFromTheSource) {
  const auto tool = ask(python(add_source));
  ASSERT_TRUE(tool) << tool.error().message;
  EXPECT_EQ(sandbox.sources, std::vector<std::string>{add_source});
  EXPECT_EQ(tool->at("name"), "add");
  EXPECT_EQ(tool->at("description"), "Adds.");
  EXPECT_EQ(tool->at("tool_type"), "custom");
  EXPECT_EQ(tool->at("source_type"), "python");
  EXPECT_EQ(tool->at("json_schema").at("parameters").at("required"), Json::array({"a", "b"}));
  EXPECT_EQ(tool->at("return_char_limit"), 50'000);
  EXPECT_EQ(tool->at("created_by_id"), "user-1");
  EXPECT_TRUE(tool->at("id").get<std::string>().starts_with("tool-"));
}

TEST_F(ToolsActorTest, ASourceThatHasNoSchemaIsRefused) {
  sandbox.schema = Error{Errc::invalid_argument, "line 1: 'a' has no annotation", ""};
  const auto tool = ask(python("def add(a): ..."));
  ASSERT_FALSE(tool);
  EXPECT_EQ(tool.error().code, Errc::bad_request);
  EXPECT_NE(tool.error().message.find("'a' has no annotation"), std::string::npos);
  sandbox.schema = Error{Errc::unavailable, "no python3", ""};
  EXPECT_EQ(ask(python("def add(a): ...")).error().code, Errc::unavailable);
}

TEST_F(ToolsActorTest, TheSameNameIsTheSameTool) {
  CreateTool request = named("look");
  request.tags = std::vector<std::string>{"one"};
  request.return_char_limit = 7;
  const std::string id = created(request);
  CreateTool again = named("look");
  again.source_code = "async def look(b: str): ...";
  const auto tool = ask(again);
  ASSERT_TRUE(tool);
  EXPECT_EQ(tool->at("id"), id);
  EXPECT_EQ(tool->at("source_code"), "async def look(b: str): ...");
  EXPECT_EQ(tool->at("tags"), Json::array({"one"}));  // what it does not say, stays
  EXPECT_EQ(tool->at("return_char_limit"), 7);
  EXPECT_EQ(*ask(CountTools{}), ask_as(new_id(Prefix::org, random), CountTools{})->get<int>() + 1);
}

TEST_F(ToolsActorTest, OrganisationsHaveTheirOwn) {
  const std::string id = created(named("look"));
  const std::string other = new_id(Prefix::org, random);
  EXPECT_EQ(ask_as(other, RetrieveTool{id}).error().code, Errc::not_found);
  EXPECT_EQ(ask_as(other, DeleteTool{id}).error().code, Errc::bad_request);
  const auto theirs = ask_as(other, named("look"));
  ASSERT_TRUE(theirs);
  EXPECT_NE(theirs->at("id"), id);
  EXPECT_TRUE(ask(RetrieveTool{id}));
}

TEST_F(ToolsActorTest, AChangeOfTheSourceAloneKeepsTheSchema) {
  const auto before = ask(python(add_source));
  ASSERT_TRUE(before);
  ModifyTool request;
  request.tool_id = before->at("id");
  request.source_code = "def add(a, b, c): ...";
  const auto after = ask(request);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->at("json_schema"), before->at("json_schema"));
  EXPECT_EQ(sandbox.sources.size(), 1U);
  request.source_code = "def subtract(a, b): ...";
  EXPECT_EQ(ask(request).error().code, Errc::bad_request);
  EXPECT_EQ(ask(RetrieveTool{request.tool_id})->at("source_code"), "def add(a, b, c): ...");
}

TEST_F(ToolsActorTest, ANameMovesWithItsSchema) {
  const std::string id = created(named("look"));
  created(named("see"));
  ModifyTool request;
  request.tool_id = id;
  request.json_schema = RawJson{R"({"name":"watch"})"};
  EXPECT_EQ(ask(request).error().code, Errc::bad_request);  // the source has no such function
  request.source_code = "def watch(): ...";
  const auto moved = ask(request);
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ(moved->at("name"), "watch");
  EXPECT_NE(created(named("look")), id);  // the name is free again
  request.json_schema = RawJson{R"({"name":"see"})"};
  request.source_code = "def see(): ...";
  EXPECT_EQ(ask(request).error().code, Errc::conflict);
}

TEST_F(ToolsActorTest, DeletingATool) {
  const std::string id = created(named("look"));
  EXPECT_EQ(*ask(DeleteTool{id}), nullptr);
  EXPECT_EQ(ask(RetrieveTool{id}).error().code, Errc::not_found);
  EXPECT_EQ(ask(DeleteTool{id}).error().code, Errc::bad_request);
  EXPECT_EQ(ask(DeleteTool{builtin_tool_id("run_code")}).error().code, Errc::bad_request);
  EXPECT_NE(created(named("look")), id);
}

TEST_F(ToolsActorTest, BuiltInToolsStayAsTheyAre) {
  EXPECT_EQ(ask(named("run_code")).error().code, Errc::bad_request);
  ModifyTool request;
  request.tool_id = builtin_tool_id("run_code");
  request.description = "x";
  EXPECT_EQ(ask(request).error().code, Errc::bad_request);
}

TEST_F(ToolsActorTest, ASchemaIsGenerated) {
  EXPECT_EQ(ask(GenerateToolSchema{add_source, {}})->at("name"), "add");
  EXPECT_EQ(ask(GenerateToolSchema{"function add() {}", "typescript"}).error().code,
            Errc::bad_request);
}

TEST_F(ToolsActorTest, ASourceIsTried) {
  RunToolSource request;
  request.source_code = add_source;
  request.args = RawJson{R"({"a":1,"b":1})"};
  request.env_vars = {{"KEY", "v"}};
  const auto answer = ask(request, [&] {
    ASSERT_EQ(sandbox.calls.size(), 1U);
    const SandboxCall& call = sandbox.calls.front();
    EXPECT_EQ(call.function, "add");
    EXPECT_EQ(Json::parse(call.arguments), Json({{"a", 1}, {"b", 1}}));
    EXPECT_EQ(call.environment.front(), (std::pair<std::string, std::string>{"KEY", "v"}));
    sandbox.end_with(call.id, "2", "adding 1 1\n");
  });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->at("id"), "null");
  EXPECT_EQ(answer->at("name"), "add");
  EXPECT_EQ(answer->at("message_type"), "tool_return_message");
  EXPECT_EQ(answer->at("tool_return"), "2");
  EXPECT_EQ(answer->at("tool_call_id"), "null");
  EXPECT_EQ(answer->at("stdout"), Json::array({"adding 1 1\n"}));
  EXPECT_EQ(answer->at("tool_returns").at(0).at("tool_return"), "2");
  request.source_code = "x = 1";
  EXPECT_EQ(ask(request).error().code, Errc::bad_request);
}

TEST_F(ToolsActorTest, ItLeavesWhenNobodyNeedsIt) {
  created(named("look"));
  EXPECT_TRUE(list());
  advance(std::chrono::seconds{settings.actors.idle_s + 10});
  created(named("look"));
}

// The list: the organisation's own, newest first, then the built-in ones by name.

class ToolListTest : public ToolsActorTest {
 protected:
  ToolListTest() {
    for (const char* name : {"one", "two", "three"}) {
      created(named(name));
      clock.advance(std::chrono::seconds{1});
    }
    builtins = ask_as(new_id(Prefix::org, random), CountTools{})->get<std::size_t>();
  }

  std::vector<std::string> names(const ListTools& request) {
    const auto page = ask(request);
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::string> names;
    if (page)
      for (const Json& tool : *page) names.push_back(tool.at("name"));
    return names;
  }
  std::string id(const std::string& name) {
    ListTools request;
    request.name = name;
    return ask(request)->at(0).at("id");
  }

  std::size_t builtins = 0;
};

TEST_F(ToolListTest, PagesGoThroughBothKindsInBothOrders) {
  for (const bool is_ascending : {false, true}) {
    ListTools all;
    all.limit = 1'000;
    all.order = is_ascending ? "asc" : "desc";
    const auto expected = names(all);
    ASSERT_EQ(expected.size(), builtins + 3);
    EXPECT_EQ(is_ascending ? expected.back() : expected.front(), "three");
    for (const std::int64_t limit : {1, 2, 5}) {
      ListTools page = all;
      page.limit = limit;
      std::vector<std::string> forwards;
      for (auto some = names(page); !some.empty(); some = names(page)) {
        forwards.insert(forwards.end(), some.begin(), some.end());
        page.after = id(some.back());
      }
      EXPECT_EQ(forwards, expected) << limit << " " << *all.order;
      page.after.reset();
      page.before = id(expected.back());
      std::vector<std::string> backwards{expected.back()};
      for (auto some = names(page); !some.empty(); some = names(page)) {
        backwards.insert(backwards.begin(), some.begin(), some.end());
        page.before = id(some.front());
      }
      EXPECT_EQ(backwards, expected) << limit << " " << *all.order;
    }
  }
}

TEST_F(ToolListTest, WhatIsBetweenTwoCursors) {
  ListTools all;
  all.limit = 1'000;
  const auto expected = names(all);
  for (const auto& [first, last] :
       {std::pair<std::size_t, std::size_t>{0, 2}, {1, 6}, {4, 8}, {0, 5}}) {
    ListTools page = all;
    page.after = id(expected[first]);
    page.before = id(expected[last]);
    EXPECT_EQ(names(page), std::vector(expected.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                                       expected.begin() + static_cast<std::ptrdiff_t>(last)));
  }
}

TEST_F(ToolListTest, FiltersAndCounts) {
  ListTools request;
  request.tool_types = {"custom"};
  EXPECT_EQ(names(request), (std::vector<std::string>{"three", "two", "one"}));
  request.tool_types.clear();
  request.return_only_letta_tools = true;
  request.limit = 1'000;
  EXPECT_EQ(names(request).size(), builtins);
  CountTools count;
  EXPECT_EQ(*ask(count), builtins + 3);
  count.exclude_tool_types = {"custom"};
  EXPECT_EQ(*ask(count), builtins);
  count.names = {"one", "run_code"};
  count.exclude_tool_types.clear();
  EXPECT_EQ(*ask(count), 2);
  request = {};
  request.after = "tool-" + new_uuid(random);  // of nothing: the first page
  EXPECT_EQ(names(request).front(), "three");
}

TEST_F(ToolListTest, SearchFindsByWords) {
  CreateTool request = named("create_invoice");
  request.description = "Writes a bill for a customer.";
  request.tags = std::vector<std::string>{"billing"};
  created(request);
  SearchTools search;
  search.query = "billing";
  const auto found = ask(search);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_FALSE(found->empty());
  EXPECT_EQ(found->at(0).at("tool").at("name"), "create_invoice");
  EXPECT_EQ(found->at(0).at("fts_rank"), 1);
  EXPECT_GT(found->at(0).at("combined_score").get<double>(), 0.0);
  search.query = "search the web";
  EXPECT_EQ(ask(search)->at(0).at("tool").at("name"), "web_search");
  search.query = "zzzz";
  EXPECT_TRUE(ask(search)->empty());
  search.query.reset();
  search.limit = 2;
  EXPECT_EQ(ask(search)->size(), 2U);
  search.limit = 100;
  search.tags = std::vector<std::string>{"billing"};
  EXPECT_EQ(ask(search)->size(), 1U);
  search.tool_types = std::vector<std::string>{"letta_core"};
  EXPECT_TRUE(ask(search)->empty());
}

}  // namespace
}  // namespace reverie
