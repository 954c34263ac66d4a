// What /metrics says of requests and of the server's sockets.

#pragma once

#include "net/metrics.hpp"
#include "net/server.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>
#include <unordered_map>

namespace reverie {

// Counts without a lock. Operations are added before the first request.
class RequestMetrics {
 public:
  explicit RequestMetrics(Metrics& metrics);

  // `operation_id` outlives this.
  void add_operation(std::string_view operation_id);

  void count(const ExchangeSummary& summary);

 private:
  // The statuses that this server sends; all others count as the last, "other".
  static constexpr std::array statuses{101, 200, 201, 202, 204, 304, 307, 400, 401, 402,
                                       403, 404, 405, 408, 409, 410, 413, 415, 422, 426,
                                       429, 431, 500, 501, 502, 503, 504, 505};
  using Operation = std::array<std::atomic<Counter*>, statuses.size() + 1>;

  Counter& counter(std::string_view operation_id, Operation& operation, int status);

  Metrics& metrics_;
  std::unordered_map<std::string_view, Operation> operations_;
  Histogram& request_ms_;
  Histogram& stream_ms_;
  Histogram& websocket_ms_;
  Counter& stream_drops_;
  Counter& timeouts_;
};

// Open connections, requests and streams of a server that outlives the metrics' readers.
void add_server_metrics(Metrics& metrics, const Server& server);

}  // namespace reverie
