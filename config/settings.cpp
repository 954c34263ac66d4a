#include "config/settings.hpp"

#include "config/settings/sections.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace reverie {
namespace {

// Of an address, or of the one name that always means this machine.
bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> list;
    for (const auto section :
         {server_options, storage_options, actors_options, runs_options, models_options,
          approvals_options, traces_options, streams_options, images_options, outbound_options,
          callbacks_options, log_options, git_options, sandbox_options, web_options, mcp_options})
      for (Option& option : section()) list.push_back(std::move(option));
    return list;
  }();
  return all;
}

bool requires_authentication(const Settings& settings) {
  return settings.server.secure || !settings.server.password.empty();
}

Status check_exposure(const Settings& settings) {
  if (is_loopback(settings.server.host) || requires_authentication(settings)
      || settings.server.insecure_allow_remote)
    return {};
  return Error{
    Errc::invalid_argument,
    "refusing to serve " + settings.server.host
      + ", which other machines can reach, without authentication: set server.password "
        "(REVERIE_PASSWORD), or, if something in front of this server authenticates, "
        "server.insecure_allow_remote (REVERIE_SERVER_INSECURE_ALLOW_REMOTE=true)",
    "server.host"};
}

}  // namespace reverie
