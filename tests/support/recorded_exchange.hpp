// An exchange without a connection: keeps what a handler answered.

#pragma once

#include "net/exchange.hpp"
#include "net/websocket.hpp"

#include <cassert>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace reverie::testing {

class RecordedStream final : public EventStream {
 public:
  using EventStream::send;
  void send(std::shared_ptr<const std::string> bytes) override { text += *bytes; }
  std::size_t queued_bytes() const override { return 0; }
  void on_written(std::function<void(std::size_t)> callback) override { written = callback; }
  void close() override { is_ended = true; }
  void on_closed(std::function<void()> callback) override { closed = callback; }
  bool is_open() const override { return !is_ended; }

  std::string text;
  bool is_ended = false;
  std::function<void(std::size_t)> written;
  std::function<void()> closed;
};

class RecordedExchange final : public Exchange {
 public:
  void respond(HttpResponse answer) override {
    assert(!response && !stream);
    for (const Header& header : headers) answer.headers.add(header.name, header.value);
    response = std::move(answer);
  }
  std::shared_ptr<EventStream> open_stream(int, std::string_view, const Headers&) override {
    assert(!response && !stream);
    return stream = std::make_shared<RecordedStream>();
  }
  void open_websocket(const WebSocketHandshake& asked,
                      std::shared_ptr<WebSocketHandler> handler) override {
    assert(!response && !stream);
    handshake = asked;
    websocket = std::move(handler);
  }
  IoBridge& bridge() override { return *actor; }
  void run(std::function<void()> task) override { task(); }
  void add_header(std::string_view name, std::string value) override {
    headers.add(name, std::move(value));
  }
  void set_operation(std::string_view id) override { operation_id = id; }

  std::optional<HttpResponse> response;
  std::shared_ptr<RecordedStream> stream;
  std::optional<WebSocketHandshake> handshake;
  std::shared_ptr<WebSocketHandler> websocket;
  Headers headers;
  std::string operation_id;
  IoBridge* actor = nullptr;
};

}  // namespace reverie::testing
