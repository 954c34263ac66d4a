#include "net/origin.hpp"

#include "net/http.hpp"

#include <array>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace reverie {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 2> schemes{
  {{"http://", ":80"}, {"https://", ":443"}}};

// As browsers write it: in lower case, without the scheme's own port.
std::string plain_host(std::string_view host, std::string_view scheme_port) {
  if (host.ends_with(scheme_port)) host.remove_suffix(scheme_port.size());
  return lower_case(host);
}

// "[::1]:8283" -> "::1", "127.0.0.1:8283" -> "127.0.0.1"
std::string without_port(const std::string& host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

// An address, or the name that every browser takes for this machine without asking.
bool is_fixed(const std::string& host) {
  const std::string name = without_port(host);
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  in6_addr address{};
  return inet_pton(AF_INET, name.c_str(), &address) == 1
         || inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

}  // namespace

bool is_own_origin(std::string_view origin, std::string_view host, bool has_password) {
  for (const auto& [scheme, port] : schemes) {
    if (!origin.starts_with(scheme)) continue;
    const std::string asked = plain_host(host, port);
    return !asked.empty() && plain_host(origin.substr(scheme.size()), port) == asked
           && (has_password || is_fixed(asked));
  }
  return false;
}

}  // namespace reverie
