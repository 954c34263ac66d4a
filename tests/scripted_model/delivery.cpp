#include "tests/scripted_model/delivery.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <boost/beast/http/status.hpp>

namespace reverie::scripted {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours hang_time{1};  // longer than any client waits
constexpr auto never = std::numeric_limits<std::size_t>::max();

std::string response_head(const Response& response, bool keeps_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += http::obsolete_reason(static_cast<http::status>(response.status));
  if (response.events)
    head +=
      "\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache"
      "\r\nTransfer-Encoding: chunked";
  else
    head += "\r\nContent-Type: application/json\r\nContent-Length: "
            + std::to_string(response.body.size());
  if (response.may_retry_at_once) head += "\r\nRetry-After: 0";
  if (!keeps_alive) head += "\r\nConnection: close";
  return head += "\r\n\r\n";
}

void append_chunk(std::string& out, std::string_view data) {
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16).ptr;
  ((out.append(digits.data(), end) += "\r\n") += data) += "\r\n";
}

bool is_written_at_once(const Response& response) {
  return response.is_coalesced && response.gap.count() == 0 && !response.hang_after
         && !response.drop_after;
}

// The end of an answer that a script breaks off: at once, or after nothing for a long time.
asio::awaitable<Delivery> break_off(Connection& connection, bool hangs) {
  if (!hangs) co_return Delivery::dropped;
  const bool is_there = co_await connection.sleep_until(Clock::now() + hang_time);
  co_return is_there ? Delivery::dropped : Delivery::aborted;
}

// Event by event. What waits for nothing goes out together with what comes next, unless the
// client is to see every event alone.
asio::awaitable<Delivery> deliver_events(Connection& connection, const Response& response,
                                         std::string out) {
  const EventStream& events = *response.events;
  const bool is_paced = response.gap.count() > 0;
  Clock::time_point due = Clock::now();
  std::size_t sent = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto event = events[i];
    const bool drops = event.is_payload && sent >= response.drop_after.value_or(never);
    const bool hangs = event.is_payload && sent >= response.hang_after.value_or(never);
    const bool is_late = event.is_payload && is_paced;
    if (drops || hangs || is_late || !response.is_coalesced) {
      if (!co_await connection.write(out)) co_return Delivery::aborted;
      out.clear();
    }
    if (drops || hangs) co_return co_await break_off(connection, !drops);
    if (is_late) {
      due += response.gap;
      if (!co_await connection.sleep_until(due)) co_return Delivery::aborted;
    }
    if (event.is_payload) ++sent;
    append_chunk(out, event.text);
  }
  out += "0\r\n\r\n";
  co_return co_await connection.write(out) ? Delivery::done : Delivery::aborted;
}

}  // namespace

asio::awaitable<Delivery> deliver(Connection& connection, const Response& response,
                                  bool keeps_alive) {
  const auto wait = response.hangs ? hang_time : std::chrono::microseconds(response.wait);
  if (wait.count() > 0 && !co_await connection.sleep_until(Clock::now() + wait))
    co_return Delivery::aborted;

  std::string out = response_head(response, keeps_alive);
  if (response.events && !is_written_at_once(response))
    co_return co_await deliver_events(connection, response, std::move(out));
  if (response.events) {
    append_chunk(out, response.events->text());
    out += "0\r\n\r\n";
  }
  // A fault in the middle of an answer that is not streamed comes after half of it.
  const bool breaks = !response.events && (response.hang_after || response.drop_after);
  out.append(response.body, 0, breaks ? response.body.size() / 2 : std::string::npos);
  if (!co_await connection.write(out)) co_return Delivery::aborted;
  if (breaks) co_return co_await break_off(connection, !response.drop_after);
  co_return Delivery::done;
}

}  // namespace reverie::scripted
