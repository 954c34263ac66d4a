// A connection that becomes a WebSocket: it gives its socket away and goes on being counted.

#include "net/connection.hpp"
#include "net/websocket_connection.hpp"

#include <utility>

namespace reverie {

void Connection::open_websocket(std::uint64_t exchange, const WebSocketHandshake& handshake,
                                std::shared_ptr<WebSocketHandler> handler) {
  if (input_.size() > 0)
    return answer(exchange,
                  detail_response(400, "Nothing may follow a handshake before its answer"));
  state_ = State::upgraded;
  become(ExchangeKind::websocket);
  current_.status = 101;
  clear_deadline();
  input_.shrink_to_fit();
  const WebSocketLimits its_limits{limits().body_bytes, limits().stream_queue_bytes,
                                   limits().ping_time};
  websocket_ =
    WebSocketConnection::make(std::move(socket_), its_limits, std::move(handler),
                              [self = shared_from_this()](std::size_t bytes, bool was_dropped) {
                                self->on_websocket_end(bytes, was_dropped);
                              });
  Headers headers = current_.headers;
  headers.set("x-request-id", current_.request_id);
  websocket_->start(handshake, headers);
  if (context().is_stopping) websocket_->on_server_stopping();
}

void Connection::on_websocket_end(std::size_t bytes, bool was_dropped) {
  if (state_ != State::upgraded) return;
  websocket_ = nullptr;
  current_.response_bytes = bytes;
  current_.was_dropped = was_dropped;
  report_exchange();
  close();
}

}  // namespace reverie
