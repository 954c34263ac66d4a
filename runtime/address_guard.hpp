// Which network addresses may be reached for somebody else: a URL that came in a message must not
// make the server a way into the networks around it.

#pragma once

#include "config/error.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace reverie {

// Lets through the addresses of the public internet: not private, shared, loopback, link-local
// (where clouds keep their metadata), multicast, documentation or reserved ones, nor IPv6 addresses
// that hold one of those. It looks at the address that is about to be connected to, so no name that
// resolves to something else a moment later gets around it. Immutable, so thread-safe.
class AddressGuard {
 public:
  AddressGuard() = default;

  // Also lets through these networks, each as "10.1.0.0/16", "fd00::/8" or one address.
  // Errors: invalid_argument: no network.
  static Result<AddressGuard> with_networks(const std::vector<std::string>& networks);

  bool allows(const sockaddr& address) const;

 private:
  // IPv4 as ::ffff:a.b.c.d
  using Address = std::array<std::uint8_t, 16>;
  struct Network {
    Address address;
    unsigned bits = 128;
  };

  static Result<Network> parse(const std::string& text);
  static bool contains(const Network& network, const Address& address);

  std::vector<Network> allowed_;
};

// The address alone, without its port; "?" for a family that is neither IPv4 nor IPv6.
std::string address_text(const sockaddr& address);

}  // namespace reverie
