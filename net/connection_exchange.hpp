// The exchange and the stream of a connection, as handlers hold them: they may outlive the
// request, the connection and the server, and be used from any thread.

#pragma once

#include "net/connection.hpp"
#include "net/exchange.hpp"

#include <atomic>
#include <cstddef>
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
  IoBridge& bridge() override { return connection_->bridge(); }
  void run(std::function<void()> task) override { connection_->run(std::move(task)); }
  void add_header(std::string_view name, std::string value) override;
  void set_operation(std::string_view operation_id) override;

 private:
  std::shared_ptr<Connection> connection_;
  std::uint64_t number_;
  std::atomic<bool> is_answered_{false};
};

class ConnectionStream final : public EventStream,
                               public std::enable_shared_from_this<ConnectionStream> {
 public:
  ConnectionStream(std::shared_ptr<Connection> connection, std::uint64_t number)
    : connection_(std::move(connection)), number_(number) {}
  ~ConnectionStream() override;

  void send(std::shared_ptr<const std::string> bytes) override;
  std::size_t queued_bytes() const override { return queued_bytes_.load(); }
  void on_written(std::function<void(std::size_t sends)> callback) override;
  void close() override;
  void on_closed(std::function<void()> callback) override;
  bool is_open() const override { return is_open_.load(); }

  // From the connection, on its io thread.
  void on_sent(std::size_t sends, std::size_t bytes);
  void on_client_gone();
  void on_end();

 private:
  enum class Phase : std::uint8_t { open, ended, gone };

  std::shared_ptr<Connection> connection_;
  std::uint64_t number_;
  std::atomic<std::size_t> queued_bytes_{0};
  std::atomic<bool> is_open_{true};
  Phase phase_ = Phase::open;  // this and the callbacks: io thread only
  std::function<void(std::size_t)> written_;
  std::function<void()> closed_;
};

}  // namespace reverie
