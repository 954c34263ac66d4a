// A server on a free port of the loopback, with a handler of the test's choice.

#pragma once

#include "net/server.hpp"
#include "tests/support/http_client.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

namespace reverie::testing {

// Hands values from the server's threads to the test's.
template <class T>
class Inbox {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  // Waits for the next one; nothing after ten seconds.
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !values_.empty(); }))
      return std::nullopt;
    T value = std::move(values_.front());
    values_.pop_front();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> values_;
};

class ServerFixture : public ::testing::Test {
 protected:
  void start(Handler handler, ServerOptions options = {}) {
    options.port = 0;
    if (options.io_threads == 0) options.io_threads = 2;
    auto started = Server::start(system, std::move(options), std::move(handler));
    ASSERT_TRUE(started) << started.error().message;
    server = *std::move(started);
  }

  HttpClient connect(int receive_buffer = 0) { return HttpClient(server->port(), receive_buffer); }

  struct Config : caf::actor_system_config {
    Config() { set("scheduler.max-threads", 1); }
  };
  Config config;
  caf::actor_system system{config};
  std::unique_ptr<Server> server;
};

}  // namespace reverie::testing
