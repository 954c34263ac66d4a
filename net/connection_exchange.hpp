// The exchange and the stream of a connection, as handlers hold them: they may outlive the
// request, the connection and the server, and be used from any thread.

#pragma once

#include "net/connection.hpp"
#include "net/exchange.hpp"
#include "net/open_stream.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace reverie {

class ConnectionExchange final : public Exchange {
 public:
  ConnectionExchange(std::shared_ptr<Connection> connection, std::uint64_t number)
    : connection_(std::move(connection)), number_(number) {}
  ~ConnectionExchange() override;

  void respond(HttpResponse response) override;
  std::shared_ptr<EventStream> open_stream(int status, std::string_view content_type,
                                           const Headers& headers) override;
  void open_websocket(const WebSocketHandshake& handshake,
                      std::shared_ptr<WebSocketHandler> handler) override;
  IoBridge& bridge() override { return connection_->bridge(); }
  void run(std::function<void()> task) override { connection_->run(std::move(task)); }
  void add_header(std::string_view name, std::string value) override;
  void set_operation(std::string_view operation_id) override;

 private:
  std::shared_ptr<Connection> connection_;
  std::uint64_t number_;
  std::atomic<bool> is_answered_{false};
};

class ConnectionStream final : public OpenStream {
 public:
  ConnectionStream(std::shared_ptr<Connection> connection, std::uint64_t number)
    : connection_(std::move(connection)), number_(number) {}
  ~ConnectionStream() override;

  using EventStream::send;
  void send(std::shared_ptr<const std::string> bytes) override;
  void close() override;

 private:
  void run(std::function<void()> task) override { connection_->run(std::move(task)); }

  std::shared_ptr<Connection> connection_;
  std::uint64_t number_;
};

}  // namespace reverie
