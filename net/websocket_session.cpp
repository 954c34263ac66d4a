#include "net/websocket_session.hpp"

#include "config/log_line.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <utility>

namespace reverie {

namespace {

// The request that a frame is. Its answer is a frame, too.
class FrameExchange final : public Exchange {
 public:
  FrameExchange(std::shared_ptr<WebSocketSession> session, std::string id, std::uint64_t call)
    : session_(std::move(session)), id_(std::move(id)), call_(call) {}
  ~FrameExchange() override {
    respond(error_response({Errc::internal, "a handler gave no answer", "exchange"}));
  }

  void respond(HttpResponse response) override {
    if (is_answered_.exchange(true)) return;
    session_->run([session = session_, id = id_, call = call_, response = std::move(response)] {
      session->answer(id, call, response);
    });
  }
  std::shared_ptr<EventStream> open_stream(int, std::string_view, const Headers&) override {
    is_answered_ = true;
    return session_->open_stream(id_, call_);
  }
  // A frame asks for no socket.
  void open_websocket(const WebSocketHandshake&, std::shared_ptr<WebSocketHandler>) override {}
  IoBridge& bridge() override { return session_->bridge(); }
  void run(std::function<void()> task) override { session_->run(std::move(task)); }
  // Frames have no headers, and the socket is counted as a whole.
  void add_header(std::string_view, std::string) override {}
  void set_operation(std::string_view) override {}

 private:
  std::shared_ptr<WebSocketSession> session_;
  std::string id_;
  std::uint64_t call_;
  std::atomic<bool> is_answered_{false};
};

bool starts_run(FrameType type) {
  return type == FrameType::send || type == FrameType::approve || type == FrameType::resume;
}

}  // namespace

WebSocketSession::WebSocketSession(std::shared_ptr<Exchange> handshake,
                                   WebSocketSessionLimits limits, Serve serve)
  : handshake_(std::move(handshake)), limits_(limits), serve_(std::move(serve)) {}

void WebSocketSession::on_text(std::string_view text) {
  std::string id;
  auto frame = read_client_frame(text, id);
  if (!frame) return refuse(id, frame.error());
  handle(*std::move(frame));
}

void WebSocketSession::handle(ClientFrame frame) {
  if (frame.type == FrameType::ping) return write(pong_frame(frame.id), nullptr);
  if (frame.type == FrameType::leave) return leave(frame.id);
  if (calls_.contains(frame.id))
    return refuse("", {Errc::conflict, "the id '" + frame.id + "' is in use on this socket", "id"});
  const bool is_run = starts_run(frame.type);
  if (is_run && is_stopping_)
    return refuse(frame.id, {Errc::unavailable, "the server is stopping", "server"});
  const auto alike = std::count_if(calls_.begin(), calls_.end(),
                                   [&](const auto& call) { return call.second.is_run == is_run; });
  if (static_cast<std::size_t>(alike) >= limits_.runs)
    return refuse(frame.id, {Errc::too_many,
                             "this socket has as many requests under way as "
                             "streams.websocket_runs_max allows",
                             "id"});
  start(std::move(frame));
}

void WebSocketSession::start(ClientFrame frame) {
  const std::uint64_t number = ++last_call_;
  calls_.emplace(frame.id, Call{number, starts_run(frame.type), {}});
  auto exchange = std::make_shared<FrameExchange>(shared_from_this(), frame.id, number);
  try {
    serve_(std::move(frame), exchange);
  } catch (const std::exception& exception) {
    exchange->respond(error_response({Errc::internal, exception.what(), "handler"}));
  }
}

// What is queued of it still comes, then the answer, then nothing. One that is over is left
// already.
void WebSocketSession::leave(const std::string& id) {
  if (const auto call = calls_.extract(id))
    if (const auto stream = call.mapped().stream.lock()) stream->on_client_gone();
  write(left_frame(id), nullptr);
  if (is_stopping_) on_server_stopping();
}

// A wrong frame does not pass for the end of what runs under its id.
void WebSocketSession::refuse(const std::string& id, const Error& error) {
  const HttpResponse response = error_response(error);
  write(error_frame(calls_.contains(id) ? "" : id, response.status, response.body), nullptr);
}

void WebSocketSession::on_server_stopping() {
  is_stopping_ = true;
  if (socket_ && calls_.empty()) socket_->close(CloseCode::going_away, "the server stops");
}

void WebSocketSession::on_closed() {
  const auto self = shared_from_this();
  socket_ = nullptr;
  for (const auto& [id, call] : std::exchange(calls_, {}))
    if (const auto stream = call.stream.lock()) stream->on_client_gone();
}

bool WebSocketSession::is_current(const std::string& id, std::uint64_t call) const {
  const auto found = calls_.find(id);
  return found != calls_.end() && found->second.number == call;
}

void WebSocketSession::answer(const std::string& id, std::uint64_t call,
                              const HttpResponse& response) {
  if (!is_current(id, call)) return;
  const bool is_result = response.status < 300;
  write(
    is_result ? result_frame(id, response.body) : error_frame(id, response.status, response.body),
    nullptr);
  end(id, call);
}

std::shared_ptr<EventStream> WebSocketSession::open_stream(const std::string& id,
                                                           std::uint64_t call) {
  auto stream = std::make_shared<FrameStream>(shared_from_this(), id, call);
  if (is_current(id, call))
    calls_.at(id).stream = stream;
  else
    stream->on_client_gone();
  return stream;
}

void WebSocketSession::write(std::string text, std::shared_ptr<SentListener> listener) {
  if (socket_) socket_->send(std::move(text), std::move(listener));
}

void WebSocketSession::end(const std::string& id, std::uint64_t call) {
  if (!is_current(id, call)) return;
  const auto ended = calls_.extract(id);
  if (const auto stream = ended.mapped().stream.lock()) stream->on_end();
  if (is_stopping_) on_server_stopping();
}

void WebSocketSession::cut_off(const std::string& id) {
  log_info("websocket: a run's reader is too slow id={}", id);
  if (const auto socket = socket_) socket->drop();
}

std::shared_ptr<FrameStream> FrameStream::self() {
  return std::static_pointer_cast<FrameStream>(shared_from_this());
}

void FrameStream::send(std::shared_ptr<const std::string> bytes) {
  if (!add_queued(bytes->size())) return;
  run([stream = self(), bytes = std::move(bytes)] { stream->write(*bytes); });
}

void FrameStream::write(const std::string& bytes) {
  const std::string_view data = sse_data(bytes);
  unsent_.push_back(bytes.size());
  // One event that is larger than the bound is no sign of a slow reader.
  if (unsent_.size() > 1 && queued_bytes() > session_->stream_queue_bytes())
    return session_->cut_off(id_);
  const bool is_end = data == sse_data(sse_done);
  session_->write(is_end ? done_frame(id_, run_id_) : event_frame(id_, run_id_, data), self());
}

void FrameStream::on_text_sent() {
  const std::size_t bytes = unsent_.front();
  unsent_.pop_front();
  on_sent(1, bytes);
}

void FrameStream::name_run(const std::string& run_id) {
  run([stream = self(), run_id] {
    stream->run_id_ = run_id;
    if (stream->is_open()) stream->session_->write(started_frame(stream->id_, run_id), nullptr);
  });
}

void FrameStream::close() {
  if (!OpenStream::end()) return;
  session_->run([session = session_, id = id_, call = call_] { session->end(id, call); });
}

}  // namespace reverie
