#include "net/cli/api_client.hpp"

#include "net/cli/agents.hpp"
#include "tests/support/http_stub.hpp"

#include <atomic>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

TEST(CliApiClient, SendsThePasswordAndReadsJson) {
  const HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, R"({"id": "agent-1"})");
  });
  ApiClient api({stub.url() + "/", "secret"});
  EXPECT_EQ(*api.post("/v1/agents/", {{"name", "a"}}), Json({{"id", "agent-1"}}));
  const StubRequest request = stub.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v1/agents/");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer secret");
  EXPECT_EQ(request.body, R"({"name":"a"})");
}

TEST(CliApiClient, StreamsEventsInOrder) {
  const HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send("data: {\"n\": 1}\n\nda");
    connection.send("ta: {\"n\": 2}\n\ndata: [DONE]\n\n");
    connection.close();
  });
  ApiClient api({stub.url(), ""});
  std::vector<Json> events;
  const Status status =
    api.stream("/x", Json::object(), [&](const Json& event) { events.push_back(event); });
  EXPECT_TRUE(status);
  EXPECT_EQ(events, (std::vector<Json>{{{"n", 1}}, {{"n", 2}}}));
  EXPECT_FALSE(stub.requests().at(0).headers.contains("authorization"));
}

TEST(CliApiClient, StopsInTheMiddleOfAStream) {
  const HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send("data: {}\n\n");
    connection.wait_closed(5'000);
  });
  std::atomic<bool> stop = false;
  ApiClient api({stub.url(), ""}, &stop);
  const Status status = api.stream("/x", Json::object(), [&](const Json&) { stop = true; });
  EXPECT_EQ(status.error().code, Errc::llm_cancelled);
}

TEST(CliApiClient, ReportsAnErrorInsteadOfAStream) {
  const HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(409, R"({"detail": "CONFLICT: busy"})");
  });
  ApiClient api({stub.url(), ""});
  const Status status = api.stream("/x", Json::object(), [](const Json&) {});
  EXPECT_EQ(status.error().code, Errc::conflict);
  EXPECT_EQ(status.error().message, "CONFLICT: busy");
}

TEST(CliApiClient, ReportsWhatIsNoJson) {
  const HttpStub stub(
    [](const StubRequest&, StubConnection& connection) { connection.reply(200, "<html>"); });
  ApiClient api({stub.url(), ""});
  EXPECT_EQ(api.get("/").error().code, Errc::upstream);
}

TEST(CliApiClient, SaysWhatToTypeWhenNobodyIsThere) {
  std::string url;
  {
    const HttpStub gone([](const StubRequest&, StubConnection&) {});
    url = gone.url();
  }
  ApiClient api({url, ""});
  const Error error = api.get("/v1/health").error();
  EXPECT_EQ(error.code, Errc::llm_connection);
  EXPECT_EQ(explained(error, {url, ""}), "no server answers at " + url
                                           + "\n  start one:          reverie serve"
                                             "\n  or name another:    --url http://HOST:PORT");
}

TEST(CliApiClient, SaysWhatAnErrorSays) {
  EXPECT_EQ(error_of_answer(404, R"({"detail": "Agent not found"})").message, "Agent not found");
  EXPECT_EQ(error_of_answer(404, "{}").code, Errc::not_found);
  EXPECT_EQ(
    error_of_answer(422, R"({"detail": [{"loc": ["body", "limit"], "msg": "expected integer"}]})")
      .message,
    "body limit expected integer");
  EXPECT_EQ(error_of_answer(
              429, R"({"error": {"type": "llm_rate_limit", "message": "Slow", "detail": "429"}})")
              .message,
            "429");
  EXPECT_EQ(error_of_answer(502, "<html>").message, "the server answered with status 502");
  EXPECT_EQ(error_of_answer(500, R"({"detail": null})").message,
            "the server answered with status 500");
}

TEST(CliApiClient, SaysWhichPasswordIsMissing) {
  const Error error = error_of_answer(401, R"({"detail": "Unauthorized"})");
  EXPECT_NE(explained(error, {"", ""}).find("set REVERIE_PASSWORD"), std::string::npos);
  EXPECT_EQ(explained(error, {"", "wrong-one"}).find("wrong-one"), std::string::npos);
}

TEST(CliApiClient, ReachesAServerThatListensOnAllAddresses) {
  ServerSettings settings;
  EXPECT_EQ(local_url(settings), "http://127.0.0.1:8283");
  settings.host = "0.0.0.0";
  settings.path_prefix = "/letta";
  EXPECT_EQ(local_url(settings), "http://127.0.0.1:8283/letta");
  settings.host = "::";
  settings.path_prefix.clear();
  EXPECT_EQ(local_url(settings), "http://[::1]:8283");
}

TEST(CliAgents, FindsOneByIdOrByName) {
  const HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/v1/agents/agent-1") return connection.reply(200, R"({"id":"agent-1"})");
    if (request.target.ends_with("name=two"))
      return connection.reply(200, R"([{"id":"a"},{"id":"b"}])");
    if (request.target.ends_with("name=a%20b")) return connection.reply(200, R"([{"id":"c"}])");
    return connection.reply(200, "[]");
  });
  ApiClient api({stub.url(), ""});
  EXPECT_EQ((*find_agent(api, "agent-1"))["id"], "agent-1");
  EXPECT_EQ((*find_agent(api, "a b"))["id"], "c");
  EXPECT_EQ(find_agent(api, "none").error().code, Errc::not_found);
  EXPECT_EQ(find_agent(api, "two").error().code, Errc::conflict);
  EXPECT_EQ(find_agent(api, "two").error().message,
            "several agents are called two; say which:\n  a\n  b");
}

}  // namespace
}  // namespace reverie
