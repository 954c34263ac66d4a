#include "tests/support/server_fixture.hpp"

#include "config/random.hpp"

#include <thread>
#include <vector>

#include <sys/resource.h>

namespace reverie {
namespace {

using testing::HttpClient;
using testing::Inbox;
using testing::Reply;
using namespace std::chrono_literals;

class ServerTest : public testing::ServerFixture {
 protected:
  // Answers with what it was sent, as text.
  static void echo(HttpRequest request, const std::shared_ptr<Exchange>& exchange) {
    std::string text(to_string(request.method));
    text += " " + request.path + " " + request.body;
    exchange->respond({200, std::move(text), "text/plain"});
  }
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  start(echo);
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.post("/v1/x/", "body " + std::to_string(i));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "POST /v1/x body " + std::to_string(i));
    EXPECT_EQ(reply.header("content-type"), "text/plain");
    EXPECT_EQ(reply.header("connection"), "");
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start([](HttpRequest request, std::shared_ptr<Exchange> exchange) {
    std::thread([path = request.path, exchange] {  // answers may come from any thread
      exchange->respond({200, path});
    })
      .detach();
  });
  auto client = connect();
  client.send("GET /first HTTP/1.1\r\nhost: h\r\n\r\nGET /second HTTP/1.1\r\nhost: h\r\n\r\n");
  EXPECT_EQ(client.receive().body, "/first");
  EXPECT_EQ(client.receive().body, "/second");
}

TEST_F(ServerTest, GivesEachRequestAnId) {
  start([](HttpRequest request, std::shared_ptr<Exchange> exchange) {
    exchange->respond({200, request.request_id + " " + request.client});
  });
  auto client = connect();
  const Reply own = client.get("/");
  EXPECT_TRUE(own.header("x-request-id").starts_with("req-"));
  EXPECT_EQ(own.body, own.header("x-request-id") + " 127.0.0.1");
  EXPECT_NE(client.get("/").header("x-request-id"), own.header("x-request-id"));
  EXPECT_EQ(client.get("/", "x-request-id: abc-1\r\n").header("x-request-id"), "abc-1");
  EXPECT_TRUE(
    client.get("/", "x-request-id: a\"b c\r\n").header("x-request-id").starts_with("req-"));
}

TEST_F(ServerTest, TakesThePrefixOffOrNot) {
  ServerOptions options;
  options.path_prefix = "/letta";
  start(echo, options);
  auto client = connect();
  EXPECT_EQ(client.get("/letta/v1/x").body, "GET /v1/x ");
  EXPECT_EQ(client.get("/v1/x").body, "GET /v1/x ");
  EXPECT_EQ(client.get("/lettax/v1").body, "GET /lettax/v1 ");
  EXPECT_EQ(client.get("/letta").body, "GET / ");
}

TEST_F(ServerTest, ReadsChunkedBodiesAndSaysContinue) {
  start(echo);
  auto client = connect();
  client.send(
    "POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n");
  Reply go_on;
  ASSERT_TRUE(client.receive_head(go_on));
  EXPECT_EQ(go_on.status, 100);
  client.send("3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().body, "POST / abc");
  EXPECT_EQ(client.get("/again").body, "GET /again ");
}

TEST_F(ServerTest, SendsNoBodyToHead) {
  start(echo);
  auto client = connect();
  client.send("HEAD /x HTTP/1.1\r\nhost: h\r\n\r\n");
  const Reply reply = client.receive(true);
  EXPECT_EQ(reply.header("content-length"), "8");
  EXPECT_EQ(client.get("/y").body, "GET /y ");
}

TEST_F(ServerTest, ClosesWhenAskedTo) {
  start(echo);
  auto client = connect();
  const Reply reply = client.get("/", "connection: close\r\n");
  EXPECT_EQ(reply.header("connection"), "close");
  EXPECT_TRUE(client.is_closed_by_server());
  auto old = connect();
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive().body, "GET / ");
  EXPECT_TRUE(old.is_closed_by_server());
}

TEST_F(ServerTest, AnswersAHalfClosedClient) {
  start(echo);
  auto client = connect();
  client.send("GET /x HTTP/1.1\r\nhost: h\r\n\r\n");
  client.finish_sending();
  EXPECT_EQ(client.receive().body, "GET /x ");
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(ServerTest, RefusesAndCloses) {
  ServerOptions options;
  options.limits.header_bytes = 2'000;
  options.limits.body_bytes = 10'000;
  start(echo, options);
  const auto refused = [&](const std::string& text) {
    auto client = connect();
    client.send(text);
    const Reply reply = client.receive();
    EXPECT_EQ(reply.header("connection"), "close");
    EXPECT_TRUE(client.is_closed_by_server());
    return reply.status;
  };
  EXPECT_EQ(refused("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nhost: h\r\nx: " + std::string(3'000, 'x') + "\r\n\r\n"),
            431);
  // The answer arrives although the client goes on sending what nobody wants.
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 500000\r\n\r\n"
                    + std::string(500'000, 'x')),
            413);
}

TEST_F(ServerTest, LimitsTheTimeOfARequestsParts) {
  ServerOptions options;
  options.limits.header_time = 50ms;
  options.limits.body_time = 50ms;
  options.limits.idle_time = 50ms;
  start(echo, options);
  auto silent = connect();
  EXPECT_TRUE(silent.is_closed_by_server());
  auto slow_header = connect();
  slow_header.send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(slow_header.receive().status, 408);
  auto slow_body = connect();
  slow_body.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nab");
  EXPECT_EQ(slow_body.receive().status, 408);
  auto idle = connect();
  EXPECT_EQ(idle.get("/").status, 200);
  EXPECT_TRUE(idle.is_closed_by_server());
}

TEST_F(ServerTest, AnswersForAHandlerThatIsTooSlow) {
  ServerOptions options;
  options.limits.request_time = 50ms;
  Inbox<std::shared_ptr<Exchange>> waiting;
  start([&](HttpRequest, std::shared_ptr<Exchange> exchange) { waiting.put(exchange); }, options);
  auto client = connect();
  const Reply reply = client.get("/");
  EXPECT_EQ(reply.status, 504);
  EXPECT_EQ(reply.header("connection"), "close");
  const std::shared_ptr<Exchange> exchange = waiting.take().value_or(nullptr);
  ASSERT_TRUE(exchange);
  exchange->respond({200, "late"});
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(ServerTest, AnswersForAHandlerThatForgetsOrThrows) {
  start([](const HttpRequest& request, const std::shared_ptr<Exchange>&) {
    if (request.path == "/throw") throw std::runtime_error("secret");
  });
  auto client = connect();
  EXPECT_EQ(client.get("/forget").body, R"({"detail":"An unknown error occurred"})");
  EXPECT_EQ(client.get("/throw").body, R"({"detail":"An unknown error occurred"})");
}

TEST_F(ServerTest, SendsLargeAnswersToSlowReaders) {
  const std::string large(8U << 20, 'x');
  start([&](HttpRequest, std::shared_ptr<Exchange> exchange) { exchange->respond({200, large}); });
  auto slow = connect(4'096);
  slow.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  auto other = connect();  // on another thread or the same: served while the slow one reads
  auto third = connect();
  EXPECT_EQ(other.get("/").body.size(), large.size());
  EXPECT_EQ(third.get("/").body.size(), large.size());
  EXPECT_EQ(slow.receive().body.size(), large.size());
}

TEST_F(ServerTest, DropsAReaderThatStops) {
  ServerOptions options;
  options.limits.write_stall_time = 50ms;
  Inbox<bool> dropped;
  options.on_exchange = [&](const ExchangeSummary& summary) { dropped.put(summary.was_dropped); };
  start(
    [](HttpRequest, std::shared_ptr<Exchange> exchange) {
      exchange->respond({200, std::string(32U << 20, 'x')});
    },
    options);
  auto client = connect(4'096);
  client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  EXPECT_EQ(dropped.take(), true);
}

TEST_F(ServerTest, LimitsConnections) {
  ServerOptions options;
  options.limits.connections = 2;
  start(echo, options);
  auto first = connect();
  auto second = connect();
  EXPECT_EQ(first.get("/").status, 200);
  EXPECT_EQ(second.get("/").status, 200);
  auto third = connect();
  EXPECT_EQ(third.receive().status, 503);
  EXPECT_EQ(first.get("/").status, 200);
}

TEST_F(ServerTest, LimitsConnectionsOfOneAddress) {
  ServerOptions options;
  options.limits.connections_per_address = 1;
  options.limits.loopback_is_exempt = false;
  start(echo, options);
  auto first = connect();
  EXPECT_EQ(first.get("/").status, 200);
  auto second = connect();
  EXPECT_EQ(second.receive().status, 503);
}

// Answers come again when descriptors do, and the listener has not gone meanwhile.
TEST_F(ServerTest, SurvivesWithoutDescriptors) {
  start(echo);
  EXPECT_EQ(connect().get("/").status, 200);
  auto waiting = connect();  // accepted or not, it has its descriptor here
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  waiting.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  waiting.receive();  // served or refused: not hanging
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(connect().get("/").status, 200);
}

TEST_F(ServerTest, ReportsEachExchange) {
  Inbox<ExchangeSummary> summaries;
  ServerOptions options;
  options.on_exchange = [&](const ExchangeSummary& summary) {
    ExchangeSummary copy = summary;
    copy.path = copy.request_id = {};  // they end with the exchange
    summaries.put(copy);
  };
  start(
    [](HttpRequest, std::shared_ptr<Exchange> exchange) {
      exchange->set_operation("op");
      exchange->respond({201, "12345"});
    },
    options);
  connect().get("/x");
  const auto summary = summaries.take();
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->operation_id, "op");
  EXPECT_EQ(summary->status, 201);
  EXPECT_EQ(summary->response_bytes, 5U);
  EXPECT_FALSE(summary->was_dropped);
  EXPECT_EQ(summary->kind, ExchangeKind::request);
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start(echo);
  ServerOptions same;
  same.port = server->port();
  const auto second = Server::start(system, same, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::unavailable);
  EXPECT_NE(second.error().message.find(std::to_string(server->port())), std::string::npos);
  ServerOptions nowhere;
  nowhere.host = "no such host.invalid";
  EXPECT_FALSE(Server::start(system, nowhere, echo));
}

TEST_F(ServerTest, FinishesWhatRunsBeforeItStops) {
  Inbox<std::shared_ptr<Exchange>> waiting;
  start([&](HttpRequest, std::shared_ptr<Exchange> exchange) { waiting.put(exchange); });
  auto idle = connect();
  auto busy = connect();
  busy.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  std::shared_ptr<Exchange> exchange = waiting.take().value_or(nullptr);
  ASSERT_TRUE(exchange);
  std::thread stopping([&] { server->stop(10s); });
  EXPECT_TRUE(idle.is_closed_by_server());
  exchange->respond({200, "done"});
  const Reply reply = busy.receive();
  EXPECT_EQ(reply.body, "done");
  EXPECT_EQ(reply.header("connection"), "close");
  stopping.join();
  EXPECT_FALSE(connect().is_connected());
}

TEST_F(ServerTest, StopsAtItsDeadline) {
  Inbox<std::shared_ptr<Exchange>> waiting;
  start([&](HttpRequest, std::shared_ptr<Exchange> exchange) { waiting.put(exchange); });
  auto client = connect();
  client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  std::shared_ptr<Exchange> exchange = waiting.take().value_or(nullptr);
  server->stop(20ms);
  EXPECT_TRUE(client.is_closed_by_server());
  exchange->respond({200, "nobody listens"});
  server.reset();
  exchange.reset();  // the last reference may go after the server
}

TEST_F(ServerTest, AbortEndsARunningStop) {
  Inbox<std::shared_ptr<Exchange>> waiting;
  start([&](HttpRequest, std::shared_ptr<Exchange> exchange) { waiting.put(exchange); });
  auto client = connect();
  client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  std::shared_ptr<Exchange> exchange = waiting.take().value_or(nullptr);
  std::thread stopping([&] { server->stop(1h); });
  server->abort();
  stopping.join();
  EXPECT_TRUE(client.is_closed_by_server());
}

// Whatever bytes come, the next client is served.
TEST_F(ServerTest, SurvivesRandomBytes) {
  start(echo);
  constexpr std::uint64_t seed = 7;
  SeededRandom random(seed);
  for (int round = 0; round < 200; ++round) {
    std::string bytes = round % 2 == 0 ? "GET / HTTP/1.1\r\n" : "";
    for (std::uint64_t n = random.next() % 600; n > 0; --n)
      bytes += static_cast<char>(random.next());
    auto client = connect();
    client.send(bytes);
    if (round % 3 == 0) client.finish_sending();
  }
  EXPECT_EQ(connect().get("/").status, 200);
}

}  // namespace
}  // namespace reverie
