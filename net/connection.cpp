#include "net/connection.hpp"

#include "net/connection_exchange.hpp"
#include "net/websocket_connection.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <boost/asio/error.hpp>

namespace reverie {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t read_bytes = 4U << 10;        // a request without a body is smaller
constexpr std::size_t read_body_bytes = 64U << 10;  // the kernel's usual receive buffer
constexpr std::size_t drain_bytes = 64U << 10;

// For a client to read a refusal while it is still sending.
constexpr std::chrono::milliseconds drain_time{5'000};

constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

// Unique within the process's life and hard to guess, not secret.
std::string new_request_id() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "req-";
  std::uint64_t bits = engine();
  for (int i = 0; i < 16; ++i, bits >>= 4) id += digits[bits & 15];
  return id;
}

// A client's own id goes into logs and back to it.
bool is_sane_request_id(std::string_view id) {
  constexpr std::size_t bytes_max = 128;
  return !id.empty() && id.size() <= bytes_max && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
           || c == '_' || c == '.' || c == ':';
  });
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<IoThread> thread,
                       std::string client)
  : thread_(std::move(thread)),
    socket_(std::move(socket)),
    timer_(socket_.get_executor()),
    client_(std::move(client)) {}

void Connection::start() {
  thread_->add(this);
  if (context().is_stopping) return close();
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);  // an event leaves at once
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  set_deadline(limits().header_time);
  read();
}

void Connection::close() {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  state_ = State::closed;
  current_.was_dropped = true;
  if (const auto websocket = std::exchange(websocket_, nullptr)) websocket->end();
  report_exchange();
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  queue_.clear();
  thread_->remove(this);
  context().on_connection_end(client_);
  if (const auto stream = stream_.lock()) stream->on_client_gone();
}

void Connection::close_if_idle() {
  const bool is_idle = state_ == State::reading && (!parser_ || !parser_->has_started());
  if (is_idle || state_ == State::draining) close();
  if (state_ == State::upgraded) websocket_->on_server_stopping();
}

void Connection::read() {
  const std::size_t size = parser_ && parser_->has_header() ? read_body_bytes : read_bytes;
  socket_.async_read_some(input_.prepare(size),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            if (self->state_ != State::reading) return;
                            if (error) return self->close();
                            self->on_read(bytes);
                          });
}

void Connection::on_read(std::size_t bytes) {
  input_.commit(bytes);
  parse();
}

void Connection::parse() {
  if (!parser_)
    parser_ = std::make_unique<RequestParser>(limits().header_bytes, limits().body_bytes,
                                              context().options.path_prefix);
  const bool had_started = parser_->has_started();
  const bool had_header = parser_->has_header();
  const auto data = input_.data();
  input_.consume(parser_->feed({static_cast<const char*>(data.data()), data.size()}));

  if (parser_->refusal() != 0) return refuse(parser_->refusal(), parser_->refusal_text());
  if (parser_->is_complete()) return handle();
  if (!had_header && parser_->has_header())
    set_deadline(limits().body_time);
  else if (!had_started && parser_->has_started())
    set_deadline(limits().header_time);
  if (parser_->has_header() && parser_->expects_continue() && !has_continued_) {
    has_continued_ = true;
    buffers_.assign(1, asio::buffer(continue_head.data(), continue_head.size()));
    return write();
  }
  read();
}

void Connection::handle() {
  keeps_alive_ = parser_->keeps_alive();
  is_http_1_0_ = parser_->is_http_1_0();
  HttpRequest request = parser_->take();
  parser_.reset();
  begin_exchange(request);
  request.request_id = current_.request_id;
  request.client = client_;
  set_deadline(limits().request_time);
  auto exchange = std::make_shared<ConnectionExchange>(shared_from_this(), current_.number);
  try {
    context().handler(std::move(request), exchange);
  } catch (const std::exception& exception) {
    exchange->respond(error_response({Errc::internal, exception.what(), "handler"}));
  }
}

void Connection::refuse(int status, std::string_view text) {
  HttpResponse response = detail_response(status, text);  // the text is the parser's
  keeps_alive_ = false;
  is_http_1_0_ = parser_->is_http_1_0();
  begin_exchange(parser_->take());
  parser_.reset();
  answer(current_.number, std::move(response));
}

void Connection::begin_exchange(const HttpRequest& request) {
  const std::string_view id = request.headers.get("x-request-id");
  const std::uint64_t number = current_.number + 1;
  current_ = Current{};
  current_.number = number;
  current_.method = request.method;
  current_.path = request.path;
  current_.request_id = is_sane_request_id(id) ? std::string(id) : new_request_id();
  current_.started = Clock::now();
  current_.is_open = true;
  has_continued_ = false;
  state_ = State::handling;
  ++context().exchanges;
}

void Connection::finish_exchange() {
  report_exchange();
  if (const auto stream = stream_.lock()) stream->on_end();
  stream_.reset();
  has_ended_ = false;
  if (keeps_alive_ && !context().is_stopping)
    next_request();
  else
    drain();
}

void Connection::report_exchange() {
  if (!current_.is_open) return;
  current_.is_open = false;
  --context().count(current_.kind);
  if (context().is_stopping) context().on_exchange_end();
  if (!context().options.on_exchange) return;
  context().options.on_exchange(
    {current_.method, current_.path, current_.operation_id, current_.request_id, current_.status,
     current_.response_bytes,
     std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - current_.started),
     current_.kind, current_.was_dropped});
}

// An open one goes on as another kind.
void Connection::become(ExchangeKind kind) {
  --context().count(current_.kind);
  ++context().count(kind);
  current_.kind = kind;
}

void Connection::next_request() {
  state_ = State::reading;
  set_deadline(limits().idle_time);
  if (input_.size() > 0) return parse();  // the client sent it behind the request before
  if (input_.capacity() > read_body_bytes / 2) input_.shrink_to_fit();
  read();
}

// Closing at once would reset the connection while the client still sends, and the answer
// would be lost.
void Connection::drain() {
  if (state_ != State::draining) {
    state_ = State::draining;
    set_deadline(drain_time);
    error_code error;
    socket_.shutdown(asio::socket_base::shutdown_send, error);
    if (error) return close();
  }
  input_.clear();
  socket_.async_read_some(input_.prepare(drain_bytes),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            if (self->state_ != State::draining) return;
                            if (error)
                              self->close();
                            else
                              self->drain();
                          });
}

void Connection::set_deadline(std::chrono::milliseconds after) {
  deadline_ = Clock::now() + after;
  if (!timer_is_armed_ || deadline_ < timer_.expiry()) arm_timer();
}

void Connection::arm_timer() {
  timer_is_armed_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error == asio::error::operation_aborted || self->state_ == State::closed) return;
    self->timer_is_armed_ = false;
    if (self->deadline_ == Clock::time_point::max()) return;
    if (self->deadline_ > Clock::now()) return self->arm_timer();
    self->on_deadline();
  });
}

void Connection::on_deadline() {
  switch (state_) {
    case State::reading:
      if (is_writing_ || !parser_ || !parser_->has_started()) return close();
      return refuse(408, "The request did not arrive in time");
    case State::handling:
      keeps_alive_ = false;
      return answer(current_.number,
                    error_response({Errc::timeout, "The request took too long", "server"}));
    default: return close();
  }
}

}  // namespace reverie
