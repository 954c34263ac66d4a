#include "actors/tools_actor.hpp"
#include "runtime/mcp/mcp_tools.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/scripted_mcp.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <caf/send.hpp>

namespace reverie {
namespace {

McpToolInfo listed_tool(const std::string& name, const std::string& description = "Does it.") {
  McpToolInfo tool;
  tool.name = name;
  tool.description = description;
  tool.input_schema = RawJson{R"({"type":"object","properties":{"a":{"type":"integer"}}})"};
  return tool;
}

using Texts = std::map<std::string, std::string>;

class McpServersTest : public testing::ActorFixture {
 protected:
  McpServersTest() {
    services.mcp = &mcp;
    services.external = &all_tools;
    mcp.list = McpToolList{{listed_tool("look"), listed_tool("find")}, {}, false};
  }

  // `end`: what the test does while the request waits.
  Result<Json> ask(Request request, const std::function<void()>& end = {}) {
    caf::scoped_actor self{system};
    const std::string object = request.owner() == Owner::tools ? org_id : "";
    auto asked = self->request(services.router, caf::infinite,
                               Routed{object, org_id, "user-1", std::move(request)});
    run();
    if (end) end();
    run();
    Result<Json> result = Error{Errc::internal, "no answer", ""};
    asked.receive([&](Answer& answer) { result = Json::parse(answer.json); },
                  [&](const caf::error& error) { result = from_caf(error); });
    return result;
  }

  static CreateMcpServer at(const std::string& url, const std::string& name = "site") {
    CreateMcpServer request;
    request.name = name;
    request.config.type = "streamable_http";
    request.config.url = url;
    return request;
  }
  std::string created(const CreateMcpServer& request) {
    const auto server = ask(request);
    EXPECT_TRUE(server) << server.error().message;
    return server ? server->at("id").get<std::string>() : "";
  }
  Json tools_of_server(const std::string& id) {
    const auto stored = ask(ListMcpServerTools{id});
    EXPECT_TRUE(stored);
    return stored ? *stored : Json::array();
  }

  std::string org_id = new_id(Prefix::org, random);
  testing::ScriptedMcp mcp;
  McpTools mcp_tools{mcp, *store, &secrets, settings.mcp};
  ExternalToolSet all_tools{{&sandbox_tools, &mcp_tools}};
};

TEST_F(McpServersTest, AServersToolsBecomeTheOrganisations) {
  CreateMcpServer request = at("https://site.example/mcp");
  request.config.auth_token = "t0ken";
  request.config.custom_headers = Texts{{"X-Key", "k3y"}};
  const auto server = ask(request);
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(server->at("mcp_server_type"), "streamable_http");
  EXPECT_EQ(server->at("auth_token"), "[secret]");
  EXPECT_EQ(server->at("custom_headers").at("X-Key"), "[secret]");
  ASSERT_EQ(mcp.listed.size(), 1U);
  EXPECT_EQ(mcp.listed[0].headers,
            (std::vector<HttpHeader>{{"X-Key", "k3y"}, {"Authorization", "Bearer t0ken"}}));
  const std::string id = server->at("id");
  const Json theirs = tools_of_server(id);
  ASSERT_EQ(theirs.size(), 2U);
  EXPECT_EQ(theirs[0].at("name"), "find");
  EXPECT_EQ(theirs[0].at("tool_type"), "external_mcp");
  EXPECT_EQ(theirs[0].at("tags"), Json::array({"mcp:site"}));
  EXPECT_EQ(theirs[0].at("metadata_").at("mcp").at("server_id"), id);
  EXPECT_EQ(theirs[0].at("json_schema").at("parameters").at("additionalProperties"), false);
  EXPECT_EQ(*ask(RetrieveMcpTool{id, theirs[0].at("id")}), theirs[0]);
  EXPECT_EQ(ask(RetrieveMcpTool{id, "tool-none"}).error().code, Errc::not_found);
  EXPECT_EQ(ask(ListMcpServers{})->size(), 1U);
  EXPECT_EQ(ask(ListMcpServers{true})->at("site").at("type"), "streamable_http");
}

TEST_F(McpServersTest, SecretsAreNotOnTheDiskInTheClear) {
  CreateMcpServer request = at("https://site.example/mcp");
  request.config.auth_token = "t0ken-in-the-clear";
  const std::string id = created(request);
  const auto stored = find_mcp_server(*store, org_id, id);
  ASSERT_TRUE(stored);
  EXPECT_FALSE(stored->value.sealed.empty());
  EXPECT_EQ(encode(stored->value).find("t0ken"), std::string::npos);
  // What the API shows in their place means the stored ones, when it comes back.
  ModifyMcpServer same;
  same.server = id;
  same.config.auth_token = "[secret]";
  ASSERT_TRUE(ask(same));
  EXPECT_EQ(mcp.listed.back().headers.back().value, "Bearer t0ken-in-the-clear");
  EXPECT_EQ(mcp.forgotten.back(), id);
  // Another host does not get them.
  same.config.auth_token.reset();
  same.config.url = "https://elsewhere.example/mcp";
  ASSERT_TRUE(ask(same));
  EXPECT_TRUE(mcp.listed.back().headers.empty());
}

TEST_F(McpServersTest, AServerThatIsDownIsMadeAllTheSame) {
  mcp.list = Error{Errc::mcp_connection, "refused", ""};
  const std::string id = created(at("https://site.example/mcp"));
  EXPECT_TRUE(tools_of_server(id).empty());
  EXPECT_EQ(ask(RefreshMcpServer{id, std::nullopt}).error().code, Errc::mcp_unavailable);
  EXPECT_EQ(ask(ProbeMcpServer{id, std::nullopt}).error().code, Errc::mcp_connection);
  mcp.list = McpToolList{{listed_tool("look")}, {}, false};
  const auto synced = ask(RefreshMcpServer{id, std::nullopt});
  ASSERT_TRUE(synced);
  EXPECT_EQ(synced->at("added"), Json::array({"look"}));
}

TEST_F(McpServersTest, RefreshFollowsTheServer) {
  const std::string id = created(at("https://site.example/mcp"));
  const std::string look = tools_of_server(id)[1].at("id");
  mcp.list =
    McpToolList{{listed_tool("look", "Does something else."), listed_tool("new")}, {"huge"}, false};
  const auto synced = ask(RefreshMcpServer{id, std::nullopt});
  ASSERT_TRUE(synced);
  EXPECT_EQ(synced->at("updated"), Json::array({"look"}));
  EXPECT_EQ(synced->at("added"), Json::array({"new"}));
  EXPECT_EQ(synced->at("deleted"), Json::array({"find"}));
  EXPECT_EQ(synced->at("left_out"), Json::array({"huge"}));
  const auto tool = ask(RetrieveTool{look});
  ASSERT_TRUE(tool);
  EXPECT_EQ(tool->at("description"), "Does something else.");
  EXPECT_EQ(tool->at("metadata_").at("mcp").at("needs_review"), true);
  const auto again = ask(RefreshMcpServer{id, std::nullopt});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->at("updated").empty());
  // Whoever says whether it needs an approval has read it.
  ModifyTool reviewed;
  reviewed.tool_id = look;
  reviewed.default_requires_approval = false;
  const auto fine = ask(reviewed);
  ASSERT_TRUE(fine) << fine.error().message;
  EXPECT_FALSE(fine->at("metadata_").at("mcp").contains("needs_review"));
}

// A server that loses its tools for a moment does not take them from their agents.
TEST_F(McpServersTest, WhatAServerSaysByItselfDeletesNothing) {
  const std::string id = created(at("https://site.example/mcp"));
  mcp.list = McpToolList{{listed_tool("new")}, {}, false};
  caf::anon_send(services.router, Routed{org_id, org_id, "", RefreshMcpServer{id, std::nullopt}});
  run();
  EXPECT_EQ(tools_of_server(id).size(), 3U);
  ASSERT_TRUE(ask(RefreshMcpServer{id, std::nullopt}));
  EXPECT_EQ(tools_of_server(id).size(), 1U);
}

TEST_F(McpServersTest, NamesAreOneToolsEach) {
  CreateTool mine;
  mine.source_code = "def look(): ...";
  mine.json_schema = RawJson{R"({"name":"look"})"};
  ASSERT_TRUE(ask(mine));
  mcp.list = McpToolList{
    {listed_tool("look"), listed_tool("web_search"), listed_tool("a/b"), listed_tool("a.b")},
    {},
    false};
  const std::string id = created(at("https://site.example/mcp"));
  std::set<std::string> names;
  for (const Json& tool : tools_of_server(id)) names.insert(tool.at("name"));
  EXPECT_EQ(names, (std::set<std::string>{"look_site", "web_search_site", "a_b", "a_b_site"}));
  CreateTool theirs = mine;
  theirs.source_code = "def a_b(): ...";
  theirs.json_schema = RawJson{R"({"name":"a_b"})"};
  EXPECT_EQ(ask(theirs).error().code, Errc::bad_request) << "a server's tool is not replaced";
  EXPECT_EQ(ask(at("https://other.example/mcp")).error().code, Errc::conflict);
}

TEST_F(McpServersTest, AToolIsRun) {
  CreateMcpServer request = at("https://site.example/mcp");
  request.config.auth_token = "t0ken";
  const std::string id = created(request);
  const std::string tool = tools_of_server(id)[1].at("id");
  const auto result = ask(RunMcpTool{id, tool, RawJson{R"({"a":1})"}, false}, [&] {
    ASSERT_EQ(mcp.calls.size(), 1U);
    EXPECT_EQ(mcp.calls[0].tool_name, "look");
    EXPECT_EQ(mcp.calls[0].arguments, Json({{"a", 1}}));
    mcp.end(mcp.calls[0].id, Json::parse(R"({"content":[{"type":"text","text":"it is t0ken"}]})"));
  });
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->at("status"), "success");
  EXPECT_EQ(result->at("func_return"), "it is [secret]");
  const auto wrong = ask(RunMcpTool{id, tool, RawJson{R"({"a":"x"})"}, false});
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->at("status"), "error");
  EXPECT_EQ(mcp.calls.size(), 1U);
  const auto older = ask(RunMcpTool{"site", "look", {}, true}, [&] {
    mcp.end(mcp.calls.back().id, Error{Errc::mcp_timeout, "too slow", ""});
  });
  ASSERT_TRUE(older);
  EXPECT_EQ(older->at("success"), false);
  EXPECT_EQ(older->at("result"), "too slow");
  EXPECT_EQ(ask(RunMcpTool{"site", "none", {}, true}).error().code, Errc::not_found);
}

TEST_F(McpServersTest, AVariableThatNobodyHasIsAnErrorOfTheCall) {
  CreateMcpServer request = at("https://site.example/mcp");
  request.config.auth_token = "{{ KEY }}";
  const std::string id = created(request);
  EXPECT_TRUE(mcp.listed.back().headers.empty()) << "a list is asked for without it";
  const auto result = ask(RunMcpTool{id, tools_of_server(id)[0].at("id"), {}, false});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->at("status"), "error");
  EXPECT_TRUE(mcp.calls.empty());
}

TEST_F(McpServersTest, WithTheServerItsToolsGo) {
  const std::string id = created(at("https://site.example/mcp"));
  const std::string tool = tools_of_server(id)[0].at("id");
  ASSERT_TRUE(ask(DeleteMcpServer{id, false}));
  EXPECT_EQ(ask(RetrieveMcpServer{id}).error().code, Errc::not_found);
  EXPECT_EQ(ask(RetrieveTool{tool}).error().code, Errc::not_found);
  EXPECT_EQ(ask(DeleteMcpServer{id, false}).error().code, Errc::not_found);
  created(at("https://site.example/mcp"));  // both names are free again
}

TEST_F(McpServersTest, AToolThatWasDeletedComesBackWithARefresh) {
  const std::string id = created(at("https://site.example/mcp"));
  ASSERT_TRUE(ask(DeleteTool{tools_of_server(id)[0].at("id")}));
  EXPECT_EQ(tools_of_server(id).size(), 1U);
  ASSERT_TRUE(ask(RefreshMcpServer{id, std::nullopt}));
  EXPECT_EQ(tools_of_server(id).size(), 2U);
}

TEST_F(McpServersTest, OlderRoutesKnowServersByTheirNames) {
  CreateMcpServer request = at("https://site.example/mcp");
  request.is_older = true;
  const auto all = ask(request);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->at(0).at("server_name"), "site");
  request.config.url = "https://site.example/other";
  EXPECT_EQ(ask(request)->at(0).at("server_url"), "https://site.example/other");
  const auto added = ask(AddMcpTool{"site", "look"});
  ASSERT_TRUE(added);
  EXPECT_EQ(added->at("name"), "look");
  EXPECT_EQ(ask(AddMcpTool{"site", "none"}).error().code, Errc::not_found);
  const auto listed = ask(ProbeMcpServer{"site", std::nullopt});
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->at(0).at("health").at("status"), "NON_STRICT_ONLY");
  ModifyMcpServer rename;
  rename.server = "site";
  rename.name = "place";
  rename.is_older = true;
  ASSERT_TRUE(ask(rename));
  EXPECT_EQ(ask(DeleteMcpServer{"site", true}).error().code, Errc::not_found);
  const auto left = ask(DeleteMcpServer{"place", true});
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
}

TEST_F(McpServersTest, WhatCannotBeAServerIsRefused) {
  const auto refused = [&](CreateMcpServer request) {
    const auto answer = ask(std::move(request));
    return !answer && answer.error().code == Errc::bad_request;
  };
  EXPECT_TRUE(refused(at("ftp://site.example/")));
  EXPECT_TRUE(refused(at("")));
  EXPECT_TRUE(refused(at("https://site.example/", "")));
  CreateMcpServer request = at("https://site.example/");
  request.config.type = "pigeon";
  EXPECT_TRUE(refused(request));
  request = at("https://site.example/");
  request.config.custom_headers = Texts{{"a b", "c"}};
  EXPECT_TRUE(refused(request));
  request.config.custom_headers = Texts{{"a", "b\r\nc: d"}};
  EXPECT_TRUE(refused(request));
  request = {};
  request.name = "local";
  request.config.type = "stdio";
  request.config.command = "true";
  EXPECT_TRUE(refused(request)) << "switched off by default";
  settings.mcp.disable_stdio = false;
  EXPECT_TRUE(ask(request));
  request.name = "other";
  request.config.command = "--die";
  EXPECT_TRUE(refused(request));
  settings.mcp.servers_max = 1;
  EXPECT_TRUE(refused(at("https://site.example/", "one more")));
}

TEST_F(McpServersTest, AHugeListIsSeveralCommits) {
  std::vector<McpToolInfo> many;
  for (int i = 0; i < 30; ++i) {
    many.push_back(listed_tool("t" + std::to_string(i), std::string(40'000, 'x')));
  }
  mcp.list = McpToolList{many, {}, false};
  const std::string id = created(at("https://site.example/mcp"));
  EXPECT_EQ(tools_of_server(id).size(), 30U);
}

}  // namespace
}  // namespace reverie
