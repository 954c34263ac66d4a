#include "runtime/address_guard.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace reverie {

namespace {

using Bytes = std::array<std::uint8_t, 16>;

struct V4Range {
  std::uint32_t address;
  unsigned bits;
};

constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c = 0, unsigned d = 0) {
  return a << 24 | b << 16 | c << 8 | d;
}

// IANA's registry of special-purpose addresses, and multicast.
constexpr std::array not_public_v4 = {
  V4Range{v4(0, 0), 8},           // this network
  V4Range{v4(10, 0), 8},          // private
  V4Range{v4(100, 64), 10},       // shared by carriers; a cloud's metadata
  V4Range{v4(127, 0), 8},         // loopback
  V4Range{v4(169, 254), 16},      // link-local; the metadata of clouds
  V4Range{v4(172, 16), 12},       // private
  V4Range{v4(192, 0, 0), 24},     // protocol assignments; a cloud's metadata
  V4Range{v4(192, 0, 2), 24},     // documentation
  V4Range{v4(192, 88, 99), 24},   // relays of 6to4
  V4Range{v4(192, 168), 16},      // private
  V4Range{v4(198, 18), 15},       // benchmarks
  V4Range{v4(198, 51, 100), 24},  // documentation
  V4Range{v4(203, 0, 113), 24},   // documentation
  V4Range{v4(224, 0), 4},         // multicast
  V4Range{v4(240, 0), 4},         // reserved, and broadcast
};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(not_public_v4.begin(), not_public_v4.end(), [&](const V4Range& range) {
    return (address ^ range.address) >> (32 - range.bits) == 0;
  });
}

std::uint32_t v4_at(const Bytes& address, std::size_t at) {
  return v4(address[at], address[at + 1], address[at + 2], address[at + 3]);
}

bool starts_with(const Bytes& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

bool is_mapped_v4(const Bytes& address) {
  return starts_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});
}

bool is_public(const Bytes& address) {
  if (is_mapped_v4(address)) return is_public_v4(v4_at(address, 12));
  // NAT64: the last four bytes are the IPv4 address behind the translator.
  if (starts_with(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
    return is_public_v4(v4_at(address, 12));
  if (starts_with(address, {0x20, 0x02})) return is_public_v4(v4_at(address, 2));  // 6to4
  if (address[0] >> 5 != 1) return false;  // not 2000::/3, where all public ones are
  const bool is_assigned_to_protocols =
    starts_with(address, {0x20, 0x01}) && address[2] >> 1 == 0;  // 2001::/23; Teredo is in it
  return !is_assigned_to_protocols
         && !starts_with(address, {0x20, 0x01, 0x0d, 0xb8})                 // documentation
         && !(starts_with(address, {0x3f, 0xff}) && address[2] >> 4 == 0);  // the same
}

Bytes mapped(const void* v4_bytes) {
  Bytes out{};
  out[10] = out[11] = 0xff;
  std::memcpy(out.data() + 12, v4_bytes, 4);
  return out;
}

std::optional<Bytes> bytes_of(const sockaddr& address) {
  if (address.sa_family == AF_INET)
    return mapped(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (address.sa_family != AF_INET6) return std::nullopt;
  Bytes out;
  std::memcpy(out.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, out.size());
  return out;
}

}  // namespace

Result<AddressGuard> AddressGuard::with_networks(const std::vector<std::string>& networks) {
  AddressGuard guard;
  for (const std::string& text : networks) {
    REVERIE_TRY(const Network network, parse(text));
    guard.allowed_.push_back(network);
  }
  return guard;
}

bool AddressGuard::allows(const sockaddr& address) const {
  const auto bytes = bytes_of(address);
  if (!bytes) return false;
  return is_public(*bytes)
         || std::any_of(allowed_.begin(), allowed_.end(),
                        [&](const Network& network) { return contains(network, *bytes); });
}

Result<AddressGuard::Network> AddressGuard::parse(const std::string& text) {
  const Error error{Errc::invalid_argument,
                    "'" + text + "' is no network such as 10.1.0.0/16 or fd00::/8",
                    "outbound.allowed_networks"};
  const std::size_t slash = text.find('/');
  const std::string host = text.substr(0, slash);
  Network network;
  in_addr v4_address{};
  in6_addr v6_address{};
  unsigned bits_max = 128;
  if (inet_pton(AF_INET, host.c_str(), &v4_address) == 1) {
    network.address = mapped(&v4_address);
    bits_max = 32;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6_address) == 1) {
    std::memcpy(network.address.data(), &v6_address, network.address.size());
  } else {
    return error;
  }
  if (slash == std::string::npos) return network;
  const std::string_view bits = std::string_view(text).substr(slash + 1);
  const auto [end, code] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
  if (code != std::errc() || end != bits.data() + bits.size() || network.bits > bits_max)
    return error;
  network.bits += 128 - bits_max;
  return network;
}

bool AddressGuard::contains(const Network& network, const Address& address) {
  const std::size_t whole = network.bits / 8;
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole),
                  network.address.begin()))
    return false;
  const unsigned rest = network.bits % 8;
  return rest == 0 || (address[whole] ^ network.address[whole]) >> (8 - rest) == 0;
}

std::string address_text(const sockaddr& address) {
  const void* bytes = nullptr;
  if (address.sa_family == AF_INET)
    bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  else if (address.sa_family == AF_INET6)
    bytes = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (!bytes || !inet_ntop(address.sa_family, bytes, text.data(), text.size())) return "?";
  return text.data();
}

}  // namespace reverie
