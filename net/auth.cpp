#include "net/auth.hpp"

#include "config/ids.hpp"

#include <algorithm>
#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

namespace reverie {

namespace {

constexpr std::array<std::string_view, 2> open_paths{"/v1/health", "/v1/ready"};
constexpr std::array<std::string_view, 3> page_paths{"/", "/docs", "/redoc"};

// The rest of `text` behind "Bearer " or the like, whose case does not count.
std::optional<std::string_view> after_scheme(std::string_view text, std::string_view scheme) {
  if (text.size() <= scheme.size() || text[scheme.size()] != ' ') return std::nullopt;
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  if (!std::equal(scheme.begin(), scheme.end(), text.begin(),
                  [&](char want, char have) { return same(have, want); }))
    return std::nullopt;
  text.remove_prefix(scheme.size() + 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// The password of "user:password" in base64; nothing when it is no such thing.
std::optional<std::string> basic_password(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) return std::nullopt;
  std::string text(base64.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(base64.data()),
                                   static_cast<int>(base64.size()));
  if (size < 0) return std::nullopt;
  const auto padding = std::count(base64.end() - 2, base64.end(), '=');
  text.resize(static_cast<std::size_t>(size - padding));
  const auto colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  return text.substr(colon + 1);
}

}  // namespace

Auth::Auth(AuthOptions options) : options_(std::move(options)) {}

bool Auth::allows(const HttpRequest& request) const {
  if (!options_.is_secure) return true;
  if (std::find(open_paths.begin(), open_paths.end(), request.path) != open_paths.end())
    return true;
  if (const auto bare = after_scheme(request.headers.get("x-bare-password"), "password"))
    return is_password(*bare);
  const std::string_view authorization = request.headers.get("authorization");
  if (const auto bearer = after_scheme(authorization, "bearer")) return is_password(*bearer);
  if (const auto basic = after_scheme(authorization, "basic")) {
    const auto password = basic_password(*basic);
    return password && is_password(*password);
  }
  return false;
}

// Digests have one length, so that the time tells nothing about the password's.
bool Auth::is_password(std::string_view text) const {
  if (options_.password.empty()) return false;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> have;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> want;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), have.data());
  SHA256(reinterpret_cast<const unsigned char*>(options_.password.data()), options_.password.size(),
         want.data());
  return CRYPTO_memcmp(have.data(), want.data(), have.size()) == 0;
}

Result<Identity> Auth::identify(const HttpRequest& request) const {
  const std::string* id = request.headers.find("user_id");
  if (!id || *id == default_user_id) return Identity{};
  if (!id->starts_with("user-") || !home_of(*id))
    return Error{
      Errc::bad_request,
      "INVALID_ARGUMENT: Invalid user ID format: " + *id + ". Expected format: 'user-{uuid4}'",
      "user_id"};
  if (options_.find_user)
    if (auto found = options_.find_user(*id)) return *std::move(found);
  return Identity{};
}

HttpResponse Auth::refusal(const HttpRequest& request) {
  HttpResponse response =
    error_response({Errc::unauthenticated, "no valid credentials were sent", "auth"});
  const bool is_page =
    request.method == Method::get
    && std::find(page_paths.begin(), page_paths.end(), request.path) != page_paths.end();
  const bool is_git = request.path.starts_with("/v1/git/");
  if (is_page || is_git) response.headers.add("www-authenticate", "Basic realm=\"reverie\"");
  return response;
}

}  // namespace reverie
