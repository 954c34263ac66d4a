#include "net/io_thread.hpp"

#include "net/connection.hpp"
#include "net/io_bridge.hpp"

#include <vector>

#include <boost/asio/post.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

namespace reverie {

IoThread::IoThread(std::shared_ptr<ServerContext> context)
  : context_(std::move(context)),
    io_(std::make_shared<boost::asio::io_context>(1)),
    work_(boost::asio::make_work_guard(*io_)) {}

void IoThread::start(caf::actor_system& system) {
  bridge_handle_ = caf::actor_cast<caf::actor>(system.spawn<IoBridge>(io_));
  bridge_ = static_cast<IoBridge*>(caf::actor_cast<caf::abstract_actor*>(bridge_handle_));
  boost::asio::post(*io_, [this] {
    bridge_->start();
    if (context_->options.on_thread_start) context_->options.on_thread_start(*bridge_);
  });
  thread_ = std::thread([io = io_] { io->run(); });
}

void IoThread::join() {
  if (thread_.joinable()) {
    boost::asio::post(*io_, [this] {
      bridge_->stop();
      work_.reset();
    });
    thread_.join();
  }
  has_ended_.store(true, std::memory_order_release);
  // What was posted meanwhile owns connections, and those own this.
  io_->restart();
  io_->poll();
}

void IoThread::close_idle_connections() {
  for_each_connection([](Connection& connection) { connection.close_if_idle(); });
}

void IoThread::close_all_connections() {
  for_each_connection([](Connection& connection) { connection.close(); });
}

// A visit may close the connection and so take it out of the set.
void IoThread::for_each_connection(const std::function<void(Connection&)>& visit) {
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (Connection* connection : connections_) all.push_back(connection->shared_from_this());
  for (const auto& connection : all) visit(*connection);
}

}  // namespace reverie
