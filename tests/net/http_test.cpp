#include "net/http.hpp"

#include "config/json.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

HttpRequest target(std::string_view text, std::string_view prefix = "") {
  HttpRequest request;
  EXPECT_TRUE(read_target(text, prefix, request)) << text;
  return request;
}

TEST(Http, BothSpellingsAreTheSamePath) {
  EXPECT_EQ(target("/v1/agents").path, "/v1/agents");
  EXPECT_EQ(target("/v1/agents/").path, "/v1/agents");
  EXPECT_EQ(target("/latest/agents/?limit=1").path, "/v1/agents");
  EXPECT_EQ(target("/").path, "/");
  EXPECT_TRUE(target("/").segments.empty());
  EXPECT_NE(target("/v1/agents//").segments, target("/v1/agents").segments);
  EXPECT_EQ(target("/v1/latest").path, "/v1/latest");
}

TEST(Http, DecodesEachSegmentByItself) {
  const auto request = target("/v1/blocks/system%2Fpersona/%C3%A9+");
  EXPECT_EQ(request.segments,
            (std::vector<std::string>{"v1", "blocks", "system/persona", "\xc3\xa9+"}));
}

TEST(Http, TakesThePrefixOff) {
  EXPECT_EQ(target("/letta/v1/agents", "/letta").path, "/v1/agents");
  EXPECT_EQ(target("/letta", "/letta").path, "/");
  EXPECT_EQ(target("/letta/", "/letta").path, "/");
  EXPECT_EQ(target("/lettax/v1", "/letta").path, "/lettax/v1");
  EXPECT_EQ(target("/v1/agents", "/letta").path, "/v1/agents");
  EXPECT_EQ(target("http://host:1/letta/v1", "/letta").path, "/v1");
}

TEST(Http, ReadsQueriesInOrder) {
  const auto request = target("/x?tags=a&tags=b%26&empty=&flag&=v&q=1%2B1#part");
  EXPECT_EQ(
    request.query,
    (Query{{"tags", "a"}, {"tags", "b&"}, {"empty", ""}, {"flag", ""}, {"", "v"}, {"q", "1+1"}}));
  EXPECT_EQ(*find_query(request.query, "tags"), "b&");
  EXPECT_EQ(find_query(request.query, "none"), nullptr);
}

TEST(Http, RefusesBrokenTargets) {
  HttpRequest request;
  for (const char* text : {"x", "", "/%", "/%4", "/%zz", "/%00", "/%ff", "/x?a=%c3"})
    EXPECT_EQ(read_target(text, "", request).error().code, Errc::bad_request) << text;
}

TEST(Http, HeaderNamesHaveNoCase) {
  Headers headers{{"a", "1"}};
  headers.add("X-Name", "2");
  EXPECT_EQ(headers.get("x-name"), "2");
  headers.set("x-NAME", "3");
  EXPECT_EQ(headers.get("x-name"), "3");
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.find("none"), nullptr);
}

Json body(const Error& error) {
  return Json::parse(error_response(error).body);
}

TEST(HttpErrors, SayWhatHappened) {
  EXPECT_EQ(body({Errc::not_found, "Agent with ID x not found", "agents/get"}),
            (Json{{"detail", "Agent with ID x not found"}}));
  EXPECT_EQ(body({Errc::invalid_argument, "expected integer, got array", "body.limit"}),
            (Json{{"trace_id", ""}, {"detail", "body.limit: expected integer, got array"}}));
  EXPECT_EQ(body({Errc::bad_request, "INVALID_ARGUMENT: no model", ""})["detail"],
            "INVALID_ARGUMENT: no model");
  EXPECT_EQ(body({Errc::unauthenticated, "wrong password", ""})["detail"], "Unauthorized");
}

TEST(HttpErrors, HideWhatIsOurs) {
  EXPECT_EQ(body({Errc::internal, "secret", "x"})["detail"], "An unknown error occurred");
  EXPECT_EQ(body({Errc::corruption, "secret", "x"})["detail"], "A database error occurred.");
}

TEST(HttpErrors, NameTheRunOfABusyConversation) {
  const Json busy = body(
    {Errc::conflict, "CONFLICT: Another request (run_id=run-1) is currently being processed", ""});
  EXPECT_EQ(busy["run_id"], "run-1");
  EXPECT_FALSE(body({Errc::conflict, "exists", ""}).contains("run_id"));
}

TEST(HttpErrors, SayWhatAnMcpServerDid) {
  const auto down = error_response({Errc::mcp_unavailable, "refused", "mcp"});
  EXPECT_EQ(down.status, 404);
  EXPECT_EQ(Json::parse(down.body)["detail"]["code"], "MCPServerUnavailable");
  const auto broken = error_response({Errc::mcp_connection, "refused", "mcp"});
  EXPECT_EQ(broken.status, 502);
  EXPECT_EQ(Json::parse(broken.body)["error"]["type"], "mcp_connection_error");
  EXPECT_EQ(Json::parse(broken.body)["error"]["detail"], "refused");
  const auto slow = error_response({Errc::mcp_timeout, "too slow", "mcp"});
  EXPECT_EQ(slow.status, 408);
  EXPECT_EQ(Json::parse(slow.body)["detail"], "too slow");
}

TEST(HttpErrors, TellProviderFailuresApart) {
  struct Row {
    Errc code;
    int status;
    const char* type;
    const char* prefix;
  };
  for (const Row& row : {
         Row{Errc::llm_rate_limit, 429, "llm_rate_limit", "RATE_LIMIT_EXCEEDED: "},
         Row{Errc::llm_authentication, 401, "llm_authentication", "UNAUTHENTICATED: "},
         Row{Errc::llm_insufficient_credits, 402, "llm_insufficient_credits", "PAYMENT_REQUIRED: "},
         Row{Errc::llm_bad_request, 400, "llm_bad_request", "INVALID_ARGUMENT: "},
         Row{Errc::llm_timeout, 504, "llm_timeout", "TIMEOUT: "},
         Row{Errc::llm_overloaded, 503, "llm_error", "INTERNAL_SERVER_ERROR: "},
         Row{Errc::llm_server_error, 500, "llm_error", "INTERNAL_SERVER_ERROR: "},
         Row{Errc::llm_empty_response, 500, "llm_error", "INTERNAL_SERVER_ERROR: "},
         Row{Errc::llm_connection, 500, "llm_error", "INTERNAL_SERVER_ERROR: "},
       }) {
    const HttpResponse response = error_response({row.code, "Error code: 429", "llm"});
    EXPECT_EQ(response.status, row.status) << row.type;
    const Json error = Json::parse(response.body)["error"];
    EXPECT_EQ(error["type"], row.type);
    EXPECT_EQ(error["detail"], std::string(row.prefix) + "Error code: 429");
    EXPECT_FALSE(error["message"].get<std::string>().empty());
    EXPECT_EQ(response.headers.get("x-should-retry"), "false");
  }
  const auto window = error_response({Errc::llm_context_window, "too long", "llm"});
  EXPECT_EQ(window.status, 400);
  EXPECT_EQ(Json::parse(window.body)["detail"], "CONTEXT_WINDOW_EXCEEDED: too long");
}

TEST(HttpErrors, SayWhenARetryIsInVain) {
  const auto advice = [](const Error& error) {
    return std::string(error_response(error).headers.get("x-should-retry"));
  };
  EXPECT_EQ(advice({Errc::not_built, "x", ""}), "false");
  EXPECT_EQ(advice({Errc::pending_approval, "The agent is waiting for approval on a tool", ""}),
            "false");
  EXPECT_EQ(advice({Errc::conflict, "busy", ""}), "");
  EXPECT_EQ(advice({Errc::unavailable, "x", ""}), "");
  EXPECT_EQ(error_response({Errc::too_many, "x", ""}).headers.get("retry-after"), "1");
}

TEST(HttpErrors, BadTextStaysJson) {
  EXPECT_NO_THROW((void)body({Errc::not_found, "\xff\n\"", ""}));
}

}  // namespace
}  // namespace reverie
