#include "runtime/mcp/mcp_session.hpp"

#include "config/log_line.hpp"

#include <utility>

namespace reverie {

namespace {

// Each is answered; a server that asks without an end is not talked to.
constexpr std::int64_t foreign_requests_max = 10'000;
constexpr std::int64_t notify_ms = 5'000;

Error answered_with(const RpcMessage& message) {
  return {Errc::upstream,
          message.error_message.empty() ? "error " + std::to_string(message.error_code)
                                        : message.error_message,
          "mcp"};
}

}  // namespace

McpSession::McpSession(const McpContext& context, const McpEndpoint& endpoint)
  : context_(context), endpoint_(endpoint), transport_(make_mcp_transport(context, endpoint)) {}

void McpSession::start(Events events) {
  events_ = std::move(events);
  const std::weak_ptr<McpSession> weak = weak_from_this();
  McpTransportEvents from;
  from.on_open = [weak] {
    if (const auto self = weak.lock()) self->send_initialize();
  };
  from.on_message = [weak](std::string_view text) {
    if (const auto self = weak.lock()) self->on_text(text);
  };
  from.on_failed = [weak](std::int64_t request, Error error) {
    if (const auto self = weak.lock()) self->on_failed(request, std::move(error));
  };
  from.on_end = [weak](const Error& error) {
    if (const auto self = weak.lock()) self->end(error);
  };
  connect_timer_ = context_.loop->after(std::chrono::seconds(context_.settings->connect_s), [weak] {
    if (const auto self = weak.lock())
      self->end({Errc::mcp_timeout, "the MCP server has not introduced itself in time", "mcp"});
  });
  transport_->start(std::move(from));
}

void McpSession::send_initialize() {
  if (phase_ != Phase::opening) return;
  const std::int64_t id = ++last_request_;
  Pending& pending = pending_[id];
  pending.is_initialize = true;  // its time is that of the connect
  pending.on_answer = [this](const Result<Json>& result) { on_initialized(result); };
  transport_->send(
    {rpc_request(id, "initialize", initialize_params()), id, context_.settings->connect_s * 1'000});
}

void McpSession::on_initialized(const Result<Json>& result) {
  if (phase_ != Phase::opening) return;
  auto info = result ? read_initialize(*result) : Result<McpServerInfo>(result.error());
  if (!info) {
    Error error = std::move(info).error();
    if (error.code == Errc::upstream) error.code = Errc::mcp_connection;
    return end(error);
  }
  context_.loop->drop(connect_timer_);
  server_ = *std::move(info);
  phase_ = Phase::ready;
  transport_->on_initialized(server_->version);
  notify("notifications/initialized", Json());
  for (auto& [id, pending] : pending_)
    if (pending.waiting) transport_->send(*std::exchange(pending.waiting, std::nullopt));
}

std::int64_t McpSession::request(const std::string& method, const Json& params,
                                 std::int64_t time_ms, std::vector<HttpHeader> headers,
                                 OnAnswer on_answer) {
  const std::int64_t id = ++last_request_;
  if (phase_ == Phase::over) {
    on_answer(Error{Errc::gone, "the session with the MCP server is over", "mcp"});
    return id;
  }
  Pending& pending = pending_[id];
  pending.on_answer = std::move(on_answer);
  pending.time_ms = time_ms;
  pending.timer =
    context_.loop->after(std::chrono::milliseconds(time_ms), [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->on_timeout(id);
    });
  McpOutgoing out{rpc_request(id, method, params), id, time_ms, std::move(headers)};
  if (phase_ == Phase::ready)
    transport_->send(std::move(out));
  else
    pending.waiting = std::move(out);
  return id;
}

void McpSession::cancel(std::int64_t request, const std::string& why) {
  const auto found = pending_.find(request);
  if (found == pending_.end()) return;
  const bool was_sent = !found->second.waiting;
  context_.loop->drop(found->second.timer);
  pending_.erase(found);
  if (phase_ == Phase::ready && was_sent) {
    notify("notifications/cancelled", {{"requestId", request}, {"reason", why}});
    transport_->settle(request);
  }
  let_transport_go();
}

void McpSession::on_timeout(std::int64_t request) {
  auto found = pending_.extract(request);
  if (!found) return;
  if (phase_ == Phase::ready) {
    notify("notifications/cancelled", {{"requestId", request}, {"reason", "it took too long"}});
    transport_->settle(request);
  }
  found.mapped().on_answer(Error{
    Errc::mcp_timeout,
    "the MCP server has not answered within " + std::to_string(found.mapped().time_ms) + " ms",
    "mcp"});
  let_transport_go();
}

void McpSession::on_text(std::string_view text) {
  const auto alive = shared_from_this();
  auto messages = read_rpc(text);
  if (!messages) {
    problem_ = messages.error().message;
    log_debug("mcp: what came is no message server={} bytes={}", endpoint_.server_id, text.size());
    return;
  }
  for (RpcMessage& message : *messages) on_message(message);
}

void McpSession::on_message(RpcMessage& message) {
  switch (message.kind) {
    case RpcMessage::Kind::request: return on_request(message);
    case RpcMessage::Kind::notification:
      if (message.method == "notifications/tools/list_changed" && events_.on_tools_changed)
        events_.on_tools_changed();
      return;
    case RpcMessage::Kind::result:
      if (message.id.is_number_integer())
        answer(message.id.get<std::int64_t>(), std::move(message.result));
      return;
    case RpcMessage::Kind::error:
      if (message.id.is_number_integer())
        answer(message.id.get<std::int64_t>(), answered_with(message));
      else
        problem_ = answered_with(message).message;
      return;
  }
}

// Whether we are there is answered; what a server would have of a client's model, files and people
// is not given.
void McpSession::on_request(const RpcMessage& message) {
  if (phase_ == Phase::over) return;
  if (++foreign_requests_ > foreign_requests_max)
    return end({Errc::mcp_connection, "the MCP server asks without an end", "mcp"});
  transport_->send({message.method == "ping"
                      ? rpc_result(message.id, Json::object())
                      : rpc_error(message.id, rpc_method_not_found, "Method not found"),
                    0, notify_ms});
}

void McpSession::answer(std::int64_t request, Result<Json> result) {
  auto found = pending_.extract(request);
  if (!found) return;  // it was not waited for any more
  context_.loop->drop(found.mapped().timer);
  if (transport_) transport_->settle(request);
  found.mapped().on_answer(std::move(result));
  let_transport_go();
}

void McpSession::on_failed(std::int64_t request, Error error) {
  const auto alive = shared_from_this();
  if (!pending_.contains(request)) return;
  if (!problem_.empty() && error.code == Errc::mcp_connection)
    error.message += " (" + std::exchange(problem_, {}) + ")";
  // Others under way in the session may have been taken, and are waited for.
  if (error.code == Errc::gone && phase_ == Phase::ready) {
    phase_ = Phase::over;
    if (const auto on_end = std::exchange(events_, {}).on_end) on_end();
  }
  answer(request, std::move(error));
}

void McpSession::notify(std::string_view method, const Json& params) {
  transport_->send({rpc_notification(method, params), 0, notify_ms});
}

void McpSession::close(Error why) {
  end(why);
}

void McpSession::end(const Error& why) {
  const auto alive = shared_from_this();
  const bool was_opening = phase_ == Phase::opening;
  const bool was_open = std::exchange(phase_, Phase::over) != Phase::over;
  context_.loop->drop(connect_timer_);
  const Events events = std::exchange(events_, {});
  if (was_open && events.on_end) events.on_end();
  auto pending = std::exchange(pending_, {});
  let_transport_go();
  for (auto& [id, each] : pending) {
    context_.loop->drop(each.timer);
    if (each.is_initialize) continue;
    Error error = why;
    if (was_opening && error.code == Errc::gone) error.code = Errc::mcp_connection;
    each.on_answer(std::move(error));
  }
}

// When it is over and nothing is waited for. Later: it may be what has called us.
void McpSession::let_transport_go() {
  if (phase_ != Phase::over || !pending_.empty() || !transport_) return;
  transport_->close();
  context_.loop->post([transport = std::shared_ptr<McpTransport>(std::move(transport_))] {});
}

std::unique_ptr<McpTransport> make_mcp_transport(const McpContext& context,
                                                 const McpEndpoint& endpoint) {
  switch (endpoint.kind) {
    case McpTransportKind::stdio: return make_stdio_transport(context, endpoint);
    case McpTransportKind::sse: return make_sse_transport(context, endpoint);
    default: return make_http_transport(context, endpoint);
  }
}

}  // namespace reverie
