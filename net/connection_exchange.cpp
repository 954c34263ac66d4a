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
  if (bytes->empty() || !is_open_.load()) return;
  queued_bytes_ += bytes->size();
  connection_->run(
    [connection = connection_, number = number_, bytes = std::move(bytes)]() mutable {
      connection->send(number, std::move(bytes));
    });
}

void ConnectionStream::close() {
  if (!is_open_.exchange(false)) return;
  connection_->run(
    [connection = connection_, number = number_] { connection->end_stream(number); });
}

void ConnectionStream::on_written(std::function<void(std::size_t)> callback) {
  connection_->run([self = shared_from_this(), callback = std::move(callback)]() mutable {
    if (self->phase_ == Phase::open) self->written_ = std::move(callback);
  });
}

void ConnectionStream::on_closed(std::function<void()> callback) {
  connection_->run([self = shared_from_this(), callback = std::move(callback)]() mutable {
    if (self->phase_ == Phase::gone)
      callback();
    else if (self->phase_ == Phase::open)
      self->closed_ = std::move(callback);
  });
}

void ConnectionStream::on_sent(std::size_t sends, std::size_t bytes) {
  queued_bytes_ -= bytes;
  if (!written_) return;
  const auto callback = written_;  // it may replace itself
  callback(sends);
}

void ConnectionStream::on_client_gone() {
  if (!is_open_.exchange(false)) return on_end();
  const auto callback = std::exchange(closed_, nullptr);
  on_end();
  phase_ = Phase::gone;
  if (callback) callback();
}

// The callbacks go: what they own may own this stream.
void ConnectionStream::on_end() {
  phase_ = Phase::ended;
  written_ = nullptr;
  closed_ = nullptr;
}

}  // namespace reverie
