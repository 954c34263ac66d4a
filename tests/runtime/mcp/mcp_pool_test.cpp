// Sessions over HTTP, against a server that the test writes byte by byte.

#include "runtime/mcp/mcp_pool.hpp"

#include "tests/support/http_stub.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

std::string event(const Json& message) {
  return "event: message\ndata: " + message.dump() + "\n\n";
}

Json answer_to(const Json& request, const Json& result) {
  return {{"jsonrpc", "2.0"}, {"id", request.at("id")}, {"result", result}};
}

// A server over streamable HTTP that knows the handshake; the rest is the test's.
class Site {
 public:
  using Handler = std::function<void(const Json& message, StubConnection&)>;

  explicit Site(Handler handler)
    : handler_(std::move(handler)),
      stub_([this](const StubRequest& request, StubConnection& connection) {
        serve(request, connection);
      }) {}

  std::string url() const { return stub_.url() + "/mcp"; }
  std::vector<StubRequest> requests() const { return stub_.requests(); }
  // Messages with this method.
  std::vector<Json> messages(const std::string& method) const {
    std::vector<Json> found;
    for (const StubRequest& request : stub_.requests()) {
      const Json message = Json::parse(request.body, nullptr, false);
      if (message.is_object() && message.value("method", "") == method) found.push_back(message);
    }
    return found;
  }

  std::atomic<int> sessions = 0;
  std::atomic<bool> knows_session = true;

 private:
  void serve(const StubRequest& request, StubConnection& connection) {
    if (request.method == "DELETE") return connection.reply(200, "");
    if (request.method == "GET") return connection.reply(405, "");
    const Json message = Json::parse(request.body);
    const std::string method = message.value("method", "");
    if (method == "initialize") {
      knows_session = true;
      return connection.reply(200,
                              answer_to(message, {{"protocolVersion", "2025-06-18"},
                                                  {"capabilities", {{"tools", Json::object()}}},
                                                  {"serverInfo", {{"name", "site"}}}})
                                .dump(),
                              "Mcp-Session-Id: s" + std::to_string(++sessions) + "\r\n");
    }
    if (!knows_session) return connection.reply(404, R"({"error":"Session not found"})");
    if (!message.contains("id")) return connection.reply(202, "");
    handler_(message, connection);
  }

  Handler handler_;
  HttpStub stub_;
};

class McpPoolTest : public ::testing::Test {
 protected:
  McpPoolTest() {
    settings_.connect_s = 5;
    settings_.list_s = 5;
    settings_.call_s = 5;
  }

  McpClient& pool() {
    if (!pool_) {
      auto started = start_mcp_pool(http_, settings_, sandbox_, nullptr);
      EXPECT_TRUE(started);
      pool_ = *std::move(started);
    }
    return *pool_;
  }

  static McpEndpoint at(const std::string& url) {
    McpEndpoint endpoint;
    endpoint.org_id = "org-1";
    endpoint.server_id = "mcp_server-1";
    endpoint.url = url;
    return endpoint;
  }

  std::future<Result<Json>> start_call(const McpEndpoint& endpoint, const std::string& id,
                                       std::int64_t time_ms = 5'000) {
    auto promise = std::make_shared<std::promise<Result<Json>>>();
    pool().call_tool(endpoint, {id, "tool", {{"a", 1}}, time_ms, {{"X-Agent-Id", "agent-1"}}},
                     [promise](Result<Json> result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }
  Result<Json> call(const McpEndpoint& endpoint, std::int64_t time_ms = 5'000) {
    return start_call(endpoint, "call-" + std::to_string(++calls_), time_ms).get();
  }
  Result<McpToolList> list(const McpEndpoint& endpoint) {
    std::promise<Result<McpToolList>> promise;
    pool().list_tools(endpoint,
                      [&](Result<McpToolList> list) { promise.set_value(std::move(list)); });
    return promise.get_future().get();
  }

  McpSettings settings_;
  SandboxSettings sandbox_;
  HttpClient http_;
  std::unique_ptr<McpClient> pool_;
  int calls_ = 0;
};

TEST_F(McpPoolTest, OneSessionServesAllCalls) {
  Site site([](const Json& message, StubConnection& connection) {
    connection.reply(200, answer_to(message, {{"echo", message.at("params")}}).dump());
  });
  const McpEndpoint endpoint = at(site.url());
  const auto first = call(endpoint);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->at("echo").at("name"), "tool");
  EXPECT_EQ(first->at("echo").at("arguments"), Json({{"a", 1}}));
  ASSERT_TRUE(call(endpoint));
  EXPECT_EQ(site.sessions, 1);
  EXPECT_EQ(site.messages("initialize").size(), 1U);
  EXPECT_EQ(site.messages("notifications/initialized").size(), 1U);
  const auto requests = site.requests();
  const auto found = std::find_if(requests.rbegin(), requests.rend(), [](const StubRequest& each) {
    return each.body.find("tools/call") != std::string::npos;
  });
  ASSERT_NE(found, requests.rend());
  const StubRequest& last = *found;
  EXPECT_EQ(last.headers.at("mcp-session-id"), "s1");
  EXPECT_EQ(last.headers.at("mcp-protocol-version"), "2025-06-18");
  EXPECT_EQ(last.headers.at("x-agent-id"), "agent-1");
  EXPECT_EQ(last.headers.at("accept"), "application/json, text/event-stream");
  McpEndpoint other = endpoint;
  other.headers = {{"Authorization", "Bearer another"}};
  ASSERT_TRUE(call(other));
  EXPECT_EQ(site.sessions, 2) << "who has another token has a session of its own";
  pool_ = nullptr;
}

TEST_F(McpPoolTest, AnAnswerMayBeAStream) {
  Site site([](const Json& message, StubConnection& connection) {
    connection.start_stream();
    connection.send(": hello\n\n");
    connection.send(event(
      {{"jsonrpc", "2.0"}, {"method", "notifications/progress"}, {"params", {{"progress", 1}}}}));
    const std::string text = event(answer_to(message, {{"n", 1}}));
    connection.send(text.substr(0, 20));
    connection.send(text.substr(20));
    // The client has what it wanted, and lets go.
    EXPECT_TRUE(connection.wait_closed(5'000));
    connection.close();
  });
  const auto result = call(at(site.url()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->at("n"), 1);
}

TEST_F(McpPoolTest, ListsComeInPages) {
  Site site([](const Json& message, StubConnection& connection) {
    const std::string cursor = message.at("params").value("cursor", "");
    const int page = cursor.empty() ? 0 : std::stoi(cursor);
    Json result{
      {"tools", {{{"name", "t" + std::to_string(page)}, {"inputSchema", Json::object()}}}}};
    if (page < 2) result["nextCursor"] = std::to_string(page + 1);
    connection.reply(200, answer_to(message, result).dump());
  });
  const auto tools = list(at(site.url()));
  ASSERT_TRUE(tools) << tools.error().message;
  ASSERT_EQ(tools->tools.size(), 3U);
  EXPECT_EQ(tools->tools[2].name, "t2");
}

TEST_F(McpPoolTest, AListWithoutAnEndEnds) {
  settings_.tools_max = 10;
  Site site([](const Json& message, StubConnection& connection) {
    const std::string cursor = message.at("params").value("cursor", "0");
    const Json tool{{"name", "t" + cursor}, {"inputSchema", Json::object()}};
    connection.reply(
      200,
      answer_to(message, {{"tools", {tool}}, {"nextCursor", std::to_string(std::stoi(cursor) + 1)}})
        .dump());
  });
  const auto tools = list(at(site.url()));
  ASSERT_TRUE(tools) << tools.error().message;
  EXPECT_EQ(tools->tools.size(), 10U);
  EXPECT_TRUE(tools->is_cut);
}

TEST_F(McpPoolTest, AnErrorOfTheServerIsOne) {
  Site site([](const Json& message, StubConnection& connection) {
    connection.reply(200, Json({{"jsonrpc", "2.0"},
                                {"id", message.at("id")},
                                {"error", {{"code", -32602}, {"message", "no such tool"}}}})
                            .dump());
  });
  const auto result = call(at(site.url()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::upstream);
  EXPECT_EQ(result.error().message, "no such tool");
  EXPECT_EQ(list(at(site.url())).error().code, Errc::mcp_connection);
}

TEST_F(McpPoolTest, ASessionThatTheServerHasForgottenIsMadeAnew) {
  Site site([](const Json& message, StubConnection& connection) {
    connection.reply(200, answer_to(message, {{"n", 1}}).dump());
  });
  ASSERT_TRUE(call(at(site.url())));
  site.knows_session = false;  // it was started again
  const auto result = call(at(site.url()));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(site.sessions, 2);
}

TEST_F(McpPoolTest, ASessionThatIsNeverKnownIsAnError) {
  Site site([&](const Json&, StubConnection& connection) { connection.reply(404, "gone"); });
  const auto result = call(at(site.url()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::mcp_connection);
  EXPECT_EQ(site.sessions, 2) << "tried twice, and no more";
}

TEST_F(McpPoolTest, BrokenAnswersAreErrorsAtOnce) {
  const std::vector<std::pair<std::string, std::string>> broken{
    {"no JSON", "it is no JSON"},
    {R"({"jsonrpc":"2.0","id":999,"result":{}})", "without a result"},
    {R"({"jsonrpc":"2.0","id":2})", "no result and no error"},
    {"", "without a result"}};
  for (const auto& [body, why] : broken) {
    Site site(
      [&, body = body](const Json&, StubConnection& connection) { connection.reply(200, body); });
    const auto result = call(at(site.url()));
    ASSERT_FALSE(result) << body;
    EXPECT_EQ(result.error().code, Errc::mcp_connection);
    EXPECT_NE(result.error().message.find(why), std::string::npos) << result.error().message;
  }
}

TEST_F(McpPoolTest, AnAnswerThatIsCutOffIsAnError) {
  Site site([](const Json& message, StubConnection& connection) {
    const std::string text = answer_to(message, {{"n", 1}}).dump();
    connection.send(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
      + text.substr(0, 10));
    connection.close();
  });
  EXPECT_EQ(call(at(site.url())).error().code, Errc::mcp_connection);
  Site stream([](const Json& message, StubConnection& connection) {
    connection.start_stream();
    connection.send(event(answer_to(message, {{"n", 1}})).substr(0, 30));
    connection.close();
  });
  EXPECT_EQ(call(at(stream.url())).error().code, Errc::mcp_connection);
}

TEST_F(McpPoolTest, AnAnswerThatIsTooLongIsAnError) {
  settings_.message_bytes_max = 2'000;
  Site site([](const Json& message, StubConnection& connection) {
    connection.reply(200, answer_to(message, std::string(3'000, 'x')).dump());
  });
  auto result = call(at(site.url()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "mcp.message_bytes_max") << result.error().message;
  Site stream([](const Json& message, StubConnection& connection) {
    connection.start_stream();
    connection.send(event(answer_to(message, std::string(3'000, 'x'))));
    connection.close();
  });
  result = call(at(stream.url()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().where, "mcp.message_bytes_max") << result.error().message;
}

TEST_F(McpPoolTest, ASlowCallTimesOutAndTheServerIsTold) {
  std::promise<void> closed;
  Site site([&](const Json&, StubConnection& connection) {
    connection.start_stream();
    if (connection.wait_closed(5'000)) closed.set_value();
    connection.close();
  });
  const auto result = call(at(site.url()), 100);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::mcp_timeout);
  closed.get_future().get();
  pool_ = nullptr;
  const auto told = site.messages("notifications/cancelled");
  ASSERT_LE(told.size(), 1U);
}

TEST_F(McpPoolTest, ACallCanBeCancelled) {
  std::promise<void> began, closed;
  Site site([&](const Json&, StubConnection& connection) {
    connection.start_stream();
    began.set_value();
    if (connection.wait_closed(5'000)) closed.set_value();
    connection.close();
  });
  auto result = start_call(at(site.url()), "call-x");
  began.get_future().get();
  pool().cancel("call-none");
  pool().cancel("call-x");
  EXPECT_EQ(result.get().error().code, Errc::llm_cancelled);
  closed.get_future().get();
}

TEST_F(McpPoolTest, AServerThatIsNotThereIsAnError) {
  std::string url;
  {
    Site site([](const Json&, StubConnection&) {});
    url = site.url();
  }
  EXPECT_EQ(call(at(url)).error().code, Errc::mcp_connection);
  EXPECT_EQ(list(at(url)).error().code, Errc::mcp_connection);
}

TEST_F(McpPoolTest, AServerThatDoesNotIntroduceItselfIsGivenUp) {
  settings_.connect_s = 1;
  HttpStub silent([](const StubRequest&, StubConnection& connection) {
    connection.wait_closed(10'000);
    connection.close();
  });
  const auto result = call(at(silent.url()));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::mcp_timeout);
}

TEST_F(McpPoolTest, TheGuardDecidesWhereServersMayBe) {
  settings_.allowed_networks = {"10.0.0.0/8"};
  Site site([](const Json&, StubConnection&) {});
  const auto result = call(at(site.url()));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("127.0.0.1"), std::string::npos) << result.error().message;
  EXPECT_TRUE(site.requests().empty());
  settings_.allowed_networks = {"everywhere"};
  const auto started = start_mcp_pool(http_, settings_, sandbox_, nullptr);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().where, "mcp.allowed_networks");
}

TEST_F(McpPoolTest, AServerThatWantsAnAuthorizationIsToldOf) {
  HttpStub site([](const StubRequest&, StubConnection& connection) {
    connection.reply(401, R"({"error":"invalid_token"})", "WWW-Authenticate: Bearer\r\n");
  });
  const auto result = call(at(site.url()));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("401"), std::string::npos);
}

TEST_F(McpPoolTest, ForeignRequestsAreAnswered) {
  std::promise<Json> pong;
  std::promise<Json> refused;
  HttpStub site([&](const StubRequest& request, StubConnection& connection) {
    if (request.method != "POST") return connection.reply(405, "");
    const Json message = Json::parse(request.body);
    if (!message.contains("method")) {
      (message.at("id") == "p" ? pong : refused).set_value(message);
      return connection.reply(202, "");
    }
    if (message.at("method") == "initialize")
      return connection.reply(200, answer_to(message, {{"protocolVersion", "2025-06-18"},
                                                       {"capabilities", Json::object()}})
                                     .dump());
    if (!message.contains("id")) return connection.reply(202, "");
    connection.start_stream();
    connection.send(event({{"jsonrpc", "2.0"}, {"id", "p"}, {"method", "ping"}}));
    connection.send(event({{"jsonrpc", "2.0"}, {"id", 7}, {"method", "sampling/createMessage"}}));
    connection.send(event(answer_to(message, Json::object())));
    connection.close();
  });
  ASSERT_TRUE(call(at(site.url())));
  EXPECT_EQ(pong.get_future().get().at("result"), Json::object());
  EXPECT_EQ(refused.get_future().get().at("error").at("code"), -32601);
}

TEST_F(McpPoolTest, AChangedListIsToldOfOnce) {
  Site site([](const Json& message, StubConnection& connection) {
    connection.start_stream();
    for (int i = 0; i < 3; ++i)
      connection.send(event({{"jsonrpc", "2.0"}, {"method", "notifications/tools/list_changed"}}));
    connection.send(event(answer_to(message, Json::object())));
    connection.close();
  });
  std::promise<std::string> changed;  // a second time would throw
  pool().set_on_changed([&](const std::string& org_id, const std::string& server_id) {
    changed.set_value(org_id + "/" + server_id);
  });
  ASSERT_TRUE(call(at(site.url())));
  EXPECT_EQ(changed.get_future().get(), "org-1/mcp_server-1");
  pool_ = nullptr;
}

TEST_F(McpPoolTest, SessionsAreBounded) {
  settings_.sessions_max = 2;
  Site site([](const Json& message, StubConnection& connection) {
    connection.reply(200, answer_to(message, Json::object()).dump());
  });
  McpEndpoint endpoint = at(site.url());
  for (int i = 0; i < 5; ++i) {
    endpoint.headers = {{"X-Number", std::to_string(i)}};
    ASSERT_TRUE(call(endpoint)) << i;
  }
  EXPECT_EQ(site.sessions, 5);
}

TEST_F(McpPoolTest, CallsAreBounded) {
  settings_.calls_max = 1;
  std::promise<void> began;
  std::promise<void> ends;
  Site site([&](const Json& message, StubConnection& connection) {
    began.set_value();
    ends.get_future().get();
    connection.reply(200, answer_to(message, Json::object()).dump());
  });
  auto first = start_call(at(site.url()), "call-1");
  began.get_future().get();
  EXPECT_EQ(start_call(at(site.url()), "call-2").get().error().code, Errc::unavailable);
  ends.set_value();
  EXPECT_TRUE(first.get());
}

TEST_F(McpPoolTest, WhatIsForgottenHasNoSession) {
  Site site([](const Json& message, StubConnection& connection) {
    connection.reply(200, answer_to(message, Json::object()).dump());
  });
  ASSERT_TRUE(call(at(site.url())));
  pool().forget("mcp_server-1");
  ASSERT_TRUE(call(at(site.url())));
  EXPECT_EQ(site.sessions, 2);
}

TEST_F(McpPoolTest, WhatIsUnderWayEndsWithThePool) {
  std::promise<void> began;
  Site site([&](const Json&, StubConnection& connection) {
    began.set_value();
    connection.wait_closed(10'000);
    connection.close();
  });
  auto result = start_call(at(site.url()), "call-1");
  began.get_future().get();
  pool_ = nullptr;
  EXPECT_EQ(result.get().error().code, Errc::unavailable);
}

// The older transport: messages are posted to an address that the stream names.
TEST_F(McpPoolTest, TheOlderTransportOverEvents) {
  std::promise<StubConnection*> stream;
  const auto opened = stream.get_future().share();
  std::promise<void> over;
  const auto ended = over.get_future().share();
  HttpStub site([&](const StubRequest& request, StubConnection& connection) {
    if (request.method == "GET") {
      connection.start_stream();
      connection.send("event: endpoint\ndata: /post?session=1\n\n");
      stream.set_value(&connection);
      ended.wait();
      return connection.close();
    }
    EXPECT_EQ(request.target, "/post?session=1");
    connection.reply(202, "Accepted");
    const Json message = Json::parse(request.body);
    if (!message.contains("id")) return;
    const Json result =
      message.at("method") == "initialize"
        ? Json{{"protocolVersion", "2024-11-05"}, {"capabilities", Json::object()}}
        : Json{{"n", 1}};
    opened.get()->send(event(answer_to(message, result)));
  });
  McpEndpoint endpoint = at(site.url() + "/sse");
  endpoint.kind = McpTransportKind::sse;
  const auto result = call(endpoint);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->at("n"), 1);
  over.set_value();
}

TEST_F(McpPoolTest, TheOlderTransportStaysWithItsServer) {
  HttpStub site([&](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send("event: endpoint\ndata: http://elsewhere.example/post\n\n");
    connection.wait_closed(5'000);
    connection.close();
  });
  McpEndpoint endpoint = at(site.url() + "/sse");
  endpoint.kind = McpTransportKind::sse;
  const auto result = call(endpoint);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("another server"), std::string::npos);
}

TEST_F(McpPoolTest, WithoutASandboxNoCommandIsRun) {
  settings_.disable_stdio = false;
  McpEndpoint endpoint;
  endpoint.kind = McpTransportKind::stdio;
  endpoint.command = "true";
  const auto result = call(endpoint);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::unavailable);
  EXPECT_NE(result.error().message.find("sandbox"), std::string::npos);
}

}  // namespace
}  // namespace reverie
