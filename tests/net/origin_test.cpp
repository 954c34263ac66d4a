#include "net/origin.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(Origin, IsOurOwnWhenItIsTheHost) {
  for (const bool has_password : {false, true}) {
    EXPECT_TRUE(is_own_origin("http://127.0.0.1:8283", "127.0.0.1:8283", has_password));
    EXPECT_TRUE(is_own_origin("http://localhost:8283", "LOCALHOST:8283", has_password));
    EXPECT_TRUE(is_own_origin("http://ui.localhost:8283", "ui.localhost:8283", has_password));
    EXPECT_TRUE(is_own_origin("http://[::1]:8283", "[::1]:8283", has_password));
    EXPECT_TRUE(is_own_origin("https://10.0.0.1", "10.0.0.1:443", has_password));
    EXPECT_TRUE(is_own_origin("http://10.0.0.1", "10.0.0.1", has_password));
  }
}

TEST(Origin, IsNotOurOwnWhenItIsAnother) {
  for (const bool has_password : {false, true})
    for (const char* origin :
         {"http://evil.test", "http://127.0.0.1", "http://127.0.0.1:8284", "http://localhost:8283",
          "http://127.0.0.1:8283.evil.test", "http://evil.test/127.0.0.1:8283", "null", "",
          "127.0.0.1:8283", "file://127.0.0.1:8283", "http://"})
      EXPECT_FALSE(is_own_origin(origin, "127.0.0.1:8283", has_password)) << origin;
  EXPECT_FALSE(is_own_origin("http://", "", true));
}

// DNS rebinding: the page's name leads to this machine by now, so both headers say it.
TEST(Origin, ANameIsTrustedOnlyWithAPassword) {
  EXPECT_FALSE(is_own_origin("http://evil.test:8283", "evil.test:8283", false));
  EXPECT_FALSE(is_own_origin("http://localhost.evil.test", "localhost.evil.test", false));
  EXPECT_FALSE(is_own_origin("http://notlocalhost", "notlocalhost", false));
  EXPECT_FALSE(is_own_origin("http://127.0.0.1.evil.test", "127.0.0.1.evil.test", false));
  EXPECT_TRUE(is_own_origin("https://agents.example.com", "agents.example.com", true));
  EXPECT_TRUE(is_own_origin("https://agents.example.com", "agents.example.com:443", true));
  EXPECT_FALSE(is_own_origin("https://agents.example.com", "agents.example.com:80", true));
}

}  // namespace
}  // namespace reverie
