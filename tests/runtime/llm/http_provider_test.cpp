#include "runtime/llm/http_provider.hpp"

#include "tests/runtime/llm/stream_support.hpp"
#include "tests/support/http_stub.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <semaphore>

#include <gtest/gtest.h>

namespace reverie {

namespace {

using namespace std::chrono_literals;
using testing::HttpStub;
using testing::shown;
using testing::StubConnection;
using testing::StubRequest;

const std::string answer =
  R"({"model":"m-1","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],)"
  R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})";

std::string text_event(std::string_view text, std::string_view finish = "null") {
  return R"(data: {"choices":[{"index":0,"delta":{"content":")" + std::string(text)
         + R"("},"finish_reason":)" + std::string(finish) + "}]}\n\n";
}

// A call whose deltas and end can be waited for.
struct Waiter {
  std::string deltas;
  std::binary_semaphore got_delta{0};
  std::promise<Result<Completion>> promise;
  std::shared_ptr<LlmCall> call;

  void start(Provider& provider, bool stream) {
    LlmRequest request;
    request.model.model = "m";
    request.stream = stream;
    request.messages.emplace_back().text = "hello";
    call = provider.complete(
      std::move(request),
      [this](LlmDelta delta) {
        if (deltas.empty()) got_delta.release();
        deltas += shown(delta);
      },
      [this](Result<Completion> result) { promise.set_value(std::move(result)); });
  }
  Result<Completion> wait() { return promise.get_future().get(); }
};

// One server, one client, one provider of its dialect.
struct Rig {
  explicit Rig(HttpStub::Handler handler, Dialect dialect = Dialect::openai,
               LlmLimits limits = quick())
    : stub(std::move(handler)),
      provider(make_http_provider(client, dialect, endpoint(stub.url()), limits)) {}

  static LlmLimits quick() {
    LlmLimits limits;
    limits.retry_delay_ms = 4;
    return limits;
  }
  static Endpoint endpoint(const std::string& url) {
    return {.name = "vendor",
            .type = "openai",
            .base_url = url + "/v1/",
            .api_key = "sk-secret",
            .headers = {{"X-Title", "reverie"}}};
  }
  Result<Completion> ask(bool stream = false) {
    Waiter waiter;
    waiter.start(*provider, stream);
    auto result = waiter.wait();
    deltas = waiter.deltas;
    return result;
  }

  HttpStub stub;
  HttpClient client;
  std::unique_ptr<Provider> provider;
  std::string deltas;
};

HttpStub::Handler always(int status, std::string body, std::string headers = "") {
  return [=](const StubRequest&, StubConnection& connection) {
    connection.reply(status, body, headers);
  };
}

// Fails `times` times, then answers.
HttpStub::Handler failing(int times, int status, std::string headers = "") {
  auto left = std::make_shared<std::atomic<int>>(times);
  return [=](const StubRequest&, StubConnection& connection) {
    if ((*left)-- > 0)
      connection.reply(status, R"({"error":{"message":"not now"}})", headers);
    else
      connection.reply(200, answer);
  };
}

}  // namespace

TEST(HttpProvider, AsksAndReadsAWholeAnswer) {
  Rig rig(always(200, answer));
  const auto result = rig.ask();
  EXPECT_EQ(shown(result),
            "text=hi finish=stop usage=1/2/3 cached=- written=- thought=- model=m-1");
  const auto request = rig.stub.requests().at(0);
  EXPECT_EQ(request.target, "/v1/chat/completions");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer sk-secret");
  EXPECT_EQ(request.headers.at("content-type"), "application/json");
  EXPECT_EQ(request.headers.at("x-title"), "reverie");
  EXPECT_EQ(request.body.find("\"stream\""), std::string::npos);
}

TEST(HttpProvider, HandsOnAStreamAsItComes) {
  std::binary_semaphore go(0);
  Rig rig([&](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send(text_event("he"));
    go.acquire();
    connection.send(text_event("llo", "\"stop\"") + "data: [DONE]\n\n");
    connection.close();
  });
  Waiter waiter;
  waiter.start(*rig.provider, true);
  waiter.got_delta.acquire();  // before the end of the stream was sent
  go.release();
  const auto result = waiter.wait();
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(waiter.deltas, "T(he)T(llo)");
  EXPECT_EQ(result->text, "hello");
}

TEST(HttpProvider, DoesNotWaitForTheConnectionOnceAllIsSaid) {
  Rig rig([&](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send(text_event("hi", "\"stop\"") + "data: [DONE]\n\n");
    connection.wait_closed(10'000);
    connection.close();
  });
  EXPECT_TRUE(rig.ask(true));
}

TEST(HttpProvider, TakesADocumentWhereItAskedForAStream) {
  Rig rig(always(200, answer));
  const auto result = rig.ask(true);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->text, "hi");
  EXPECT_EQ(rig.deltas, "T(hi)");
}

TEST(HttpProvider, AnthropicIsStreamedEvenWhenNobodyListens) {
  const std::string stream =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"c\","
    "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
    "\"text\":\"\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
    "\"text\":\"hi\"}}\n\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{"
    "\"output_tokens\":2}}\n\ndata: {\"type\":\"message_stop\"}\n\n";
  Rig rig(
    [&](const StubRequest&, StubConnection& connection) {
      connection.start_stream();
      connection.send(stream);
      connection.close();
    },
    Dialect::anthropic);
  const auto result = rig.ask(false);
  EXPECT_EQ(shown(result), "text=hi finish=stop usage=3/2/5 cached=- written=- thought=- model=c");
  EXPECT_EQ(rig.deltas, "");
  const auto request = rig.stub.requests().at(0);
  EXPECT_EQ(request.target, "/v1/messages");
  EXPECT_EQ(request.headers.at("x-api-key"), "sk-secret");
  EXPECT_EQ(request.headers.at("anthropic-version"), "2023-06-01");
  EXPECT_FALSE(request.headers.contains("authorization"));
}

TEST(HttpProvider, TriesAgainWhatMayPass) {
  for (const int status : {408, 409, 429, 500, 502, 503, 504, 529}) {
    Rig rig(failing(2, status));
    const auto result = rig.ask();
    EXPECT_TRUE(result) << status << " " << result.error().message;
    const auto requests = rig.stub.requests();
    ASSERT_EQ(requests.size(), 3u) << status;
    EXPECT_NE(requests[0].body.find("hello"), std::string::npos);
    EXPECT_EQ(requests[2].body, requests[0].body);
  }
}

TEST(HttpProvider, GivesUpAfterThreeAttemptsWithTheVendorsWords) {
  Rig rig(always(429, R"({"error":{"message":"slow down"}})"));
  const auto result = rig.ask();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_rate_limit);
  EXPECT_EQ(result.error().message, R"(Error code: 429 - {"error":{"message":"slow down"}})");
  EXPECT_EQ(result.error().where, "vendor");
  EXPECT_EQ(rig.stub.requests().size(), 3u);
}

TEST(HttpProvider, DoesNotRepeatWhatIsWrong) {
  for (const int status : {400, 401, 402, 403, 404, 413, 422}) {
    Rig rig(always(status, "{}"));
    EXPECT_FALSE(rig.ask());
    EXPECT_EQ(rig.stub.requests().size(), 1u) << status;
  }
  Rig quota(always(429, R"({"error":{"message":"You exceeded your current quota"}})"));
  const auto result = quota.ask();
  EXPECT_EQ(result.error().code, Errc::llm_insufficient_credits);
  EXPECT_EQ(quota.stub.requests().size(), 1u);
  Rig final(always(500, "{}", "x-should-retry: false\r\n"));
  EXPECT_FALSE(final.ask());
  EXPECT_EQ(final.stub.requests().size(), 1u);
}

TEST(HttpProvider, WaitsAsLongAsTheVendorSaysButNotForever) {
  Rig rig(failing(1, 429, "retry-after-ms: 80\r\n"));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(rig.ask());
  EXPECT_GE(std::chrono::steady_clock::now() - start, 80ms);
  Rig far(failing(1, 429, "Retry-After: 31\r\n"));
  EXPECT_EQ(far.ask().error().code, Errc::llm_rate_limit);
  EXPECT_EQ(far.stub.requests().size(), 1u);
}

TEST(HttpProvider, TriesAgainWhenTheConnectionFails) {
  std::atomic<int> left{2};
  Rig rig([&](const StubRequest&, StubConnection& connection) {
    if (left-- > 0) return connection.close();
    connection.reply(200, answer);
  });
  const auto result = rig.ask();
  EXPECT_TRUE(result) << result.error().message;
}

TEST(HttpProvider, AVendorThatIsNotThereIsAConnectionError) {
  HttpClient client;
  std::string url;
  {
    HttpStub gone(always(200, answer));
    url = gone.url();
  }
  const auto provider =
    make_http_provider(client, Dialect::openai, Rig::endpoint(url), Rig::quick());
  Waiter waiter;
  waiter.start(*provider, false);
  const auto result = waiter.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_connection);
  EXPECT_TRUE(result.error().message.starts_with("Connection error: "));
}

TEST(HttpProvider, DoesNotRepeatAStreamOfWhichSomethingWasHandedOn) {
  Rig rig([](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send(text_event("a") + text_event("b") + text_event("c"));
    connection.close();
  });
  const auto result = rig.ask(true);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_connection);
  EXPECT_EQ(rig.deltas, "T(a)T(b)T(c)");
  EXPECT_EQ(rig.stub.requests().size(), 1u);
}

TEST(HttpProvider, RepeatsAStreamThatEndsBeforeItsFirstDelta) {
  std::atomic<int> left{2};
  Rig rig([&](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    if (left-- > 0)
      connection.send(
        "data: {\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n");
    else
      connection.send(text_event("ok", "\"stop\"") + "data: [DONE]\n\n");
    connection.close();
  });
  const auto result = rig.ask(true);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(rig.deltas, "T(ok)");
  EXPECT_EQ(rig.stub.requests().size(), 3u);
}

TEST(HttpProvider, GarbageIsAServerError) {
  for (const bool stream : {false, true}) {
    Rig rig(always(200, stream ? "data: rubbish\n\n" : "rubbish"));
    const auto result = rig.ask(stream);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::llm_server_error);
  }
}

TEST(HttpProvider, AVendorThatNeverAnswersTimesOut) {
  LlmLimits limits = Rig::quick();
  limits.total_ms = 60;
  Rig rig(
    [](const StubRequest&, StubConnection& connection) {
      connection.wait_closed(10'000);
      connection.close();
    },
    Dialect::openai, limits);
  const auto result = rig.ask();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_timeout);
  EXPECT_EQ(rig.stub.requests().size(), 1u);
}

TEST(HttpProvider, CancelClosesTheSocket) {
  std::promise<bool> closed;
  Rig rig([&](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send(text_event("a"));
    closed.set_value(connection.wait_closed(10'000));
    connection.close();
  });
  Waiter waiter;
  waiter.start(*rig.provider, true);
  waiter.got_delta.acquire();
  const auto start = std::chrono::steady_clock::now();
  waiter.call->cancel();
  EXPECT_TRUE(closed.get_future().get());
  EXPECT_LT(std::chrono::steady_clock::now() - start, 200ms);
  const auto result = waiter.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_cancelled);
  waiter.call->cancel();  // harmless
}

TEST(HttpProvider, CancelEndsTheWaitForARetry) {
  LlmLimits limits;
  limits.retry_delay_ms = 3'600'000;
  limits.retry_delay_max_ms = 3'600'000;
  limits.total_ms = 10 * 3'600'000;
  std::binary_semaphore asked(0);
  Rig rig(
    [&](const StubRequest&, StubConnection& connection) {
      connection.reply(500, "{}");
      asked.release();
    },
    Dialect::openai, limits);
  Waiter waiter;
  waiter.start(*rig.provider, false);
  asked.acquire();
  waiter.call->cancel();
  EXPECT_EQ(waiter.wait().error().code, Errc::llm_cancelled);
}

TEST(HttpProvider, HoldsBackWhatIsTooMuchAtOnce) {
  LlmLimits limits = Rig::quick();
  limits.concurrent_max = 2;
  limits.queued_max = 3;
  std::counting_semaphore<8> arrived(0);
  std::counting_semaphore<8> go(0);
  std::atomic<int> at_once{0};
  std::atomic<int> most{0};
  Rig rig(
    [&](const StubRequest&, StubConnection& connection) {
      most = std::max(most.load(), ++at_once);
      arrived.release();
      go.acquire();
      --at_once;
      connection.reply(200, answer);
    },
    Dialect::openai, limits);
  std::vector<Waiter> waiters(6);
  for (Waiter& each : waiters) each.start(*rig.provider, false);
  const auto refused = waiters[5].wait();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::llm_overloaded);
  EXPECT_NE(refused.error().message.find("overloaded"), std::string::npos);
  waiters[4].call->cancel();  // while it waits for its turn
  EXPECT_EQ(waiters[4].wait().error().code, Errc::llm_cancelled);
  go.release(8);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(waiters[i].wait());
  EXPECT_LE(most, 2);
}

TEST(HttpProvider, FailsAtOnceWhileTheVendorIsDownAndRecovers) {
  LlmLimits limits = Rig::quick();
  limits.attempts_max = 1;
  limits.failures_max = 3;
  limits.probe_interval_ms = 3'600'000;
  std::atomic<bool> is_down{true};
  std::binary_semaphore go(0);
  std::binary_semaphore arrived(0);
  std::atomic<bool> is_held{false};
  Rig rig(
    [&](const StubRequest&, StubConnection& connection) {
      if (is_held) {
        arrived.release();
        go.acquire();
      }
      connection.reply(is_down ? 503 : 200, is_down ? "{}" : answer);
    },
    Dialect::openai, limits);
  for (int i = 0; i < 4; ++i) EXPECT_FALSE(rig.ask());
  EXPECT_EQ(rig.stub.requests().size(), 4u);  // alone, each is tried
  is_held = true;
  Waiter probe;
  probe.start(*rig.provider, false);
  arrived.acquire();
  const auto beside = rig.ask();
  ASSERT_FALSE(beside);
  EXPECT_EQ(beside.error().code, Errc::llm_overloaded);
  EXPECT_EQ(rig.stub.requests().size(), 5u);
  is_held = false;
  is_down = false;
  go.release();
  EXPECT_TRUE(probe.wait());
  EXPECT_TRUE(rig.ask());
}

TEST(HttpProvider, NeverShowsTheKey) {
  Rig rig(always(401, R"({"error":{"message":"invalid api key: sk-secret"}})"));
  const auto result = rig.ask();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_authentication);
  EXPECT_EQ(result.error().message.find("sk-secret"), std::string::npos);
  EXPECT_NE(result.error().message.find("invalid api key"), std::string::npos);
}

TEST(HttpProvider, TheEndOfTheClientEndsItsCalls) {
  std::binary_semaphore arrived(0);
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    arrived.release();
    connection.wait_closed(10'000);
    connection.close();
  });
  LlmLimits limits = Rig::quick();
  limits.concurrent_max = 1;
  Waiter running;
  Waiter waiting;
  {
    HttpClient client;
    const auto provider =
      make_http_provider(client, Dialect::openai, Rig::endpoint(stub.url()), limits);
    running.start(*provider, false);
    waiting.start(*provider, false);
    arrived.acquire();
  }
  EXPECT_EQ(running.wait().error().code, Errc::llm_cancelled);
  EXPECT_EQ(waiting.wait().error().code, Errc::llm_cancelled);
}

TEST(HttpProvider, AnEndpointThatIsNoUrlIsMisconfigured) {
  HttpClient client;
  Endpoint endpoint = Rig::endpoint("http://127.0.0.1:1");
  endpoint.base_url = "localhost:1234/v1";
  const auto provider = make_http_provider(client, Dialect::openai, endpoint, Rig::quick());
  Waiter waiter;
  waiter.start(*provider, false);
  const auto result = waiter.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_bad_request);
  EXPECT_NE(result.error().message.find("misconfigured"), std::string::npos);
}

}  // namespace reverie
