#include "net/cors.hpp"

#include <algorithm>
#include <array>

namespace reverie {

namespace {

// Where the pages of known clients are served from.
constexpr std::array<std::string_view, 6> known_origins{
  "http://letta.localhost", "http://localhost:8283", "http://localhost:8083",
  "http://localhost:3000",  "http://localhost:4200", "https://app.letta.com"};

constexpr std::string_view all_methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT";
constexpr std::string_view max_age_s = "600";

}  // namespace

Cors::Cors(std::vector<std::string> extra_origins) : origins_(std::move(extra_origins)) {
  allows_all_ = std::find(origins_.begin(), origins_.end(), "*") != origins_.end();
  origins_.insert(origins_.end(), known_origins.begin(), known_origins.end());
}

bool Cors::allows(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

std::optional<HttpResponse> Cors::preflight(const HttpRequest& request) const {
  const std::string* origin = request.headers.find("origin");
  if (request.method != Method::options || !origin
      || !request.headers.find("access-control-request-method"))
    return std::nullopt;
  const bool is_listed = allows(*origin);
  HttpResponse response{200, "OK", "text/plain; charset=utf-8"};
  response.headers.add("vary", "Origin");
  if (!is_listed && !allows_all_) {
    response.status = 400;
    response.body = "Disallowed CORS origin";
    return response;
  }
  response.headers.add("access-control-allow-methods", std::string(all_methods));
  response.headers.add("access-control-max-age", std::string(max_age_s));
  if (const std::string* headers = request.headers.find("access-control-request-headers"))
    response.headers.add("access-control-allow-headers", *headers);
  response.headers.add("access-control-allow-origin", is_listed ? *origin : "*");
  if (is_listed) response.headers.add("access-control-allow-credentials", "true");
  return response;
}

void Cors::decorate(const HttpRequest& request, Exchange& exchange) const {
  const std::string* origin = request.headers.find("origin");
  if (!origin) return;
  const bool is_listed = allows(*origin);
  if (!is_listed && !allows_all_) return;
  exchange.add_header("access-control-allow-origin", is_listed ? *origin : "*");
  exchange.add_header("access-control-expose-headers", "x-request-id");
  if (!is_listed) return;
  exchange.add_header("access-control-allow-credentials", "true");
  exchange.add_header("vary", "Origin");
}

}  // namespace reverie
