#include "runtime/mcp/mcp_http.hpp"

#include "runtime/text.hpp"

#include <charconv>
#include <limits>
#include <utility>

namespace reverie {

namespace {

constexpr std::int64_t error_body_max = 16 * 1024;  // bytes
constexpr std::int64_t body_shown_max = 300;        // characters of a server's error that are shown

bool is_success(int status) {
  return status >= 200 && status < 300;
}

}  // namespace

McpExchange::McpExchange(const McpContext& context)
  : loop_(context.loop),
    message_bytes_max_(static_cast<std::size_t>(context.settings->message_bytes_max)),
    reader_(message_bytes_max_) {}

std::shared_ptr<McpExchange> McpExchange::start(const McpContext& context, HttpCall call,
                                                Events events) {
  std::shared_ptr<McpExchange> exchange(new McpExchange(context));
  exchange->events_ = std::move(events);
  // The transfer keeps its call when it is over; the exchange keeps the transfer.
  call.wants_body = [weak = std::weak_ptr(exchange)](const HttpResult& head) -> Result<bool> {
    const auto alive = weak.lock();
    return alive && alive->on_head(head);
  };
  exchange->transfer_ = context.http->start(
    std::move(call), [exchange](std::string_view chunk) { exchange->on_data(chunk); },
    [exchange](Result<HttpResult> result) { exchange->on_done(std::move(result)); });
  return exchange;
}

template <class Do>
void McpExchange::tell(Do what) {
  loop_->post([self = shared_from_this(), what = std::move(what)]() mutable {
    if (!self->is_over_) what(*self);
  });
}

void McpExchange::cancel() {
  if (std::exchange(is_over_, true)) return;
  transfer_->cancel();
  events_ = {};
}

// Whether the body is wanted: of an error a short one is shown.
bool McpExchange::on_head(const HttpResult& head) {
  if (!is_success(head.status)) {
    std::int64_t length = -1;
    const std::string_view text = head.header("content-length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length >= 0 && length <= error_body_max;
  }
  is_stream_ = lower_ascii(head.header("content-type")).starts_with("text/event-stream");
  tell([head](McpExchange& self) {
    const auto on_head = self.events_.on_head;
    if (on_head) on_head(head);
  });
  return true;
}

void McpExchange::on_data(std::string_view chunk) {
  if (!failure_) return;
  if (!is_stream_) {
    if (text_.size() + chunk.size() > message_bytes_max_)
      failure_ = Error{
        Errc::mcp_connection,
        "the MCP server's answer is longer than " + std::to_string(message_bytes_max_) + " bytes",
        "mcp.message_bytes_max"};
    else
      text_ += chunk;
  } else {
    failure_ = reader_.feed(chunk, [this](const SseEvent& event) -> Status {
      tell([name = std::string(event.name), data = std::string(event.data)](McpExchange& self) {
        const auto on_event = self.events_.on_event;  // it may cancel this
        if (on_event) on_event(name, data);
      });
      return {};
    });
    if (!failure_)
      failure_ = Error{Errc::mcp_connection, failure_.error().message, "mcp.message_bytes_max"};
  }
  if (!failure_)
    tell([error = failure_.error()](McpExchange& self) {
      const auto done = std::exchange(self.events_.on_done, nullptr);
      self.cancel();
      done(error, "");
    });
}

void McpExchange::on_done(Result<HttpResult> result) {
  if (!failure_) return;  // it was told
  tell([result = std::move(result), text = std::move(text_)](McpExchange& self) mutable {
    self.is_over_ = true;
    const Events events = std::exchange(self.events_, {});
    events.on_done(std::move(result), std::move(text));
  });
}

HttpCall mcp_call(const McpContext& context, const McpEndpoint& endpoint, std::string method,
                  std::string url, std::int64_t time_ms) {
  HttpCall call;
  call.method = std::move(method);
  call.url = std::move(url);
  call.headers = endpoint.headers;
  call.connect_ms = context.settings->connect_s * 1'000;
  call.total_ms = time_ms;
  call.response_bytes_max = std::numeric_limits<std::int64_t>::max();  // each message has a bound
  call.guard = context.guard;
  return call;
}

Error mcp_failure(const Result<HttpResult>& result) {
  if (!result) {
    const Error& error = result.error();
    if (error.code == Errc::mcp_connection) return error;
    if (error.code == Errc::llm_timeout)
      return {Errc::mcp_timeout, "the MCP server has not answered in time", "mcp"};
    return {Errc::mcp_connection, "the MCP server cannot be reached: " + error.message, "mcp"};
  }
  if (result->status == 401)
    return {Errc::mcp_connection,
            "the MCP server wants an authorization (401): give its token in auth_token or in "
            "custom_headers",
            "mcp"};
  std::string message = "the MCP server answered " + std::to_string(result->status);
  const std::string_view shown = stripped(first_characters(result->body, body_shown_max));
  if (!shown.empty()) message += ": " + as_utf8(shown);
  return {Errc::mcp_connection, std::move(message), "mcp"};
}

}  // namespace reverie
