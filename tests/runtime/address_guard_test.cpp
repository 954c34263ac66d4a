#include "runtime/address_guard.hpp"

#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace reverie {
namespace {

sockaddr_storage address(const std::string& text) {
  sockaddr_storage out{};
  if (auto& v4 = reinterpret_cast<sockaddr_in&>(out);
      inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    return out;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out);
  EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  v6.sin6_family = AF_INET6;
  return out;
}

bool allows(const AddressGuard& guard, const std::string& text) {
  const sockaddr_storage stored = address(text);
  return guard.allows(reinterpret_cast<const sockaddr&>(stored));
}

TEST(AddressGuard, LetsPublicAddressesThrough) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "192.0.1.1", "11.0.0.1", "100.63.255.255",
        "100.128.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1",
        "64:ff9b::101:101", "2002:101:101::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(allows({}, text)) << text;
}

TEST(AddressGuard, RefusesWhatIsNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "10.0.0.1",
                           "100.64.0.1",
                           "100.100.100.200",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.192",
                           "192.168.0.1",
                           "198.19.0.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "fe80::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "ff02::1",
                           "2001:db8::1",
                           "2001::1",
                           "::7f00:1"})
    EXPECT_FALSE(allows({}, text)) << text;
}

TEST(AddressGuard, SeesIpv4AddressesInsideOfIpv6Ones) {
  for (const char* text :
       {"::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::1"})
    EXPECT_FALSE(allows({}, text)) << text;
}

TEST(AddressGuard, LetsTheNamedNetworksThroughAndNoMore) {
  const auto guard = *AddressGuard::with_networks({"10.1.0.0/16", "127.0.0.1", "fd12::/15"});
  for (const char* text : {"10.1.0.1", "10.1.255.255", "127.0.0.1", "::ffff:10.1.2.3", "fd13::1"})
    EXPECT_TRUE(allows(guard, text)) << text;
  for (const char* text : {"10.2.0.1", "127.0.0.2", "fd14::1", "192.168.0.1"})
    EXPECT_FALSE(allows(guard, text)) << text;
  EXPECT_TRUE(allows(*AddressGuard::with_networks({"0.0.0.0/0"}), "127.0.0.1"));
  EXPECT_FALSE(allows(*AddressGuard::with_networks({"0.0.0.0/0"}), "::1"));
}

TEST(AddressGuard, NamesANetworkThatIsNone) {
  for (const char* text :
       {"", "10.1", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "10.0.0.0/8x", "localhost"}) {
    const auto guard = AddressGuard::with_networks({text});
    ASSERT_FALSE(guard) << text;
    EXPECT_EQ(guard.error().code, Errc::invalid_argument);
    EXPECT_EQ(guard.error().where, "outbound.allowed_networks");
  }
}

TEST(AddressGuard, OtherFamiliesAreRefused) {
  sockaddr unix_socket{};
  unix_socket.sa_family = AF_UNIX;
  EXPECT_FALSE(AddressGuard().allows(unix_socket));
  EXPECT_EQ(address_text(unix_socket), "?");
  const sockaddr_storage v6 = address("fe80::1");
  EXPECT_EQ(address_text(reinterpret_cast<const sockaddr&>(v6)), "fe80::1");
}

}  // namespace
}  // namespace reverie
