// One event loop, the thread that runs it, its bridge actor and its connections. For the files
// of the server that include Asio.

#pragma once

#include "net/exchange.hpp"
#include "net/server.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <caf/actor.hpp>

namespace reverie {

class Connection;

// What all threads of a server share. Constant but for the counts and the flag.
struct ServerContext {
  ServerOptions options;
  Handler handler;
  std::function<void(const std::string& address)> on_connection_end;  // on any io thread
  std::function<void()> on_exchange_end;  // likewise, while the server stops
  std::atomic<bool> is_stopping{false};
  std::atomic<std::size_t> exchanges{0};
  std::atomic<std::size_t> streams{0};
  std::atomic<std::size_t> websockets{0};

  // How many are open of this kind.
  std::atomic<std::size_t>& count(ExchangeKind kind) {
    if (kind == ExchangeKind::request) return exchanges;
    return kind == ExchangeKind::stream ? streams : websockets;
  }
};

// Lives as long as anything that came from it: an actor may hold an exchange when the server
// is gone already.
class IoThread : public std::enable_shared_from_this<IoThread> {
 public:
  explicit IoThread(std::shared_ptr<ServerContext> context);

  void start(caf::actor_system& system);

  // Ends the bridge and the loop once every connection is closed; waits for it.
  void join();

  boost::asio::io_context& io() { return *io_; }
  ServerContext& context() { return *context_; }
  IoBridge& bridge() { return *bridge_; }
  // After join() nothing runs what is posted.
  bool has_ended() const { return has_ended_.load(std::memory_order_acquire); }

  // On this thread.
  void add(Connection* connection) { connections_.insert(connection); }
  void remove(Connection* connection) { connections_.erase(connection); }
  void close_idle_connections();
  void close_all_connections();

 private:
  void for_each_connection(const std::function<void(Connection&)>& visit);

  std::shared_ptr<ServerContext> context_;
  std::shared_ptr<boost::asio::io_context> io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  caf::actor bridge_handle_;
  IoBridge* bridge_ = nullptr;
  std::unordered_set<Connection*> connections_;
  std::atomic<bool> has_ended_{false};
  std::thread thread_;
};

}  // namespace reverie
