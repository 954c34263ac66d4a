#include "net/request_metrics.hpp"

#include <algorithm>
#include <string>

namespace reverie {

namespace {

constexpr std::string_view unknown_operation = "unknown";

}  // namespace

RequestMetrics::RequestMetrics(Metrics& metrics)
  : metrics_(metrics),
    request_ms_(metrics.histogram("request_duration_ms",
                                  "Time from a request to its answer, in milliseconds.",
                                  duration_buckets_ms())),
    stream_ms_(metrics.histogram("sse_duration_ms",
                                 "How long event streams were open, in milliseconds.",
                                 duration_buckets_ms())),
    websocket_ms_(metrics.histogram("websocket_duration_ms",
                                    "How long WebSockets were open, in milliseconds.",
                                    duration_buckets_ms())),
    stream_drops_(metrics.counter(
      "sse_disconnect_total", "Event streams whose client left or was cut off before the end.")),
    timeouts_(metrics.counter("request_timeout_total", "Requests that passed their time limit.")) {
  add_operation(unknown_operation);
}

void RequestMetrics::add_operation(std::string_view operation_id) {
  operations_.try_emplace(operation_id);
}

void RequestMetrics::count(const ExchangeSummary& summary) {
  auto found = operations_.find(summary.operation_id);
  if (found == operations_.end()) found = operations_.find(unknown_operation);
  counter(found->first, found->second, summary.status).add();
  const double ms = static_cast<double>(summary.duration.count()) / 1'000;
  switch (summary.kind) {
    case ExchangeKind::request:
      request_ms_.observe(ms);
      if (summary.status == 504) timeouts_.add();
      return;
    case ExchangeKind::stream:
      stream_ms_.observe(ms);
      if (summary.was_dropped) stream_drops_.add();
      return;
    case ExchangeKind::websocket: return websocket_ms_.observe(ms);
  }
}

Counter& RequestMetrics::counter(std::string_view operation_id, Operation& operation, int status) {
  const auto known = std::lower_bound(statuses.begin(), statuses.end(), status);
  const bool is_known = known != statuses.end() && *known == status;
  const auto index =
    is_known ? static_cast<std::size_t>(known - statuses.begin()) : statuses.size();
  std::atomic<Counter*>& place = operation[index];
  if (Counter* used_before = place.load(std::memory_order_acquire)) return *used_before;
  Counter& fresh =
    metrics_.counter("count_endpoint_requests", "Answered requests by operation and status.",
                     {{"operation", std::string(operation_id)},
                      {"status", is_known ? std::to_string(status) : "other"}});
  place.store(&fresh, std::memory_order_release);
  return fresh;
}

void add_server_metrics(Metrics& metrics, const Server& server) {
  metrics.gauge_from("http_open_connections", "Connections of clients.",
                     [&server] { return static_cast<double>(server.gauges().connections); });
  metrics.gauge_from("in_flight_foreground", "Requests that wait for their answer.",
                     [&server] { return static_cast<double>(server.gauges().exchanges); });
  metrics.gauge_from("sse_active_sessions", "Open event streams.",
                     [&server] { return static_cast<double>(server.gauges().streams); });
  metrics.gauge_from("websocket_active_sessions", "Open WebSockets.",
                     [&server] { return static_cast<double>(server.gauges().websockets); });
}

}  // namespace reverie
