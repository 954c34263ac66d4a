#include "tests/scripted_model/server.hpp"

#include "tests/scripted_model/connection.hpp"
#include "tests/scripted_model/delivery.hpp"
#include "tests/scripted_model/service.hpp"

#include <algorithm>
#include <csignal>
#include <thread>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace reverie::scripted {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int backlog = 4096;  // thousands of streams may begin at the same moment
constexpr std::chrono::milliseconds accept_pause{50};  // no file descriptor is left: wait for one
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

asio::awaitable<Delivery> respond(Connection& connection, Service& service, HttpRequest request) {
  const bool keeps_alive = request.keeps_alive;
  const Response response = service.answer(std::move(request));
  const Delivery delivery = co_await deliver(connection, response, keeps_alive);
  if (delivery == Delivery::aborted) ++service.counters().aborted;
  if (delivery == Delivery::dropped) ++service.counters().dropped;
  co_return delivery;
}

asio::awaitable<void> serve(std::shared_ptr<Connection> connection, Service& service) {
  for (;;) {
    auto request = co_await connection->read();
    if (!request) break;
    const bool keeps_alive = request->keeps_alive;
    std::optional<InFlight> in_flight;
    if (!request->path.starts_with("/__")) in_flight.emplace(service.counters());
    const Delivery delivery = co_await respond(*connection, service, std::move(*request));
    if (delivery != Delivery::done || !keeps_alive) break;
  }
  connection->close();
}

}  // namespace

struct Server::State {
  State(std::uint16_t port, std::size_t threads, const Settings& settings) : service(settings) {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, threads); ++i)
      contexts.push_back(std::make_unique<asio::io_context>(1));
    acceptor.emplace(*contexts.front());
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    acceptor->open(endpoint.protocol());
    acceptor->set_option(tcp::acceptor::reuse_address(true));
    acceptor->bind(endpoint);
    acceptor->listen(backlog);
  }

  // Connections go to the threads in turn.
  asio::awaitable<void> accept() {
    asio::steady_timer timer(*contexts.front());
    for (std::size_t next = 0;; next = (next + 1) % contexts.size()) {
      auto [error, socket] = co_await acceptor->async_accept(*contexts[next], no_throw);
      if (error) {
        timer.expires_after(accept_pause);
        co_await timer.async_wait(no_throw);
        continue;
      }
      auto connection = std::make_shared<Connection>(std::move(socket));
      asio::co_spawn(*contexts[next], serve(std::move(connection), service), asio::detached);
    }
  }

  Service service;
  std::vector<std::unique_ptr<asio::io_context>> contexts;
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::signal_set> signals;
};

Server::Server(std::uint16_t port, std::size_t threads, const Settings& settings)
  : state_(std::make_unique<State>(port, threads, settings)) {}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return state_->acceptor->local_endpoint().port();
}

void Server::run() {
  asio::co_spawn(*state_->contexts.front(), state_->accept(), asio::detached);
  std::vector<std::thread> threads;
  for (const auto& context : state_->contexts) {
    threads.emplace_back([&context] {
      const auto stays = asio::make_work_guard(*context);
      context->run();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void Server::stop() {
  for (const auto& context : state_->contexts) context->stop();
}

void Server::stop_on_signals() {
  state_->signals.emplace(*state_->contexts.front(), SIGINT, SIGTERM);
  state_->signals->async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
}

}  // namespace reverie::scripted
