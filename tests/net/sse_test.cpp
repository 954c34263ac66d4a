#include "net/sse.hpp"

#include "net/io_bridge.hpp"
#include "tests/support/server_fixture.hpp"

#include <thread>

#include <caf/event_based_actor.hpp>

namespace reverie {
namespace {

using testing::HttpClient;
using testing::Inbox;
using testing::Reply;
using namespace std::chrono_literals;
using Stream = std::shared_ptr<EventStream>;

class SseTest : public testing::ServerFixture {
 protected:
  // Each request opens a stream, which the test then owns.
  void start_streams(ServerOptions options = {}) {
    start(
      [this](HttpRequest, const std::shared_ptr<Exchange>& exchange) {
        streams.put(exchange->open_stream(200, sse_content_type));
      },
      std::move(options));
  }

  Stream open(HttpClient& client, std::string_view version = "1.1") {
    client.send("GET / HTTP/" + std::string(version) + "\r\nhost: h\r\n\r\n");
    return streams.take().value_or(nullptr);
  }

  Inbox<Stream> streams;
};

TEST(Sse, WritesEvents) {
  EXPECT_EQ(sse_event("{}"), "data: {}\n\n");
  EXPECT_EQ(sse_event("error", "{}"), "event: error\ndata: {}\n\n");
}

TEST_F(SseTest, SendsTheHeadAndEachEventAtOnce) {
  start_streams();
  auto client = connect();
  const Stream stream = open(client);
  Reply reply;
  ASSERT_TRUE(client.receive_head(reply));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_EQ(reply.header("transfer-encoding"), "chunked");
  for (const char* text : {"one", "two"}) {
    stream->send(sse_event(text));
    EXPECT_EQ(client.receive_chunk(), "data: " + std::string(text) + "\n\n");
  }
}

TEST_F(SseTest, TheConnectionServesOnAfterAStream) {
  start_streams();
  auto client = connect();
  for (int i = 0; i < 2; ++i) {
    const Stream stream = open(client);
    stream->send(std::string(sse_done));
    stream->close();
    EXPECT_FALSE(stream->is_open());
    const Reply reply = client.receive();
    EXPECT_TRUE(reply.is_whole);
    EXPECT_EQ(reply.body, sse_done);
  }
}

TEST_F(SseTest, AnOldClientReadsToTheEndOfTheConnection) {
  start_streams();
  auto client = connect();
  const Stream stream = open(client, "1.0");
  stream->send("a");
  stream->send("b");
  stream->close();
  EXPECT_EQ(client.receive().body, "ab");
}

TEST_F(SseTest, GivesCreditForWhatWasWritten) {
  start_streams();
  auto client = connect();
  const Stream stream = open(client);
  Inbox<std::size_t> credit;
  stream->on_written([&](std::size_t sends) { credit.put(sends); });
  constexpr std::size_t total = 500;
  const auto event = std::make_shared<const std::string>(1'000, 'x');
  for (std::size_t i = 0; i < total; ++i) stream->send(event);
  Reply head;
  ASSERT_TRUE(client.receive_head(head));
  std::size_t received = 0;
  while (received < total * event->size()) {
    const std::string chunk = client.receive_chunk();
    ASSERT_FALSE(chunk.empty());
    received += chunk.size();
  }
  std::size_t returned = 0;
  while (returned < total) {
    const auto some = credit.take();
    ASSERT_TRUE(some);
    returned += *some;
  }
  EXPECT_EQ(returned, total);
  EXPECT_EQ(stream->queued_bytes(), 0U);
}

TEST_F(SseTest, TellsWhenTheClientLeaves) {
  start_streams();
  auto client = connect();
  const Stream stream = open(client);
  Inbox<bool> closed;
  stream->on_closed([&] { closed.put(true); });
  client.close();
  EXPECT_TRUE(closed.take());
  EXPECT_FALSE(stream->is_open());
  stream->send("nobody reads this");
  Inbox<bool> again;
  stream->on_closed([&] { again.put(true); });  // it is known already
  EXPECT_TRUE(again.take());
}

TEST_F(SseTest, CutsASlowReaderOffAndServesTheOthers) {
  ServerOptions options;
  options.limits.stream_queue_bytes = 100'000;
  options.io_threads = 1;
  start_streams(options);
  auto slow = connect(4'096);
  auto quick = connect();
  const Stream to_slow = open(slow);
  const Stream to_quick = open(quick);
  Inbox<bool> closed;
  to_slow->on_closed([&] { closed.put(true); });
  Reply head;
  ASSERT_TRUE(quick.receive_head(head));
  const auto event = std::make_shared<const std::string>(50'000, 'x');
  for (int i = 0; i < 1'000 && to_slow->is_open(); ++i) {
    to_slow->send(event);
    to_quick->send("tick");
    EXPECT_EQ(quick.receive_chunk(), "tick");
  }
  EXPECT_TRUE(closed.take());
  EXPECT_FALSE(to_slow->is_open());
  EXPECT_TRUE(to_quick->is_open());
}

TEST_F(SseTest, OneLargeEventIsNoSlowReader) {
  ServerOptions options;
  options.limits.stream_queue_bytes = 1'000;
  start_streams(options);
  auto client = connect();
  const Stream stream = open(client);
  stream->send(std::string(1U << 20, 'x'));
  stream->close();
  EXPECT_EQ(client.receive().body.size(), 1U << 20);
}

TEST_F(SseTest, EndsWhenNobodyHoldsIt) {
  start([](HttpRequest, const std::shared_ptr<Exchange>& exchange) {
    exchange->open_stream(200, sse_content_type)->send("last");
  });
  const Reply reply = connect().get("/");
  EXPECT_TRUE(reply.is_whole);
  EXPECT_EQ(reply.body, "last");
}

TEST_F(SseTest, CallbacksThatOwnTheStreamDoNotKeepIt) {
  start_streams();
  auto client = connect();
  std::weak_ptr<EventStream> seen;
  {
    const Stream stream = open(client);
    seen = stream;
    stream->on_closed([stream] {});
    stream->on_written([stream](std::size_t) {});
    stream->close();
    EXPECT_TRUE(client.receive().is_whole);
  }
  server->stop(10s);
  EXPECT_TRUE(seen.expired());
}

TEST_F(SseTest, AStreamHasNoTimeLimitButAStalledWriteHas) {
  ServerOptions options;
  options.limits.request_time = 20ms;
  options.limits.idle_time = 20ms;
  options.limits.write_stall_time = 20ms;
  start_streams(options);
  auto client = connect();
  const Stream stream = open(client);
  std::this_thread::sleep_for(60ms);  // past each of the limits: nothing must happen
  stream->send("still here");
  stream->close();
  EXPECT_EQ(client.receive().body, "still here");
  auto stalled = connect(4'096);
  const Stream to_stalled = open(stalled);
  Inbox<bool> closed;
  to_stalled->on_closed([&] { closed.put(true); });
  to_stalled->send(std::string(32U << 20, 'x'));
  EXPECT_TRUE(closed.take());
}

TEST_F(SseTest, StopClosesStreamsAtItsDeadline) {
  start_streams();
  auto client = connect();
  const Stream stream = open(client);
  Inbox<bool> closed;
  stream->on_closed([&] { closed.put(true); });
  EXPECT_EQ(server->gauges().streams, 1U);
  server->stop(20ms);
  EXPECT_TRUE(closed.take());
  EXPECT_TRUE(client.receive().status == 200);
  server.reset();
  stream->send("the server is gone");
}

TEST_F(SseTest, AFinishedStreamLetsStopReturn) {
  start_streams();
  auto client = connect();
  const Stream stream = open(client);
  std::thread stopping([&] { server->stop(1h); });
  stream->send(std::string(sse_done));
  stream->close();
  EXPECT_EQ(client.receive().body, sse_done);
  stopping.join();
}

// The bridge: an actor's answer comes back on the connection's thread.
TEST_F(SseTest, ABridgeAsksActors) {
  const auto multiplier = [](caf::event_based_actor*, int factor) {
    return caf::behavior{[factor](int value) -> caf::result<int> {
      if (value < 0) return caf::make_error(caf::sec::invalid_argument);
      return factor * value;
    }};
  };
  const auto doubler = system.spawn(multiplier, 2);
  start([doubler](const HttpRequest& request, std::shared_ptr<Exchange> exchange) {
    const auto thread = std::this_thread::get_id();
    exchange->bridge()
      .request(doubler, caf::infinite, std::stoi(request.segments.at(0)))
      .then(
        [exchange, thread](int value) {
          if (value == 42) throw std::runtime_error("thrown by a handler");
          EXPECT_EQ(thread, std::this_thread::get_id());
          exchange->respond({200, std::to_string(value)});
        },
        [exchange](const caf::error&) {
          exchange->respond({400, "error"});
        });
  });
  auto client = connect();
  EXPECT_EQ(client.get("/4").body, "8");
  EXPECT_EQ(client.get("/-1").body, "error");
  EXPECT_EQ(client.get("/21").status, 500);
  EXPECT_EQ(client.get("/5").body, "10");  // the bridge has survived the exception
  caf::anon_send_exit(doubler, caf::exit_reason::kill);
}

TEST_F(SseTest, ABridgeTakesMessagesOnItsThread) {
  Inbox<caf::actor> bridges;
  Inbox<std::string> messages;
  ServerOptions options;
  options.io_threads = 1;
  options.on_thread_start = [&](IoBridge& bridge) {
    bridge.become(caf::behavior{[&](const std::string& text) { messages.put(text); }});
    bridges.put(caf::actor_cast<caf::actor>(&bridge));
  };
  start_streams(options);
  const auto bridge = bridges.take();
  ASSERT_TRUE(bridge);
  caf::anon_send(*bridge, std::string("hello"));
  EXPECT_EQ(messages.take(), "hello");
}

// An actor that is asked when the server goes, and one that asks the gone bridge.
TEST_F(SseTest, StopForgetsWhatTheBridgeWaitsFor) {
  Inbox<caf::actor> bridges;
  ServerOptions options;
  options.io_threads = 1;
  options.on_thread_start = [&](IoBridge& bridge) {
    bridges.put(caf::actor_cast<caf::actor>(&bridge));
  };
  Inbox<bool> asked;
  const auto never_answers = [](caf::event_based_actor* self, Inbox<bool>* heard) {
    return caf::behavior{[self, heard](int) {
      heard->put(true);
      return self->make_response_promise();
    }};
  };
  const auto silent = system.spawn(never_answers, &asked);
  start(
    [&](const HttpRequest&, std::shared_ptr<Exchange> exchange) {
      exchange->bridge().request(silent, caf::infinite, 1).then([exchange](int) {});
    },
    options);
  auto bridge = bridges.take();
  auto client = connect();
  client.send("GET / HTTP/1.1\r\nhost: h\r\n\r\n");
  ASSERT_TRUE(asked.take());
  server->stop(0ms);
  EXPECT_TRUE(client.is_closed_by_server());
  Inbox<bool> bounced;
  const auto asks = [](caf::event_based_actor* self, const caf::actor& to, Inbox<bool>* answers) {
    self->request(to, caf::infinite, std::string("x"))
      .then([](int) {}, [answers](const caf::error&) { answers->put(true); });
  };
  system.spawn(asks, *bridge, &bounced);
  EXPECT_TRUE(bounced.take());
  caf::anon_send_exit(silent, caf::exit_reason::kill);
}

}  // namespace
}  // namespace reverie
