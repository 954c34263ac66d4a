// A small HTTP/1.1 server on a free loopback port, for tests of what calls out. The handler
// decides byte by byte what a client sees: late, cut short or broken answers too.

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace reverie::testing {

struct StubRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// The server's side of one connection, on its own thread.
class StubConnection {
 public:
  explicit StubConnection(int fd) : fd_(fd) {}

  void send(std::string_view bytes);
  // A whole answer with a length, of JSON unless `extra_headers` say otherwise; the connection
  // stays open.
  void reply(int status, std::string_view body, std::string_view extra_headers = "");
  // The start of an event stream; what follows is sent raw, and close() ends it.
  void start_stream();
  void close();
  // True when the client has closed its side within the time.
  bool wait_closed(int timeout_ms);
  bool is_open() const { return fd_ >= 0; }
  bool read_request(StubRequest& request);

 private:
  bool read_more();

  int fd_;
  std::string unread_;
};

class HttpStub {
 public:
  using Handler = std::function<void(const StubRequest&, StubConnection&)>;

  explicit HttpStub(Handler handler);
  ~HttpStub();
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;

  std::string url() const;  // http://127.0.0.1:<port>
  std::vector<StubRequest> requests() const;
  int connection_count() const { return connection_count_; }

 private:
  void accept_all();
  void serve(int fd);

  Handler handler_;
  int listener_;
  int port_ = 0;
  std::atomic<int> connection_count_{0};
  mutable std::mutex mutex_;
  std::vector<StubRequest> requests_;  // under mutex_
  std::vector<int> open_;              // under mutex_
  std::vector<std::thread> threads_;   // of the acceptor's thread, then of the destructor
  std::thread acceptor_;
};

}  // namespace reverie::testing
