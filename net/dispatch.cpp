#include "net/dispatch.hpp"

#include "config/log_line.hpp"
#include "net/docs_page.hpp"
#include "net/not_built.hpp"
#include "net/openapi.hpp"

#include <cassert>
#include <optional>

namespace reverie {

namespace {

bool is_server_page(std::string_view path) {
  return path == "/" || path == "/openapi.json" || path == "/metrics" || path == "/redoc"
         || path == "/docs" || path.starts_with("/docs/");
}

}  // namespace

Dispatcher::Dispatcher(RouteTable routes, DispatcherOptions options, Services* services,
                       Metrics& metrics)
  : routes_(std::move(routes)),
    options_(std::move(options)),
    services_(services),
    metrics_(metrics),
    auth_(options_.auth),
    cors_(options_.cors_origins),
    websockets_(routes_, auth_, cors_, services),
    request_metrics_(std::make_unique<RequestMetrics>(metrics)) {
  request_metrics_->add_operation(websocket_operation);
  int index = 0;
  const auto add = [&](Method method, std::string_view path) {
    [[maybe_unused]] const bool is_new = tree_.add(method, path, index++);
    assert(is_new);
  };
  for (const Route& route : routes_) {
    add(route.method, route.path);
    request_metrics_->add_operation(route.operation_id);
  }
  for (const ContractOperation& operation : not_built_operations()) {
    add(operation.method, operation.path);
    request_metrics_->add_operation(operation.operation_id);
  }
  for (const ContractOperation& operation : hosted_only_operations())
    add(operation.method, operation.path);
  const std::string url = options_.path_prefix.empty() ? "/" : options_.path_prefix;
  openapi_ = openapi_document(routes_, url, options_.auth.is_secure).dump();
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::dispatch(HttpRequest request, std::shared_ptr<Exchange> exchange) const {
  if (auto preflight = cors_.preflight(request)) return exchange->respond(*std::move(preflight));
  cors_.decorate(request, *exchange);
  if (request.path == websocket_path)
    return websockets_.accept(std::move(request), std::move(exchange));
  if (!auth_.allows(request)) return exchange->respond(Auth::refusal(request));
  if (is_server_page(request.path) && serve_page(request, *exchange)) return;
  serve_route(std::move(request), std::move(exchange));
}

// /, /docs, /redoc, /openapi.json and /metrics. False when there is no such page.
bool Dispatcher::serve_page(const HttpRequest& request, Exchange& exchange) const {
  std::optional<HttpResponse> response;
  if (request.path == "/") {
    response = HttpResponse{307, "", ""};
    response->headers.add("location", options_.path_prefix + "/docs");
  } else if (request.path == "/openapi.json") {
    response = HttpResponse{200, openapi_};
  } else if (request.path == "/metrics") {
    response = HttpResponse{200, metrics_.text(), std::string(metrics_content_type)};
  } else {
    response = docs_response(request.path, options_.path_prefix);
  }
  if (!response) return false;
  if (request.method != Method::get) {
    response = detail_response(405, "Method Not Allowed");
    response->headers.add("allow", "GET");
  }
  exchange.respond(*std::move(response));
  return true;
}

void Dispatcher::serve_route(HttpRequest request, std::shared_ptr<Exchange> exchange) const {
  const RouteMatch match = tree_.find(request.method, request.segments);
  if (match.index < 0) {
    const bool is_path = !match.allow.empty();
    auto response =
      is_path ? detail_response(405, "Method Not Allowed") : detail_response(404, "Not Found");
    if (is_path) response.headers.add("allow", match.allow);
    return exchange->respond(std::move(response));
  }
  const auto index = static_cast<std::size_t>(match.index);
  if (index >= routes_.size()) {
    const auto missing = not_built_operations();
    if (index - routes_.size() >= missing.size())
      return exchange->respond(detail_response(404, "Not Found"));
    const std::string_view id = missing[index - routes_.size()].operation_id;
    exchange->set_operation(id);
    return exchange->respond(not_built_response(id));
  }
  const Route& route = routes_[index];
  exchange->set_operation(route.operation_id);
  auto identity = auth_.identify(request);
  if (!identity) return exchange->respond(error_response(identity.error()));
  run_route(route, match.values,
            CallBase(std::move(request), *std::move(identity), std::move(exchange), services_));
}

void Dispatcher::on_exchange(const ExchangeSummary& summary) const {
  request_metrics_->count(summary);
  log_debug(
    "http: answered method={} path={} status={} operation={} request_id={} us={} "
    "bytes={} dropped={}",
    to_string(summary.method), summary.path, summary.status, summary.operation_id,
    summary.request_id, summary.duration.count(), summary.response_bytes, summary.was_dropped);
}

}  // namespace reverie
