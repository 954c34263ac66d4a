// /v1/health, /v1/ready and the operator's own: what is said about the server itself.

#include "config/json_writer.hpp"
#include "config/version.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

struct CheckHealth {
  static constexpr std::string_view type_name = "CheckHealth";
  static constexpr auto fields() { return std::tuple{}; }
};

void check_health(Call<CheckHealth> call) {
  std::string json;
  JsonObjectWriter{json}
    .add("version", api_release)
    .add("status", "ok")
    .add("reverie_version", release);
  call.reply_json(std::move(json));
}

}  // namespace

RouteTable health_routes() {
  return {
    route(Method::get, "/v1/health/", "check_health", "health", returns_object, check_health),
    route(Method::get, "/v1/ready/", "check_readiness", "health", returns_object, check_health),
    route(Method::post, "/v1/admin/backup", "create_backup", "admin", returns_object,
          pass_on<CreateBackup>),
  };
}

}  // namespace reverie
