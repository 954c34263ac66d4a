#include "net/websocket_session.hpp"

#include "tests/support/recorded_exchange.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

// A socket whose client reads as much as the test lets it.
class FakeSocket final : public WebSocket {
 public:
  void send(std::string text, std::shared_ptr<SentListener> listener) override {
    texts.push_back(std::move(text));
    listeners.push_back(std::move(listener));
  }
  void close(CloseCode code, std::string_view) override { closed = code; }
  void drop() override { is_dropped = true; }

  // The client has read all there is.
  void write_all() {
    for (const auto& listener : std::exchange(listeners, {}))
      if (listener) listener->on_text_sent();
  }

  std::vector<std::string> texts;
  std::vector<std::shared_ptr<SentListener>> listeners;
  std::optional<CloseCode> closed;
  bool is_dropped = false;
};

class WebSocketSessionTest : public ::testing::Test {
 protected:
  struct Served {
    ClientFrame frame;
    std::shared_ptr<Exchange> exchange;
  };

  WebSocketSessionTest() { session->on_open(socket); }
  ~WebSocketSessionTest() override { session->on_closed(); }  // as its connection does

  std::shared_ptr<Exchange> send(const std::string& id) {
    session->on_text(R"({"type":"send","agent_id":"agent-1","id":")" + id + "\"}");
    EXPECT_EQ(served.back().frame.id, id);
    return served.back().exchange;
  }
  std::shared_ptr<EventStream> open_run(const std::string& id) {
    auto stream = send(id)->open_stream(200, sse_content_type);
    stream->name_run("run-" + id);
    return stream;
  }
  void cancel(const std::string& id) {
    session->on_text(R"({"type":"cancel","run_id":"run-1","id":")" + id + "\"}");
  }
  Json last() { return Json::parse(socket->texts.back()); }

  std::vector<Served> served;
  std::shared_ptr<FakeSocket> socket = std::make_shared<FakeSocket>();
  std::shared_ptr<WebSocketSession> session = std::make_shared<WebSocketSession>(
    std::make_shared<testing::RecordedExchange>(), WebSocketSessionLimits{2, 1'000},
    [this](ClientFrame frame, std::shared_ptr<Exchange> exchange) {
      served.push_back({std::move(frame), std::move(exchange)});
    });
};

TEST_F(WebSocketSessionTest, TellsOfEachRunUnderItsId) {
  const auto a = open_run("a");
  const auto b = open_run("b");
  b->send(sse_event(R"({"n":1})"));
  a->send(sse_event("error", R"({"n":2})"));
  a->send(std::string(sse_done));
  a->close();
  const std::vector<std::string> told{
    R"({"type":"started","id":"a","run_id":"run-a"})",
    R"({"type":"started","id":"b","run_id":"run-b"})",
    R"({"type":"event","id":"b","run_id":"run-b","event":{"n":1}})",
    R"({"type":"event","id":"a","run_id":"run-a","event":{"n":2}})",
    R"({"type":"done","id":"a","run_id":"run-a"})"};
  EXPECT_EQ(socket->texts, told);
  open_run("a");  // the id is free again
  EXPECT_EQ(last()["type"], "started");
}

TEST_F(WebSocketSessionTest, GivesCreditForWhatWasWritten) {
  const auto stream = open_run("a");
  std::size_t written = 0;
  stream->on_written([&](std::size_t sends) { written += sends; });
  stream->send(sse_event("{}"));
  stream->send(sse_event("{}"));
  EXPECT_EQ(written, 0U);
  EXPECT_GT(stream->queued_bytes(), 0U);
  socket->write_all();
  EXPECT_EQ(written, 2U);
  EXPECT_EQ(stream->queued_bytes(), 0U);
}

TEST_F(WebSocketSessionTest, CutsOffAReaderThatIsTooSlow) {
  const auto stream = open_run("a");
  stream->send(sse_event(std::string(5'000, 'x')));  // alone, no sign of it
  EXPECT_FALSE(socket->is_dropped);
  socket->write_all();
  stream->send(sse_event(std::string(600, 'x')));
  EXPECT_FALSE(socket->is_dropped);
  stream->send(sse_event(std::string(600, 'x')));
  EXPECT_TRUE(socket->is_dropped);
}

TEST_F(WebSocketSessionTest, AnswersWithResultsAndErrors) {
  cancel("1");
  EXPECT_EQ(served.back().frame.operation_id, "cancel_run");
  served.back().exchange->respond({200, R"({"run-1":"cancelled"})"});
  EXPECT_EQ(last(), Json::parse(R"({"type":"result","id":"1","result":{"run-1":"cancelled"}})"));
  send("2")->respond(error_response({Errc::not_found, "no such agent", ""}));
  EXPECT_EQ(last(), Json::parse(R"({"type":"error","id":"2","status":404,
                                    "error":{"detail":"no such agent"}})"));
  session->on_text(R"({"type":"shout","id":"3"})");
  EXPECT_EQ(last()["status"], 422);
  EXPECT_EQ(last()["id"], "3");
  session->on_text(R"({"type":"ping","id":"4"})");
  EXPECT_EQ(last()["type"], "pong");
}

TEST_F(WebSocketSessionTest, AHandlerThatForgetsIsAnError) {
  send("1");
  served.clear();
  EXPECT_EQ(last()["status"], 500);
  EXPECT_EQ(last()["id"], "1");
}

TEST_F(WebSocketSessionTest, AnIdInUseIsRefusedWithoutTouchingItsRun) {
  const auto stream = open_run("a");
  session->on_text(R"({"type":"send","agent_id":"agent-1","id":"a"})");
  EXPECT_EQ(served.size(), 1U);
  EXPECT_EQ(last()["status"], 409);
  EXPECT_TRUE(last()["id"].is_null());
  session->on_text(R"({"type":"shout","id":"a"})");
  EXPECT_TRUE(last()["id"].is_null());
  EXPECT_TRUE(stream->is_open());
}

TEST_F(WebSocketSessionTest, RunsAreLimitedAndCanStillBeCancelled) {
  const auto a = open_run("a");
  const auto b = open_run("b");
  session->on_text(R"({"type":"resume","run_id":"run-1","id":"c"})");
  EXPECT_EQ(last()["status"], 429);
  EXPECT_EQ(served.size(), 2U);
  cancel("c");
  cancel("d");
  EXPECT_EQ(served.size(), 4U);
  cancel("e");
  EXPECT_EQ(last()["status"], 429);
}

TEST_F(WebSocketSessionTest, LeavesARunAlone) {
  const auto stream = open_run("a");
  bool is_told = false;
  stream->on_closed([&] { is_told = true; });
  session->on_text(R"({"type":"leave","id":"a"})");
  EXPECT_TRUE(is_told);
  stream->send(sse_event("{}"));
  EXPECT_EQ(last(), Json::parse(R"({"type":"left","id":"a"})"));
  // One that is not accepted yet, too.
  const auto exchange = send("b");
  session->on_text(R"({"type":"leave","id":"b"})");
  EXPECT_FALSE(exchange->open_stream(200, sse_content_type)->is_open());
  session->on_text(R"({"type":"leave","id":"never"})");
  EXPECT_EQ(last()["type"], "left");
}

TEST_F(WebSocketSessionTest, ItsEndIsTheEndOfItsStreams) {
  const auto stream = open_run("a");
  const auto waiting = send("b");
  bool is_told = false;
  stream->on_closed([&] { is_told = true; });
  session->on_closed();
  EXPECT_TRUE(is_told);
  EXPECT_FALSE(stream->is_open());
  EXPECT_FALSE(waiting->open_stream(200, sse_content_type)->is_open());
  const std::size_t texts = socket->texts.size();
  served.clear();
  EXPECT_EQ(socket->texts.size(), texts);
}

TEST_F(WebSocketSessionTest, AStoppingServerWaitsForRunsAndTakesNoMore) {
  const auto stream = open_run("a");
  session->on_server_stopping();
  EXPECT_FALSE(socket->closed);
  session->on_text(R"({"type":"send","agent_id":"agent-1","id":"b"})");
  EXPECT_EQ(last()["status"], 503);
  cancel("c");
  served.back().exchange->respond({200, "{}"});
  EXPECT_FALSE(socket->closed);
  stream->close();
  EXPECT_EQ(socket->closed, CloseCode::going_away);
}

TEST_F(WebSocketSessionTest, AnIdleOneIsClosedAtOnceByAStoppingServer) {
  session->on_server_stopping();
  EXPECT_EQ(socket->closed, CloseCode::going_away);
}

}  // namespace
}  // namespace reverie
