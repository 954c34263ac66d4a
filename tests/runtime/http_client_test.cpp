#include "runtime/http_client.hpp"

#include "tests/support/http_stub.hpp"
#include "tests/support/packed.hpp"

#include <atomic>
#include <chrono>
#include <future>
#include <semaphore>

#include <gtest/gtest.h>

namespace reverie {

namespace {

using namespace std::chrono_literals;
using testing::HttpStub;
using testing::packed_bomb;
using testing::packed_text;
using testing::StubConnection;
using testing::StubRequest;

// A call whose end can be waited for.
struct Waiter {
  std::promise<Result<HttpResult>> promise;
  std::string streamed;
  std::binary_semaphore got_data{0};

  OnHttpDone on_done() {
    return [this](Result<HttpResult> result) { promise.set_value(std::move(result)); };
  }
  OnHttpData on_data() {
    return [this](std::string_view chunk) {
      if (streamed.empty()) got_data.release();
      streamed += chunk;
    };
  }
  Result<HttpResult> wait() { return promise.get_future().get(); }
};

Result<HttpResult> call(HttpClient& client, HttpCall request) {
  Waiter waiter;
  client.start(std::move(request), nullptr, waiter.on_done());
  return waiter.wait();
}

HttpCall post(const HttpStub& stub, std::string body) {
  return {.method = "POST",
          .url = stub.url() + "/v1/things?x=1",
          .headers = {{"Content-Type", "application/json"}, {"X-Test", "yes"}},
          .body = std::move(body)};
}

void echo(const StubRequest& request, StubConnection& connection) {
  connection.reply(200, request.method + " " + request.target + " " + request.body,
                   "X-Reply:  spaced \r\n");
}

}  // namespace

TEST(HttpClient, SendsMethodHeadersAndBodyAndReturnsTheAnswer) {
  HttpStub stub(echo);
  HttpClient client;
  const auto result = call(client, post(stub, "{\"a\":1}"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->body, "POST /v1/things?x=1 {\"a\":1}");
  EXPECT_EQ(result->header("x-reply"), "spaced");
  EXPECT_EQ(result->header("x-none"), "");
  const auto requests = stub.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].headers.at("x-test"), "yes");
  EXPECT_FALSE(requests[0].headers.contains("expect"));
}

TEST(HttpClient, SendsABodyOfMegabytesWithoutAskingFirst) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    connection.reply(200, std::to_string(request.body.size()));
  });
  HttpClient client;
  const auto result = call(client, post(stub, std::string(3'000'000, 'x')));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "3000000");
  EXPECT_FALSE(stub.requests()[0].headers.contains("expect"));
}

TEST(HttpClient, OtherMethodsHaveABodyWhenOneIsGiven) {
  HttpStub stub(echo);
  HttpClient client;
  for (const char* method : {"GET", "DELETE", "PUT", "PATCH"}) {
    HttpCall request = post(stub, *method == 'P' ? "body" : "");
    request.method = method;
    const auto result = call(client, std::move(request));
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->body,
              std::string(method) + " /v1/things?x=1 " + (*method == 'P' ? "body" : ""));
  }
}

TEST(HttpClient, UsesOneConnectionForCallsInARow) {
  HttpStub stub(echo);
  HttpClient client;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(call(client, post(stub, "{}")));
  EXPECT_EQ(stub.connection_count(), 1);
}

TEST(HttpClient, RunsCallsSideBySide) {
  std::counting_semaphore<8> arrived(0);
  std::counting_semaphore<8> go(0);
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    arrived.release();
    go.acquire();
    connection.reply(200, "ok");
  });
  HttpClient client;
  std::vector<Waiter> waiters(8);
  for (Waiter& each : waiters) client.start(post(stub, "{}"), nullptr, each.on_done());
  for (int i = 0; i < 8; ++i) arrived.acquire();  // all are there before any is answered
  go.release(8);
  for (Waiter& each : waiters) EXPECT_TRUE(each.wait());
}

TEST(HttpClient, StreamsTheBodyOfASuccessOnly) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.body == "fail") return connection.reply(500, "broken");
    connection.start_stream();
    connection.send("data: 1\n\n");
    connection.send("data: 2\n\n");
    connection.close();
  });
  HttpClient client;
  Waiter good;
  client.start(post(stub, "go"), good.on_data(), good.on_done());
  const auto streamed = good.wait();
  ASSERT_TRUE(streamed) << streamed.error().message;
  EXPECT_EQ(streamed->body, "");
  EXPECT_EQ(good.streamed, "data: 1\n\ndata: 2\n\n");
  Waiter bad;
  client.start(post(stub, "fail"), bad.on_data(), bad.on_done());
  const auto failed = bad.wait();
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->status, 500);
  EXPECT_EQ(failed->body, "broken");
  EXPECT_EQ(bad.streamed, "");
}

TEST(HttpClient, CancelClosesTheSocketInTheMiddleOfAStream) {
  std::promise<bool> closed;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send("data: 1\n\n");
    closed.set_value(connection.wait_closed(5000));
    connection.close();
  });
  HttpClient client;
  Waiter waiter;
  const auto transfer = client.start(post(stub, "{}"), waiter.on_data(), waiter.on_done());
  waiter.got_data.acquire();
  const auto start = std::chrono::steady_clock::now();
  transfer->cancel();
  transfer->cancel();  // harmless
  EXPECT_TRUE(closed.get_future().get());
  EXPECT_LT(std::chrono::steady_clock::now() - start, 200ms);
  const auto result = waiter.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_cancelled);
}

TEST(HttpClient, CancelAlsoEndsACallThatWaitsForItsDelay) {
  HttpClient client;
  Waiter waiter;
  const auto transfer =
    client.start({.url = "http://127.0.0.1:1/", .delay_ms = 3'600'000}, nullptr, waiter.on_done());
  transfer->cancel();
  const auto result = waiter.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_cancelled);
}

TEST(HttpClient, WaitsTheDelayBeforeItCalls) {
  HttpStub stub(echo);
  HttpClient client;
  HttpCall request = post(stub, "{}");
  request.delay_ms = 60;
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(call(client, std::move(request)));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 60ms);
}

TEST(HttpClient, EndsACallThatTakesTooLongInAll) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.wait_closed(5000);
    connection.close();
  });
  HttpClient client;
  HttpCall request = post(stub, "{}");
  request.total_ms = 50;
  const auto result = call(client, std::move(request));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_timeout);
  EXPECT_EQ(result.error().message, "Request timed out: no complete answer within 50 ms");
}

TEST(HttpClient, EndsAStreamThatFallsSilent) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.start_stream();
    connection.send("data: 1\n\n");
    connection.wait_closed(5000);
    connection.close();
  });
  HttpClient client;
  HttpCall request = post(stub, "{}");
  request.idle_ms = 50;
  Waiter waiter;
  client.start(std::move(request), waiter.on_data(), waiter.on_done());
  const auto result = waiter.wait();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_timeout);
  EXPECT_EQ(waiter.streamed, "data: 1\n\n");
}

TEST(HttpClient, ACallThatWasSettledCanBeMadeAgain) {
  std::binary_semaphore go(0);
  HttpStub stub([&](const StubRequest& request, StubConnection& connection) {
    if (request.body == "{}") return echo(request, connection);
    go.acquire();
    connection.close();
  });
  HttpClient client({.settle_ms = 1});
  const HttpCall asked = post(stub, "a body of some length");
  Waiter slow;
  const auto transfer = client.start(asked, nullptr, slow.on_done());
  HttpCall later = post(stub, "{}");
  later.delay_ms = 30;  // by when the first is settled: times come in their order
  ASSERT_TRUE(call(client, std::move(later)));
  go.release();
  EXPECT_FALSE(slow.wait());
  const HttpCall again = transfer->take_call();
  EXPECT_EQ(again.body, asked.body);
  EXPECT_EQ(again.headers, asked.headers);
  EXPECT_EQ(again.url, asked.url);
}

// libcurl sends such a request once more, on a new connection, so it is not settled before.
TEST(HttpClient, ASlowCallOnAnOpenConnectionThatIsClosedIsSentAgain) {
  std::binary_semaphore go(0);
  std::atomic<int> slow_calls = 0;
  HttpStub stub([&](const StubRequest& request, StubConnection& connection) {
    if (request.body == "{}" || ++slow_calls > 1) return echo(request, connection);
    go.acquire();
    connection.close();
  });
  HttpClient client({.settle_ms = 1});
  ASSERT_TRUE(call(client, post(stub, "{}")));  // leaves an open connection
  Waiter slow;
  client.start(post(stub, "slow"), nullptr, slow.on_done());
  HttpCall later = post(stub, "{}");
  later.delay_ms = 30;
  ASSERT_TRUE(call(client, std::move(later)));
  go.release();
  const auto answer = slow.wait();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "POST /v1/things?x=1 slow");
}

TEST(HttpClient, SaysThatNothingListens) {
  HttpClient client;
  std::string url;
  {
    HttpStub gone(echo);
    url = gone.url();
  }
  const auto result = call(client, {.url = url});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_connection);
  EXPECT_TRUE(result.error().message.starts_with("Connection error: ")) << result.error().message;
}

TEST(HttpClient, AnAnswerCutShortIsAConnectionError) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    connection.close();
  });
  HttpClient client;
  const auto result = call(client, post(stub, "{}"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_connection);
}

TEST(HttpClient, BoundsTheAnswer) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, std::string(100'000, 'x'));
  });
  HttpClient client;
  HttpCall request = post(stub, "{}");
  request.response_bytes_max = 99'999;
  const auto result = call(client, std::move(request));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_server_error);
  request = post(stub, "{}");
  request.response_bytes_max = 100'000;
  EXPECT_TRUE(call(client, std::move(request)));
}

TEST(HttpClient, UnpacksWhatItAskedToBePacked) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, packed_text, "Content-Encoding: gzip\r\n");
  });
  HttpClient client;
  const auto unpacked = call(client, {.url = stub.url(), .is_unpacked = true});
  ASSERT_TRUE(unpacked) << unpacked.error().message;
  EXPECT_EQ(unpacked->body, "<p>packed");
  const auto as_it_is = call(client, {.url = stub.url()});
  ASSERT_TRUE(as_it_is);
  EXPECT_EQ(as_it_is->body, packed_text);
  EXPECT_EQ(stub.requests().at(0).headers.at("accept-encoding"), "gzip, deflate");
  EXPECT_FALSE(stub.requests().at(1).headers.contains("accept-encoding"));
}

TEST(HttpClient, BoundsWhatIsUnpackedNotWhatCameIn) {
  // 6.5 MB in 8 KB, and it would go on.
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, packed_bomb(100), "Content-Encoding: gzip\r\n");
  });
  HttpClient client;
  const auto result =
    call(client, {.url = stub.url(), .response_bytes_max = 1'000'000, .is_unpacked = true});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_server_error);
  EXPECT_EQ(result.error().message, "the answer is longer than 1000000 bytes");
}

TEST(HttpClient, SaysWhenWhatIsPackedIsBroken) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, "this is not gzip", "Content-Encoding: gzip\r\n");
  });
  HttpClient client;
  const auto result = call(client, {.url = stub.url(), .is_unpacked = true});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::llm_connection);
}

TEST(HttpClient, LeavesABodyThatIsNotWanted) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nX-Kind: film\r\n\r\nthe start");
    connection.wait_closed(60'000);
  });
  HttpClient client;
  HttpCall request{.url = stub.url()};
  request.wants_body = [](const HttpResult& head) -> Result<bool> {
    return head.header("x-kind") != "film";
  };
  const auto without = call(client, request);
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ(without->status, 200);
  EXPECT_EQ(without->body, "");
  request.wants_body = [](const HttpResult&) -> Result<bool> {
    return Error{Errc::bad_request, "no films", ""};
  };
  const auto refused = call(client, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no films");
  request.wants_body = [](const HttpResult& head) -> Result<bool> { return head.status == 200; };
  request.total_ms = 100;
  EXPECT_EQ(call(client, request).error().code, Errc::llm_timeout) << "wanted, and never there";
}

TEST(HttpClient, BoundsTheHeadOfAnAnswer) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n");
    const std::string line = "X-Filler: " + std::string(1'000, 'x') + "\r\n";
    for (int i = 0; i < 400 && !connection.wait_closed(0); ++i) connection.send(line);
  });
  HttpClient client;
  const auto result = call(client, {.url = stub.url()});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "the head of the answer is longer than 262144 bytes");
}

TEST(HttpClient, RefusesUrlsAndHeadersThatWouldSmuggle) {
  HttpClient client;
  for (const char* url :
       {"", "ftp://host/", "file:///etc/passwd", "http://h/\r\nX: y", "http://a b"}) {
    const auto result = call(client, {.url = url});
    ASSERT_FALSE(result) << url;
    EXPECT_EQ(result.error().code, Errc::invalid_argument);
  }
  const auto result =
    call(client, {.url = "http://127.0.0.1:1/", .headers = {{"X-Key", "secret\r\nX-Other: 1"}}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid_argument);
  EXPECT_EQ(result.error().message.find("secret"), std::string::npos);
}

TEST(HttpClient, NeverSendsLoopbackToAProxy) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  HttpStub stub(echo);
  HttpClient client;
  const auto result = call(client, post(stub, "{}"));
  unsetenv("http_proxy");
  EXPECT_TRUE(result) << result.error().message;
}

TEST(HttpClient, SendsOtherHostsToTheProxyOfTheEnvironment) {
  HttpStub proxy(echo);
  setenv("http_proxy", proxy.url().c_str(), 1);
  HttpClient client;
  const auto result = call(client, {.url = "http://model.example/v1"});
  unsetenv("http_proxy");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->body, "GET http://model.example/v1 ");
}

TEST(HttpClient, ItsEndEndsEveryCall) {
  std::binary_semaphore arrived(0);
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    arrived.release();
    connection.wait_closed(5000);
    connection.close();
  });
  Waiter running;
  Waiter delayed;
  std::shared_ptr<HttpTransfer> transfer;
  {
    HttpClient client;
    transfer = client.start(post(stub, "{}"), nullptr, running.on_done());
    client.start({.url = stub.url(), .delay_ms = 3'600'000}, nullptr, delayed.on_done());
    arrived.acquire();
  }
  for (Waiter* each : {&running, &delayed}) {
    const auto result = each->wait();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::llm_cancelled);
  }
  transfer->cancel();  // a handle may outlive the client
}

TEST(HttpClient, CallbacksMayStartCalls) {
  HttpStub stub(echo);
  HttpClient client;
  Waiter second;
  client.start(post(stub, "1"), nullptr, [&](Result<HttpResult> first) {
    ASSERT_TRUE(first);
    client.start(post(stub, "2"), nullptr, second.on_done());
  });
  const auto result = second.wait();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->body, "POST /v1/things?x=1 2");
}

}  // namespace reverie
