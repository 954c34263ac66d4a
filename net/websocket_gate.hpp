// GET /v1/ws: who may open a WebSocket, and what its frames do. The protocol: docs/websocket.md.

#pragma once

#include "net/auth.hpp"
#include "net/cors.hpp"
#include "net/exchange.hpp"
#include "net/route.hpp"
#include "net/websocket_frames.hpp"

#include <memory>
#include <string_view>
#include <unordered_map>

namespace reverie {

inline constexpr std::string_view websocket_path = "/v1/ws";
inline constexpr std::string_view websocket_operation = "websocket";

// Shared by all io threads; changes nothing after its constructor.
class WebSocketGate {
 public:
  // All outlive it.
  WebSocketGate(const RouteTable& routes, const Auth& auth, const Cors& cors, Services* services);

  // Answers 101, or 400, 401, 403, 405 or 426.
  void accept(HttpRequest request, std::shared_ptr<Exchange> exchange) const;

 private:
  bool admits_origin(const HttpRequest& request) const;
  void open(const HttpRequest& request, const WebSocketHandshake& handshake,
            std::shared_ptr<Exchange> exchange) const;
  void serve(ClientFrame frame, const Identity& identity, const HttpRequest& common,
             std::shared_ptr<Exchange> exchange) const;

  const Auth& auth_;
  const Cors& cors_;
  Services* services_;
  Route cancel_run_;
  std::unordered_map<std::string_view, const Route*> routes_;  // by operation
};

}  // namespace reverie
