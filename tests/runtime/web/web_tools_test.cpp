#include "runtime/web/web_tools.hpp"

#include "runtime/tools/builtin_tool.hpp"
#include "tests/support/http_stub.hpp"

#include <atomic>
#include <future>
#include <semaphore>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

ExternalCall call_of(const std::string& tool, Json arguments, std::string id = "call-1") {
  ExternalCall call;
  call.id = std::move(id);
  call.tool = std::make_shared<const Tool>(find_builtin(tool)->tool);
  call.arguments = std::move(arguments);
  return call;
}

// A tool whose source is a request.
ExternalCall request_call(const std::string& source, Json arguments) {
  CustomTool stored;
  stored.id = "tool-1";
  stored.name = "ask";
  stored.source_type = "http";
  stored.source_code = source;
  stored.json_schema = RawJson{R"({"name": "ask", "parameters": {"type": "object"}})"};
  ExternalCall call;
  call.id = "call-1";
  call.tool = make_tool(std::move(stored));
  call.arguments = std::move(arguments);
  return call;
}

WebSettings local_settings() {
  WebSettings settings;
  settings.allowed_networks = {"127.0.0.0/8"};
  settings.ports = {"1-65535"};
  return settings;
}

// The tools, and the outcomes of the calls in the order in which they came.
class WebToolsTest : public ::testing::Test {
 protected:
  std::unique_ptr<WebTools> make(const WebSettings& settings) {
    auto tools = WebTools::make(http_, clock_, settings);
    EXPECT_TRUE(tools);
    return *std::move(tools);
  }

  // Starts a call; its outcome can be waited for.
  std::future<ToolOutcome> start(WebTools& tools, ExternalCall call) {
    auto promise = std::make_shared<std::promise<ToolOutcome>>();
    tools.run(std::move(call),
              [promise](ToolOutcome outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future();
  }

  ManualClock clock_{*from_rfc3339("2026-11-28T00:00:00Z")};
  HttpClient http_;
};

TEST_F(WebToolsTest, RunTheTwoToolsAndNoOthers) {
  const auto tools = make({});
  for (const char* name : {"fetch_webpage", "web_search"}) {
    EXPECT_TRUE(tools->runs(find_builtin(name)->tool));
    EXPECT_TRUE(tools->is_repeatable(find_builtin(name)->tool)) << "they only read";
  }
  EXPECT_FALSE(tools->runs(find_builtin("run_code")->tool));
  Tool custom = find_builtin("web_search")->tool;
  custom.tool_type = "custom";
  EXPECT_FALSE(tools->runs(custom)) << "one that somebody has written";
}

TEST_F(WebToolsTest, RefuseSettingsThatAreWrong) {
  WebSettings settings;
  settings.allowed_networks = {"everywhere"};
  auto tools = WebTools::make(http_, clock_, settings);
  ASSERT_FALSE(tools);
  EXPECT_EQ(tools.error().where, "web.allowed_networks");
  settings = {};
  settings.ports = {"http"};
  tools = WebTools::make(http_, clock_, settings);
  ASSERT_FALSE(tools);
  EXPECT_EQ(tools.error().where, "web.ports");
}

TEST_F(WebToolsTest, FetchAPageAsMarkdown) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, "<title>T</title><h1>Hello</h1><a href=/x>link</a>",
                     "Content-Type: text/html\r\n");
  });
  const auto tools = make(local_settings());
  const ToolOutcome outcome = start(*tools, call_of("fetch_webpage", {{"url", stub.url()}})).get();
  EXPECT_FALSE(outcome.is_error) << outcome.text;
  EXPECT_EQ(outcome.text,
            "Title: T\nURL: " + stub.url() + "/\n\n# Hello\n\n[link](" + stub.url() + "/x)");
}

TEST_F(WebToolsTest, SayWhyAPageIsNotThere) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/404") return connection.reply(404, "");
    connection.reply(200, std::string("\0\1", 2), "Content-Type: text/plain\r\n");
  });
  const auto closed = make({});
  const auto open = make(local_settings());
  const auto why = [&](WebTools& tools, const std::string& url) {
    return start(tools, call_of("fetch_webpage", {{"url", url}})).get();
  };
  const ToolOutcome inside = why(*open, "http://169.254.169.254/latest/");
  EXPECT_TRUE(inside.is_error);
  EXPECT_NE(inside.text.find("may not be reached from here"), std::string::npos) << inside.text;
  ASSERT_EQ(inside.stderr_lines.size(), 1U);
  EXPECT_TRUE(inside.stderr_lines[0].starts_with("Error executing function fetch_webpage: "))
    << inside.stderr_lines[0];
  EXPECT_TRUE(why(*closed, stub.url()).is_error);
  EXPECT_TRUE(why(*open, "nonsense").is_error);
  EXPECT_NE(why(*open, stub.url() + "/404").text.find("answered 404"), std::string::npos);
  EXPECT_NE(why(*open, stub.url()).text.find("are no text"), std::string::npos);
}

TEST_F(WebToolsTest, SearchWithTheKeyOfTheAgent) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, R"({"results": []})");
  });
  WebSettings settings;
  settings.search_provider = "exa";
  settings.search_url = stub.url();
  settings.exa_api_key = "server-key";
  const auto tools = make(settings);
  const Json arguments{{"query", " x "}};
  EXPECT_EQ(start(*tools, call_of("web_search", arguments)).get().text,
            R"({"query":"x","results":[]})");
  ExternalCall call = call_of("web_search", arguments);
  call.secrets = {{"EXA_API_KEY", "agent-key"}};
  EXPECT_FALSE(start(*tools, std::move(call)).get().is_error);
  EXPECT_EQ(stub.requests().at(0).headers.at("x-api-key"), "server-key");
  EXPECT_EQ(stub.requests().at(1).headers.at("x-api-key"), "agent-key");
}

TEST_F(WebToolsTest, SendTheRequestThatAToolIs) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    connection.reply(201, "{\"seen\": \"" + request.headers.at("authorization") + "\"}");
  });
  const auto tools = make(local_settings());
  ExternalCall call = request_call("POST " + stub.url() + "/v1/{id}\nAuthorization: Bearer ${KEY}",
                                   {{"id", "a/b"}, {"text", "hi"}});
  EXPECT_TRUE(tools->runs(*call.tool));
  EXPECT_FALSE(tools->is_repeatable(*call.tool));
  EXPECT_TRUE(tools->is_repeatable(*request_call("GET https://a.example/", {}).tool));
  call.secrets = {{"KEY", "hunter22"}};
  const ToolOutcome outcome = start(*tools, std::move(call)).get();
  EXPECT_FALSE(outcome.is_error) << outcome.text;
  EXPECT_EQ(outcome.text, R"({"seen": "Bearer [secret]"})");
  const StubRequest request = stub.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v1/a%2Fb");
  EXPECT_EQ(request.body, R"({"text":"hi"})");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer hunter22");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
}

TEST_F(WebToolsTest, SayWhatARequestCameTo) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/gone") return connection.reply(404, "no hunter22 here");
    if (request.target == "/moved") return connection.reply(302, "", "Location: /elsewhere\r\n");
    if (request.target == "/picture")
      return connection.reply(200, "x", "Content-Type: image/png\r\n");
    connection.reply(204, "");
  });
  const auto tools = make(local_settings());
  const auto outcome = [&](const std::string& line) {
    ExternalCall call = request_call(line, Json::object());
    call.secrets = {{"KEY", "hunter22"}};
    return start(*tools, std::move(call)).get();
  };
  EXPECT_EQ(outcome("GET " + stub.url() + "/nothing").text, "HTTP 204, without content");
  const ToolOutcome gone = outcome("GET " + stub.url() + "/gone");
  EXPECT_TRUE(gone.is_error);
  EXPECT_NE(gone.text.find("HTTP 404: no [secret] here"), std::string::npos) << gone.text;
  EXPECT_EQ(gone.stderr_lines.at(0).find("hunter22"), std::string::npos) << gone.stderr_lines[0];
  const ToolOutcome moved = outcome("GET " + stub.url() + "/moved");
  EXPECT_NE(moved.text.find("redirects to /elsewhere"), std::string::npos) << moved.text;
  const ToolOutcome picture = outcome("GET " + stub.url() + "/picture");
  EXPECT_TRUE(picture.is_error);
  EXPECT_NE(picture.text.find("image/png"), std::string::npos) << picture.text;
  EXPECT_NE(outcome("GET https://a.example/\nX-Key: ${OTHER}").text.find("'OTHER'"),
            std::string::npos);
  EXPECT_EQ(stub.requests().size(), 4U) << "the redirect was not followed";
}

TEST_F(WebToolsTest, SendRequestsWhereTheyMayGoAlone) {
  const auto closed = make({});
  for (const char* url : {"http://127.0.0.1/", "http://169.254.169.254/latest/meta-data",
                          "http://[::1]/", "https://example.com:22/"}) {
    const ToolOutcome outcome =
      start(*closed, request_call(std::string("GET ") + url, Json::object())).get();
    EXPECT_TRUE(outcome.is_error) << url;
    EXPECT_NE(outcome.text.find("may not be"), std::string::npos) << outcome.text;
  }
}

TEST_F(WebToolsTest, SayHonestlyThatThereIsNoSearch) {
  const auto tools = make({});
  const ToolOutcome outcome = start(*tools, call_of("web_search", {{"query", "x"}})).get();
  EXPECT_TRUE(outcome.is_error);
  EXPECT_TRUE(outcome.text.starts_with("web_search is not set up on this server: it needs "))
    << outcome.text;
}

TEST_F(WebToolsTest, ReadTheArgumentsOfASearch) {
  const auto query = [&](Json arguments) {
    return search_query(call_of("web_search", std::move(arguments)), clock_.now());
  };
  const auto all = query({{"query", "q"},
                          {"num_results", 1'000},
                          {"category", "news"},
                          {"include_text", true},
                          {"include_domains", {"a.example"}},
                          {"exclude_domains", nullptr},
                          {"start_published_date", "2026-01-02"},
                          {"end_published_date", "2026-01-03T04:05:06Z"},
                          {"user_location", "de"}});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->results_max, 100);
  EXPECT_EQ(all->category, "news");
  EXPECT_TRUE(all->include_text);
  EXPECT_EQ(all->include_domains, std::vector<std::string>{"a.example"});
  EXPECT_TRUE(all->exclude_domains.empty());
  EXPECT_EQ(to_rfc3339(*all->published_from), "2026-01-02T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(*all->published_to), "2026-01-03T04:05:06.000000Z");
  EXPECT_EQ(all->country, "DE");
  EXPECT_EQ(all->text_chars_max, 500) << "a hundredth of 40,000, and not too little";
  EXPECT_EQ(query({{"query", "q"}})->results_max, 10);
  EXPECT_EQ(query({{"query", "q"}})->text_chars_max, 4'000);
  EXPECT_FALSE(query({{"query", "  "}}));
  EXPECT_FALSE(query({{"query", "q"}, {"start_published_date", "yesterday"}}));
  EXPECT_FALSE(query({{"query", "q"}, {"user_location", "Germany"}}));
}

TEST_F(WebToolsTest, HoldBackWhatIsTooMuchAtOnce) {
  std::counting_semaphore<8> go{0};
  std::atomic<int> at_once = 0;
  std::atomic<int> most = 0;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    const int now = ++at_once;
    if (now > most) most = now;
    go.acquire();
    --at_once;
    connection.reply(200, "ok", "Content-Type: text/plain\r\n");
  });
  WebSettings settings = local_settings();
  settings.concurrency_max = 2;
  settings.queue_max = 2;
  const auto tools = make(settings);
  std::vector<std::future<ToolOutcome>> outcomes;
  for (int i = 0; i < 5; ++i)
    outcomes.push_back(
      start(*tools, call_of("fetch_webpage", {{"url", stub.url()}}, "call-" + std::to_string(i))));
  const ToolOutcome refused = outcomes.back().get();
  EXPECT_EQ(refused.text, "too many pages and searches are under way; try again later");
  outcomes.pop_back();
  go.release(4);
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().text, "ok");
  EXPECT_LE(most, 2);
}

TEST_F(WebToolsTest, EndACallThatIsGivenUp) {
  std::binary_semaphore asked{0};
  std::promise<bool> closed;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    asked.release();
    closed.set_value(connection.wait_closed(60'000));
  });
  WebSettings settings = local_settings();
  settings.concurrency_max = 1;
  const auto tools = make(settings);
  auto under_way = start(*tools, call_of("fetch_webpage", {{"url", stub.url()}}, "one"));
  auto waiting = start(*tools, call_of("fetch_webpage", {{"url", stub.url()}}, "two"));
  asked.acquire();
  tools->cancel("two");
  EXPECT_EQ(waiting.get().text, "the call was given up");
  tools->cancel("one");
  tools->cancel("one");
  tools->cancel("no such call");
  EXPECT_EQ(under_way.get().text, "the call was given up");
  EXPECT_TRUE(closed.get_future().get()) << "the socket";
  EXPECT_EQ(stub.requests().size(), 1U);
}

TEST_F(WebToolsTest, TakeNoMoreTimeThanTheCallHas) {
  HttpStub stub(
    [](const StubRequest&, StubConnection& connection) { connection.wait_closed(60'000); });
  const auto tools = make(local_settings());
  ExternalCall call = call_of("fetch_webpage", {{"url", stub.url()}});
  call.time_max = std::chrono::milliseconds(100);
  const ToolOutcome outcome = start(*tools, std::move(call)).get();
  EXPECT_NE(outcome.text.find("it was not complete in time"), std::string::npos) << outcome.text;
  call = call_of("fetch_webpage", {{"url", stub.url()}});
  call.time_max = std::chrono::milliseconds(0);
  EXPECT_NE(start(*tools, std::move(call)).get().text.find("turn did not come"), std::string::npos);
}

TEST_F(WebToolsTest, ManyThatFailAtOnceAreNoDeepStack) {
  std::binary_semaphore go{0};
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    go.acquire();
    connection.reply(200, "ok", "Content-Type: text/plain\r\n");
  });
  WebSettings settings = local_settings();
  settings.concurrency_max = 1;
  settings.queue_max = 100'000;
  const auto tools = make(settings);
  auto first = start(*tools, call_of("fetch_webpage", {{"url", stub.url()}}, "first"));
  std::vector<std::future<ToolOutcome>> outcomes;
  for (int i = 0; i < 50'000; ++i)
    outcomes.push_back(
      start(*tools, call_of("fetch_webpage", {{"url", "ftp://x/"}}, std::to_string(i))));
  go.release();
  EXPECT_FALSE(first.get().is_error);
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get().is_error);
}

TEST_F(WebToolsTest, TheirEndEndsEveryCall) {
  std::binary_semaphore asked{0};
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    asked.release();
    connection.wait_closed(60'000);
  });
  WebSettings settings = local_settings();
  settings.concurrency_max = 1;
  auto tools = make(settings);
  auto under_way = start(*tools, call_of("fetch_webpage", {{"url", stub.url()}}, "one"));
  auto waiting = start(*tools, call_of("fetch_webpage", {{"url", stub.url()}}, "two"));
  asked.acquire();
  tools.reset();
  EXPECT_TRUE(under_way.get().is_error);
  EXPECT_EQ(waiting.get().text, "the server is stopping");
}

}  // namespace
}  // namespace reverie
