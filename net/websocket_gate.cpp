#include "net/websocket_gate.hpp"

#include "actors/services.hpp"
#include "net/gateway.hpp"
#include "net/origin.hpp"
#include "net/websocket_handshake.hpp"
#include "net/websocket_session.hpp"

#include <utility>

namespace reverie {

namespace {

// Of a run whose agent the client need not know. Over HTTP runs are cancelled by their agent.
struct CancelRun {
  std::string run_id;

  static constexpr std::string_view type_name = "CancelRun";
  static constexpr auto fields() {
    return std::tuple{field(1, "run_id", &CancelRun::run_id).from(In::path)};
  }
};

void cancel_run(Call<CancelRun> call) {
  CancelRuns cancel;
  cancel.run_ids = std::vector<std::string>{call.request().run_id};
  forward(call, call.request().run_id, std::move(cancel));
}

}  // namespace

WebSocketGate::WebSocketGate(const RouteTable& routes, const Auth& auth, const Cors& cors,
                             Services* services)
  : auth_(auth),
    cors_(cors),
    services_(services),
    cancel_run_(route(Method::post, "/v1/runs/{run_id}/cancel", "cancel_run", "runs",
                      returns<std::map<std::string, std::string>>, cancel_run)) {
  for (const Route& each : routes) routes_.emplace(each.operation_id, &each);
  routes_.emplace(cancel_run_.operation_id, &cancel_run_);
}

bool WebSocketGate::admits_origin(const HttpRequest& request) const {
  const std::string* origin = request.headers.find("origin");
  if (!origin) return true;  // no browser
  return cors_.admits(*origin)
         || is_own_origin(*origin, request.headers.get("host"), auth_.is_secure());
}

void WebSocketGate::accept(HttpRequest request, std::shared_ptr<Exchange> exchange) const {
  exchange->set_operation(websocket_operation);
  if (!admits_origin(request))
    return exchange->respond(
      detail_response(403, "Pages of this origin may not open a WebSocket: server.cors_origins"));
  if (const auto token = offered_token(request))
    request.headers.set("authorization", "Bearer " + *token);
  if (!auth_.allows(request)) return exchange->respond(Auth::refusal(request));
  auto read = read_handshake(request);
  if (read.refusal) return exchange->respond(*std::move(read.refusal));
  open(request, read.handshake, std::move(exchange));
}

void WebSocketGate::open(const HttpRequest& request, const WebSocketHandshake& handshake,
                         std::shared_ptr<Exchange> exchange) const {
  auto identity = auth_.identify(request);
  if (!identity) return exchange->respond(error_response(identity.error()));
  const auto size = [](std::int64_t value) { return static_cast<std::size_t>(value); };
  const Settings& settings = *services_->settings;
  const WebSocketSessionLimits limits{size(settings.streams.websocket_runs_max),
                                      size(settings.server.stream_queue_bytes_max)};
  // What the frames have in common.
  HttpRequest common;
  common.method = Method::post;
  common.request_id = request.request_id;
  common.client = request.client;
  auto serve = [this, identity = *std::move(identity), common = std::move(common)](
                 ClientFrame frame, std::shared_ptr<Exchange> of_frame) {
    this->serve(std::move(frame), identity, common, std::move(of_frame));
  };
  auto session = std::make_shared<WebSocketSession>(exchange, limits, std::move(serve));
  exchange->open_websocket(handshake, std::move(session));
}

void WebSocketGate::serve(ClientFrame frame, const Identity& identity, const HttpRequest& common,
                          std::shared_ptr<Exchange> exchange) const {
  const auto found = routes_.find(frame.operation_id);
  if (found == routes_.end())
    return exchange->respond(detail_response(404, "There is no such operation"));
  HttpRequest request = common;
  request.path = found->second->path;
  run_route(*found->second, {frame.path_value},
            CallBase(std::move(request), identity, std::move(exchange), services_),
            std::move(frame.body));
}

}  // namespace reverie
