// Who asks: the server's password, and the user that a request acts for.

#pragma once

#include "config/error.hpp"
#include "net/http.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace reverie {

// The actor of requests that name none; both rows exist from the first start on.
constexpr std::string_view default_user_id = "user-00000000-0000-4000-8000-000000000000";
constexpr std::string_view default_org_id = "org-00000000-0000-4000-8000-000000000000";

struct Identity {
  std::string org_id{default_org_id};
  std::string user_id{default_user_id};
};

struct AuthOptions {
  bool is_secure = false;  // off: every request passes, whatever token it carries
  std::string password;    // empty: nobody has it
  // The user of an id that is well formed; nothing: the default user acts.
  std::function<std::optional<Identity>(std::string_view user_id)> find_user = {};
};

class Auth {
 public:
  explicit Auth(AuthOptions options);

  // Whether the request carries the password: `Authorization: Bearer <password>`,
  // `Authorization: Basic` with any user, or `X-BARE-PASSWORD: password <password>`. Health and
  // readiness are open to all. Takes the same time for every wrong password.
  bool allows(const HttpRequest& request) const;

  bool is_secure() const { return options_.is_secure; }

  // From the header `user_id`. Errors: bad_request when it is no user id.
  Result<Identity> identify(const HttpRequest& request) const;

  // 401; asks a browser that opens a page for the password, and git, which sends none unasked.
  static HttpResponse refusal(const HttpRequest& request);

 private:
  bool is_password(std::string_view text) const;

  AuthOptions options_;
};

}  // namespace reverie
