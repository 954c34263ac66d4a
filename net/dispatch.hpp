// What stands between the sockets and the routes: CORS, authentication, the pages of the
// server itself (/docs, /openapi.json, /metrics), WebSockets, the match, 404, 405, 501.

#pragma once

#include "net/auth.hpp"
#include "net/cors.hpp"
#include "net/exchange.hpp"
#include "net/metrics.hpp"
#include "net/request_metrics.hpp"
#include "net/route.hpp"
#include "net/route_tree.hpp"
#include "net/server.hpp"
#include "net/websocket_gate.hpp"

#include <memory>
#include <string>
#include <vector>

namespace reverie {

struct DispatcherOptions {
  std::string path_prefix = {};  // "" or "/letta"
  AuthOptions auth = {};
  std::vector<std::string> cors_origins = {};
};

// Shared by all io threads; changes nothing after its constructor.
//
//   Server::start(system, options, [&](HttpRequest request, std::shared_ptr<Exchange> exchange) {
//     dispatcher.dispatch(std::move(request), std::move(exchange));
//   });
class Dispatcher {
 public:
  // A path that is served twice is a bug and asserts. `services` and `metrics` outlive it.
  Dispatcher(RouteTable routes, DispatcherOptions options, Services* services, Metrics& metrics);
  ~Dispatcher();

  void dispatch(HttpRequest request, std::shared_ptr<Exchange> exchange) const;

  // Counts and logs one exchange: for ServerOptions::on_exchange.
  void on_exchange(const ExchangeSummary& summary) const;

  const RouteTable& routes() const { return routes_; }
  const std::string& openapi_text() const { return openapi_; }

 private:
  bool serve_page(const HttpRequest& request, Exchange& exchange) const;
  void serve_route(HttpRequest request, std::shared_ptr<Exchange> exchange) const;

  RouteTable routes_;
  DispatcherOptions options_;
  Services* services_;
  Metrics& metrics_;
  Auth auth_;
  Cors cors_;
  WebSocketGate websockets_;
  RouteTree tree_;  // indexes: routes, then what is not built, then what is hosted only
  std::string openapi_;
  std::unique_ptr<RequestMetrics> request_metrics_;
};

}  // namespace reverie
