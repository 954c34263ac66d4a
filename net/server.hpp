// The sockets: accepts connections, reads requests, hands them to a handler, writes answers.
// N threads, each with an event loop and a bridge actor of its own; a connection stays on its
// thread. Knows nothing of routes.

#pragma once

#include "config/error.hpp"
#include "net/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <caf/fwd.hpp>

namespace reverie {

struct Settings;
class IoBridge;

// What one client may cost. A limit that is passed ends the exchange with the given status and
// the connection with it.
struct ServerLimits {
  // 64 KiB: what common proxies pass on at most. 431.
  std::size_t header_bytes = 64U << 10;
  // Read into one string before the handler is called. 413.
  std::size_t body_bytes = 64U << 20;
  // From the first byte of a request to the end of its header. 408.
  std::chrono::milliseconds header_time{10'000};
  // For the body; a client that sends a large one slowly still has to finish. 408.
  std::chrono::milliseconds body_time{120'000};
  // Between two requests; 75 s is what reverse proxies expect of an upstream. Closed in silence.
  std::chrono::milliseconds idle_time{75'000};
  // From the request to its whole answer; event streams have no limit. Above the longest model
  // call (600 s), so that its own time-out is what clients see. 504.
  std::chrono::milliseconds request_time{900'000};
  // Without a byte accepted by the client while there is something to send. Closed in silence.
  std::chrono::milliseconds write_stall_time{60'000};
  // Accepted by EventStream::send and not yet by the kernel. The stream is cut off; a socket is, by
  // what waits for one of its streams.
  std::size_t stream_queue_bytes = 1U << 20;
  // A WebSocket whose client says nothing for so long is asked whether it lives, and closed after
  // as long again.
  std::chrono::milliseconds ping_time{20'000};
  // Further ones get 503 and are closed.
  std::size_t connections = 16'384;
  // From one address. 503.
  std::size_t connections_per_address = 1'024;
  // Local proxies and tools come from one address on behalf of many.
  bool loopback_is_exempt = true;
};

enum class ExchangeKind : std::uint8_t { request, stream, websocket };

// One answered request, for logs and metrics.
struct ExchangeSummary {
  Method method;
  std::string_view path;
  std::string_view operation_id;  // "" when no operation was found
  std::string_view request_id;
  int status;
  std::size_t response_bytes;
  std::chrono::microseconds duration;  // request read to answer written, or to the end of a
                                       // stream or socket
  ExchangeKind kind;
  bool was_dropped;  // the client went away, or was cut off, before the end
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // a name or an address; "::" takes IPv4 too
  std::uint16_t port = 8283;       // 0: any free one
  std::size_t io_threads = 0;      // 0: min(4, cores)
  std::string path_prefix = {};    // "" or "/letta"
  ServerLimits limits = {};

  // Called on each io thread before its first request, and with the thread's bridge.
  std::function<void(IoBridge&)> on_thread_start = {};
  // Called on an io thread after each exchange.
  std::function<void(const ExchangeSummary&)> on_exchange = {};
};

ServerOptions server_options(const Settings& settings);

// What is open at the moment.
struct ServerGauges {
  std::size_t connections;
  std::size_t exchanges;  // requests that wait for their answer, none of those below
  std::size_t streams;
  std::size_t websockets;
};

class Server {
 public:
  // Listens when it returns. `system` and all that `handler` refers to outlive the server.
  // Errors: unavailable (the address is in use or not ours), invalid_argument (no such host).
  static Result<std::unique_ptr<Server>> start(caf::actor_system& system, ServerOptions options,
                                               Handler handler);
  ~Server();  // abort(), then waits for the threads

  std::uint16_t port() const;
  const std::string& address() const;  // "127.0.0.1", "::1"
  ServerGauges gauges() const;

  // Stops accepting, lets what runs finish until the deadline (answers carry
  // connection: close), then closes what is left, streams too. Returns when all is closed;
  // after it, the bridges are gone and nothing calls the handler. From any thread but ours.
  void stop(std::chrono::milliseconds deadline);

  // Makes a running stop() end at once, or closes everything at once. From any thread.
  void abort();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie
