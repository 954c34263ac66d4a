#include "net/cors.hpp"

#include "tests/support/recorded_exchange.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

HttpRequest preflight(std::string_view origin) {
  HttpRequest request;
  request.method = Method::options;
  request.headers.add("origin", std::string(origin));
  request.headers.add("access-control-request-method", "PATCH");
  request.headers.add("access-control-request-headers", "content-type, x-any");
  return request;
}

Headers decorated(const Cors& cors, std::string_view origin) {
  HttpRequest request;
  if (!origin.empty()) request.headers.add("origin", std::string(origin));
  testing::RecordedExchange exchange;
  cors.decorate(request, exchange);
  return exchange.headers;
}

TEST(Cors, AnswersThePreflightOfAnAllowedOrigin) {
  const auto response = Cors().preflight(preflight("http://localhost:3000"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "OK");
  EXPECT_EQ(response->headers.get("access-control-allow-origin"), "http://localhost:3000");
  EXPECT_EQ(response->headers.get("access-control-allow-credentials"), "true");
  EXPECT_EQ(response->headers.get("access-control-allow-headers"), "content-type, x-any");
  EXPECT_EQ(response->headers.get("access-control-max-age"), "600");
  EXPECT_NE(response->headers.get("access-control-allow-methods").find("PATCH"),
            std::string_view::npos);
}

TEST(Cors, RefusesOtherOrigins) {
  const auto response = Cors().preflight(preflight("http://localhost:3001"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 400);
  EXPECT_FALSE(response->headers.find("access-control-allow-origin"));
  EXPECT_TRUE(decorated(Cors(), "https://evil.example").empty());
}

TEST(Cors, LeavesOtherRequestsAlone) {
  HttpRequest options;
  options.method = Method::options;
  EXPECT_FALSE(Cors().preflight(options));
  HttpRequest get = preflight("http://localhost:3000");
  get.method = Method::get;
  EXPECT_FALSE(Cors().preflight(get));
  EXPECT_TRUE(decorated(Cors(), "").empty());
}

TEST(Cors, DecoratesAnswers) {
  const Headers headers = decorated(Cors({"https://mine.example"}), "https://mine.example");
  EXPECT_EQ(headers.get("access-control-allow-origin"), "https://mine.example");
  EXPECT_EQ(headers.get("access-control-allow-credentials"), "true");
  EXPECT_EQ(headers.get("vary"), "Origin");
}

TEST(Cors, AStarAllowsAllWithoutCredentials) {
  const Cors cors({"*"});
  EXPECT_EQ(decorated(cors, "https://any.example").get("access-control-allow-origin"), "*");
  EXPECT_FALSE(decorated(cors, "https://any.example").find("access-control-allow-credentials"));
  EXPECT_EQ(decorated(cors, "https://app.letta.com").get("access-control-allow-credentials"),
            "true");
  EXPECT_EQ(cors.preflight(preflight("https://any.example"))->status, 200);
}

}  // namespace
}  // namespace reverie
