#include "runtime/llm/failure.hpp"

#include <gtest/gtest.h>

namespace reverie {

namespace {

Errc code_of(int status, std::string_view body) {
  return llm_failure(status, body).error.code;
}

}  // namespace

TEST(LlmFailure, TellsTheClassesByStatus) {
  EXPECT_EQ(code_of(400, "{}"), Errc::llm_bad_request);
  EXPECT_EQ(code_of(401, "{}"), Errc::llm_authentication);
  EXPECT_EQ(code_of(402, "{}"), Errc::llm_insufficient_credits);
  EXPECT_EQ(code_of(403, "{}"), Errc::llm_server_error);
  EXPECT_EQ(code_of(404, "{}"), Errc::llm_server_error);
  EXPECT_EQ(code_of(408, "{}"), Errc::llm_timeout);
  EXPECT_EQ(code_of(409, "{}"), Errc::llm_bad_request);
  EXPECT_EQ(code_of(413, "{}"), Errc::llm_context_window);
  EXPECT_EQ(code_of(422, "{}"), Errc::llm_server_error);
  EXPECT_EQ(code_of(429, "{}"), Errc::llm_rate_limit);
  EXPECT_EQ(code_of(499, "{}"), Errc::llm_connection);
  EXPECT_EQ(code_of(500, "{}"), Errc::llm_server_error);
  EXPECT_EQ(code_of(502, "{}"), Errc::llm_connection);
  EXPECT_EQ(code_of(504, "{}"), Errc::llm_timeout);
  EXPECT_EQ(code_of(529, "{}"), Errc::llm_overloaded);
}

TEST(LlmFailure, TellsTheClassesByTheVendorsWords) {
  for (const char* text :
       {"context_length_exceeded", "This model's maximum context length is 8192 tokens",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "the request exceeds the available context size", "input Exceeds the Context Window"})
    EXPECT_EQ(code_of(400, text), Errc::llm_context_window) << text;
  EXPECT_EQ(code_of(429, "maximum context length"), Errc::llm_rate_limit);
  for (const char* text : {"insufficient_quota", "You exceeded your current quota",
                           "This request requires more credits", "Billing hard limit reached"})
    EXPECT_EQ(code_of(429, text), Errc::llm_insufficient_credits) << text;
  EXPECT_EQ(code_of(503, "The model is overloaded"), Errc::llm_overloaded);
  EXPECT_EQ(code_of(400, "do not call it overloaded"), Errc::llm_bad_request);
}

TEST(LlmFailure, TellsTheClassesOfErrorsInAStream) {
  EXPECT_EQ(
    code_of(0, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
    Errc::llm_overloaded);
  EXPECT_EQ(code_of(0, R"({"error":{"type":"rate_limit_error"}})"), Errc::llm_rate_limit);
  EXPECT_EQ(code_of(0, R"({"error":{"code":"invalid_api_key"}})"), Errc::llm_authentication);
  EXPECT_EQ(code_of(0, R"({"error":{"code":502,"message":"upstream"}})"), Errc::llm_connection);
  EXPECT_EQ(code_of(0, R"({"error":{"code":"context_length_exceeded"}})"),
            Errc::llm_context_window);
  EXPECT_EQ(code_of(0, R"({"error":"text only"})"), Errc::llm_server_error);
  EXPECT_EQ(code_of(0, "no json"), Errc::llm_server_error);
  EXPECT_EQ(llm_failure(0, R"({"error":{"type":"api_error"}})").status, 500);
}

TEST(LlmFailure, KeepsTheVendorsText) {
  EXPECT_EQ(llm_failure(429, R"({"error":{"message":"Rate limit reached"}})").error.message,
            R"(Error code: 429 - {"error":{"message":"Rate limit reached"}})");
  EXPECT_EQ(llm_failure(500, "").error.message, "Error code: 500 - no text");
  EXPECT_EQ(llm_failure(0, R"({"error":"odd"})").error.message,
            R"(Error in the stream - {"error":"odd"})");
}

TEST(LlmFailure, SaysThatAWebPageIsNoModel) {
  const auto failure = llm_failure(404, "\n<!DOCTYPE html><html><body>Not found</body></html>");
  EXPECT_NE(failure.error.message.find("check its base URL"), std::string::npos);
  EXPECT_EQ(failure.error.message.find("<html>"), std::string::npos);
  EXPECT_NE(llm_failure(308, "").error.message.find("redirects"), std::string::npos);
}

TEST(LlmFailure, CutsALongTextBetweenCharacters) {
  std::string text = "x";
  for (int i = 0; i < 5000; ++i) text += "\xc3\xa4";
  const auto message = llm_failure(400, text).error.message;
  EXPECT_LT(message.size(), 4200u);
  EXPECT_EQ(message.back(), '\xa4');
}

TEST(LlmFailure, ReadsWhenToTryAgain) {
  const auto after = [](std::vector<HttpHeader> headers) {
    HttpResult answer;
    answer.status = 429;
    answer.headers = std::move(headers);
    return llm_failure(answer);
  };
  EXPECT_EQ(after({{"retry-after", "2"}}).retry_after_ms, 2000);
  EXPECT_EQ(after({{"retry-after", "0.25"}}).retry_after_ms, 250);
  EXPECT_EQ(after({{"retry-after", "7"}, {"retry-after-ms", "120"}}).retry_after_ms, 120);
  EXPECT_EQ(after({{"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}}).retry_after_ms, std::nullopt);
  EXPECT_EQ(after({{"retry-after", "-1"}}).retry_after_ms, std::nullopt);
  EXPECT_EQ(after({{"retry-after", "nan"}}).retry_after_ms, std::nullopt);
  EXPECT_EQ(after({{"retry-after", "1e300"}}).retry_after_ms, 86'400'000);
  EXPECT_EQ(after({}).retry_after_ms, std::nullopt);
  EXPECT_TRUE(after({{"x-should-retry", "false"}}).is_final);
}

}  // namespace reverie
