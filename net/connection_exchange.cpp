#include "net/connection_exchange.hpp"

#include <utility>

namespace reverie {

ConnectionExchange::~ConnectionExchange() {
  if (is_answered_) return;
  connection_->run([connection = connection_, number = number_] {
    if (connection->waits_for(number))  // and its client is still there
      connection->answer(number,
                         error_response({Errc::internal, "a handler gave no answer", "exchange"}));
  });
}

void ConnectionExchange::respond(HttpResponse response) {
  if (is_answered_.exchange(true)) return;
  connection_->run(
    [connection = connection_, number = number_, response = std::move(response)]() mutable {
      connection->answer(number, std::move(response));
    });
}

std::shared_ptr<EventStream> ConnectionExchange::open_stream(int status,
                                                             std::string_view content_type,
                                                             const Headers& headers) {
  auto stream = std::make_shared<ConnectionStream>(connection_, number_);
  if (is_answered_.exchange(true) || !connection_->waits_for(number_))
    stream->on_client_gone();
  else
    connection_->open_stream(number_, status, content_type, headers, stream);
  return stream;
}

void ConnectionExchange::open_websocket(const WebSocketHandshake& handshake,
                                        std::shared_ptr<WebSocketHandler> handler) {
  if (is_answered_.exchange(true) || !connection_->waits_for(number_)) return;
  connection_->open_websocket(number_, handshake, std::move(handler));
}

void ConnectionExchange::add_header(std::string_view name, std::string value) {
  connection_->add_header(number_, name, std::move(value));
}

void ConnectionExchange::set_operation(std::string_view operation_id) {
  connection_->set_operation(number_, operation_id);
}

ConnectionStream::~ConnectionStream() {
  close();
}

void ConnectionStream::send(std::shared_ptr<const std::string> bytes) {
  if (!add_queued(bytes->size())) return;
  connection_->run(
    [connection = connection_, number = number_, bytes = std::move(bytes)]() mutable {
      connection->send(number, std::move(bytes));
    });
}

void ConnectionStream::close() {
  if (!end()) return;
  connection_->run(
    [connection = connection_, number = number_] { connection->end_stream(number); });
}

}  // namespace reverie
