// /v1/health, /v1/ready and the operator's own: what is said about the server itself.

#include "config/json_text.hpp"
#include "config/version.hpp"
#include "net/gateway.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

struct CheckHealth {
  static constexpr std::string_view type_name = "CheckHealth";
  static constexpr auto fields() { return std::tuple{}; }
};

struct Health {
  std::string version{api_release};
  std::string status = "ok";
  std::string reverie_version{release};
  std::optional<std::string> sandbox;

  static constexpr std::string_view type_name = "Health";
  static constexpr auto fields() {
    return std::tuple{
      field(1, "version", &Health::version, "The release of the API that is spoken."),
      field(2, "status", &Health::status),
      field(3, "reverie_version", &Health::reverie_version, "The release of this server."),
      field(4, "sandbox", &Health::sandbox,
            "How far code of tools is kept apart: isolated, process, or none, and none runs."),
    };
  }
};

void check_health(Call<CheckHealth> call) {
  Health health;
  if (const LevelWatch* watch = call.services().sandbox_level)
    if (const auto level = watch->level()) health.sandbox = std::string(to_string(*level));
  call.reply_json(json_text(health));
}

}  // namespace

RouteTable health_routes() {
  return {
    route(Method::get, "/v1/health/", "check_health", "health", returns<Health>, check_health),
    route(Method::get, "/v1/ready/", "check_readiness", "health", returns<Health>, check_health),
    route(Method::post, "/v1/admin/backup", "create_backup", "admin",
          returns<std::map<std::string, std::string>>, pass_on<CreateBackup>),
  };
}

}  // namespace reverie
