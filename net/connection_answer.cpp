// The writing half of a connection: answers, and the chunks of a stream.

#include "config/log_line.hpp"
#include "net/connection.hpp"
#include "net/connection_exchange.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

#include <boost/asio/error.hpp>

namespace reverie {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Assigning an empty string would keep the memory.
void give_back(std::string& text) {
  text.clear();
  text.shrink_to_fit();
}

}  // namespace

bool Connection::waits_for(std::uint64_t exchange) const {
  return state_ == State::handling && current_.number == exchange;
}

void Connection::add_header(std::uint64_t exchange, std::string_view name, std::string value) {
  if (waits_for(exchange)) current_.headers.add(name, std::move(value));
}

void Connection::set_operation(std::uint64_t exchange, std::string_view operation_id) {
  if (waits_for(exchange)) current_.operation_id = operation_id;
}

void Connection::answer(std::uint64_t exchange, HttpResponse response) {
  if (!waits_for(exchange)) return;
  state_ = State::answering;
  const bool has_body = response.status != 204 && response.status != 304;
  write_head(response.status, response.content_type, response.headers,
             has_body ? std::optional(response.body.size()) : std::nullopt);
  body_ = has_body && current_.method != Method::head ? std::move(response.body) : std::string();
  current_.response_bytes = body_.size();
  buffers_ = {asio::buffer(head_)};
  if (!body_.empty()) buffers_.push_back(asio::buffer(body_));
  write();
}

void Connection::write_head(int status, std::string_view content_type, const Headers& headers,
                            std::optional<std::size_t> length) {
  current_.status = status;
  keeps_alive_ = keeps_alive_ && !context().is_stopping;
  head_.assign(is_http_1_0_ ? "HTTP/1.0 " : "HTTP/1.1 ");
  head_ += std::to_string(status);
  head_ += ' ';
  head_ += reason_phrase(status);
  const auto add = [this](std::string_view name, std::string_view value) {
    if (value.find_first_of("\r\n") != std::string_view::npos)
      return;  // would be a line of its own
    head_.append("\r\n").append(name).append(": ").append(value);
  };
  if (!content_type.empty()) add("content-type", content_type);
  if (length) add("content-length", std::to_string(*length));
  add("x-request-id", current_.request_id);
  for (const Header& header : current_.headers) add(header.name, header.value);
  for (const Header& header : headers) add(header.name, header.value);
  if (!keeps_alive_)
    add("connection", "close");
  else if (is_http_1_0_)
    add("connection", "keep-alive");
  head_ += "\r\n\r\n";
}

void Connection::write() {
  is_writing_ = true;
  set_deadline(limits().write_stall_time);
  const std::span<const asio::const_buffer> rest = std::span(buffers_).subspan(buffers_done_);
  socket_.async_write_some(rest,
                           [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                             if (self->state_ == State::closed) return;
                             if (error) return self->close();
                             auto& buffers = self->buffers_;
                             for (auto& done = self->buffers_done_; done < buffers.size(); ++done) {
                               const std::size_t step = std::min(bytes, buffers[done].size());
                               buffers[done] += step;
                               bytes -= step;
                               if (buffers[done].size() > 0) return self->write();
                             }
                             buffers.clear();
                             self->buffers_done_ = 0;
                             self->is_writing_ = false;
                             self->on_written();
                           });
}

void Connection::on_written() {
  switch (state_) {
    case State::reading:  // 100 Continue
      set_deadline(limits().body_time);
      return read();
    case State::answering: give_back(body_); return finish_exchange();
    case State::streaming:
      complete_sends();
      if (!is_writing_ && state_ == State::streaming) flush_stream();
      return;
    case State::ending: return finish_exchange();
    default: return;
  }
}

void Connection::open_stream(std::uint64_t, int status, std::string_view content_type,
                             const Headers& headers,
                             const std::shared_ptr<ConnectionStream>& stream) {
  state_ = State::streaming;
  stream_ = stream;
  become(ExchangeKind::stream);
  if (is_http_1_0_) keeps_alive_ = false;  // the end of the connection is the end of the stream
  Headers all = headers;
  if (!is_http_1_0_) all.set("transfer-encoding", "chunked");
  write_head(status, content_type, all, std::nullopt);
  if (input_.size() == 0) input_.shrink_to_fit();
  buffers_.assign(1, asio::buffer(head_));
  write();
  watch_for_end();
}

void Connection::send(std::uint64_t exchange, std::shared_ptr<const std::string> bytes) {
  if (state_ != State::streaming || current_.number != exchange) return;
  queue_.push_back(std::move(bytes));
  if (!is_writing_) return flush_stream();
  const auto stream = stream_.lock();
  // One event that is larger than the bound is no sign of a slow reader.
  if (stream && queue_.size() > 1 && stream->queued_bytes() > limits().stream_queue_bytes) {
    log_info("http: a stream's reader is too slow request_id={} queued_bytes={}",
             current_.request_id, stream->queued_bytes());
    close();
  }
}

void Connection::end_stream(std::uint64_t exchange) {
  if (state_ != State::streaming || current_.number != exchange) return;
  has_ended_ = true;
  if (!is_writing_) flush_stream();
}

// Writes what is queued as one chunk, or the end when nothing is left.
void Connection::flush_stream() {
  constexpr std::size_t sends_max = 64;  // buffers of one system call, as Asio passes them on
  clear_deadline();
  if (queue_.empty()) {
    if (!has_ended_) return;
    state_ = State::ending;
    if (is_http_1_0_) return finish_exchange();
    head_ = "0\r\n\r\n";
    buffers_.assign(1, asio::buffer(head_));
    return write();
  }
  const auto sends = static_cast<std::ptrdiff_t>(std::min(queue_.size(), sends_max - 2));
  in_flight_.assign(queue_.begin(), queue_.begin() + sends);
  queue_.erase(queue_.begin(), queue_.begin() + sends);
  std::size_t bytes = 0;
  for (const auto& piece : in_flight_) bytes += piece->size();
  char size_line[20];
  const int size = std::snprintf(size_line, sizeof size_line, "%zx\r\n", bytes);
  head_.assign(size_line, is_http_1_0_ ? 0 : static_cast<std::size_t>(size));
  if (!is_http_1_0_) buffers_.push_back(asio::buffer(head_));
  for (const auto& piece : in_flight_) buffers_.push_back(asio::buffer(*piece));
  if (!is_http_1_0_) buffers_.push_back(asio::buffer("\r\n", 2));
  write();
}

void Connection::complete_sends() {
  if (in_flight_.empty()) return give_back(head_);  // it was the head; those of chunks are short
  std::size_t bytes = 0;
  for (const auto& piece : in_flight_) bytes += piece->size();
  const std::size_t sends = in_flight_.size();
  in_flight_.clear();
  current_.response_bytes += bytes;
  if (const auto stream = stream_.lock()) stream->on_sent(sends, bytes);
}

// A client that goes away becomes readable, at the end of its bytes.
void Connection::watch_for_end() {
  if (is_watching_) return;
  is_watching_ = true;
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](const error_code& error) {
                       self->is_watching_ = false;
                       if (self->state_ != State::streaming || error) return;
                       self->on_readable();
                     });
}

void Connection::on_readable() {
  char byte = 0;
  error_code error;
  const std::size_t bytes =
    socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, error);
  if (error == asio::error::would_block || error == asio::error::try_again) return watch_for_end();
  if (error || bytes == 0) return close();
  // It sent its next request already. From here on only a write finds out that it has gone.
}

}  // namespace reverie
