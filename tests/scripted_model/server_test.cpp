// Over real sockets: what cannot be seen without them.

#include "tests/scripted_model/server.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

class Client {
 public:
  Client(asio::io_context& io, std::uint16_t port) : socket_(io) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  void send(const std::string& method, const std::string& path, const std::string& body,
            const std::string& headers = "") {
    write(method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + headers
          + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void ask(const std::string& text, bool is_stream) {
    const Json body{{"stream", is_stream}, {"messages", {{{"role", "user"}, {"content", text}}}}};
    send("POST", "/v1/chat/completions", body.dump());
  }

  void write(const std::string& bytes) { asio::write(socket_, asio::buffer(bytes)); }

  // All up to and with `end`.
  std::string read_until(const std::string& end) {
    const std::size_t size = asio::read_until(socket_, asio::dynamic_buffer(data_), end);
    std::string out = data_.substr(0, size);
    data_.erase(0, size);
    return out;
  }

  std::string read_to_end() {
    boost::system::error_code ended;
    asio::read(socket_, asio::dynamic_buffer(data_), ended);
    return std::move(data_);
  }

  // The body of a response that has a length.
  std::string read_body() {
    const std::string head = read_until("\r\n\r\n");
    const std::size_t size = std::stoul(head.substr(head.find("Content-Length: ") + 16));
    if (data_.size() < size)
      asio::read(socket_, asio::dynamic_buffer(data_), asio::transfer_exactly(size - data_.size()));
    std::string body = data_.substr(0, size);
    data_.erase(0, size);
    return body;
  }

 private:
  tcp::socket socket_;
  std::string data_;
};

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    server_.stop();
    thread_.join();
  }

  Client connect() { return {io_, server_.port()}; }

  Json stats() {
    Client client = connect();
    client.send("GET", "/__stats", "");
    return Json::parse(client.read_body());
  }

  void configure(const Json& changes) {
    Client client = connect();
    client.send("POST", "/__config", changes.dump());
    client.read_body();
  }

  // Waits until the server has counted it; the test's own time limit is the bound.
  void await_count(const char* name, int count) {
    while (stats()[name] != count) std::this_thread::yield();
  }

  asio::io_context io_;
  Server server_{0, 2, Settings{}};
  std::thread thread_{[this] { server_.run(); }};
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    client.ask("hello", false);
    EXPECT_EQ(Json::parse(client.read_body())["choices"][0]["message"]["content"],
              "You said: hello");
  }
  client.ask("hello", true);
  EXPECT_NE(client.read_until("\r\n0\r\n\r\n").find("data: [DONE]"), std::string::npos);
  client.send("GET", "/__health", "");
  EXPECT_EQ(client.read_body(), R"({"status":"ok"})");
}

TEST_F(ServerTest, ClosesWhenTheClientWantsIt) {
  Client client = connect();
  client.send("GET", "/__health", "", "Connection: close\r\n");
  EXPECT_NE(client.read_to_end().find("Connection: close"), std::string::npos);
}

TEST_F(ServerTest, AnswersAPipelinedRequestAfterASlowOne) {
  Client client = connect();
  client.ask("one [[delay 20ms]]", false);
  client.ask("two", false);
  EXPECT_NE(client.read_body().find("You said: one"), std::string::npos);
  EXPECT_NE(client.read_body().find("You said: two"), std::string::npos);
}

TEST_F(ServerTest, SendsForTheBodyThatAClientHoldsBack) {
  Client client = connect();
  const std::string body = R"({"input":"x"})";
  client.write("POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
               + std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.write(body);
  EXPECT_NE(client.read_body().find("embedding"), std::string::npos);
}

TEST_F(ServerTest, WaitsForManyAtTheSameTime) {
  constexpr int count = 300;
  const auto begin = Clock::now();
  std::vector<Client> clients;
  for (int i = 0; i < count; ++i) {
    clients.push_back(connect());
    clients.back().ask("[[delay 1s]][[say x]]", true);
  }
  await_count("in_flight", count);
  for (Client& client : clients) client.read_until("[DONE]");
  EXPECT_GE(Clock::now() - begin, std::chrono::seconds(1));
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(30));  // one by one it would be 300
  await_count("in_flight", 0);
  EXPECT_EQ(stats()["max_in_flight"], count);
}

TEST_F(ServerTest, PacesAStream) {
  configure({{"tokens_per_s", 200}});
  Client client = connect();
  const auto begin = Clock::now();
  client.ask("[[chunks 20]][[say 12345678901234567890]]", true);
  client.read_until("[DONE]");
  EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds(100));
}

TEST_F(ServerTest, WritesEachEventAloneIfToldSo) {
  configure({{"coalesce", false}});
  Client client = connect();
  client.ask("[[say one two]]", true);
  const std::string all = client.read_until("\r\n0\r\n\r\n");
  std::size_t chunks = 0;
  for (std::size_t at = all.find("data:"); at != std::string::npos; at = all.find("data:", at + 1))
    if (all[at - 1] == '\n' && all[at - 2] == '\r') ++chunks;  // right behind a chunk's size
  EXPECT_EQ(chunks, 5U);                                       // role, two words, finish, [DONE]
}

TEST_F(ServerTest, DropsAStreamInTheMiddle) {
  Client client = connect();
  client.ask("[[drop after=2]][[say one two three]]", true);
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find(" two"), std::string::npos);
  EXPECT_EQ(all.find(" three"), std::string::npos);
  EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
  await_count("dropped", 1);
}

TEST_F(ServerTest, DropsAWholeAnswerHalfWay) {
  Client client = connect();
  client.ask("[[drop]][[say one two three]]", false);
  EXPECT_EQ(client.read_to_end().find("fp_scripted"), std::string::npos);
}

TEST_F(ServerTest, CountsClientsThatLeaveWhileItWaits) {
  {
    Client before_first_byte = connect();
    before_first_byte.ask("[[hang]]", false);
    Client in_stream = connect();
    in_stream.ask("[[hang after=1]][[say one two]]", true);
    in_stream.read_until("one");
    Client delayed = connect();
    delayed.ask("[[delay 3600s]]", true);
    await_count("in_flight", 3);
    EXPECT_EQ(stats()["aborted"], 0);
  }
  await_count("aborted", 3);
  EXPECT_EQ(stats()["in_flight"], 0);
}

TEST_F(ServerTest, CountsClientsThatLeaveAStream) {
  configure({{"tokens_per_s", 10}});
  {
    Client client = connect();
    client.ask("[[say one two three four five six seven eight nine ten]]", true);
    client.read_until("two");
  }
  await_count("aborted", 1);
}

TEST_F(ServerTest, ClosesAConnectionThatSpeaksNoHttp) {
  Client client = connect();
  client.write("hello\r\n\r\n");
  client.read_to_end();
  EXPECT_EQ(stats()["requests"], 0);
}

}  // namespace
}  // namespace reverie::scripted
