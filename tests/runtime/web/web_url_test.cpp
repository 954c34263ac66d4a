#include "runtime/web/web_url.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

std::string why_not(std::string_view text) {
  const auto url = parse_web_url(text);
  return url ? "it is one: " + url->text : url.error().message;
}

TEST(WebUrl, IsTakenApartAsItIsCalled) {
  const auto url = parse_web_url(" HTTPS://Example.ORG/a/../b?q=1#part ");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->text, "https://example.org/b?q=1");
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "example.org");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(parse_web_url("http://a.example:8080/x")->port, 8080);
  EXPECT_EQ(parse_web_url("http://2130706433/")->host, "127.0.0.1");
  EXPECT_EQ(parse_web_url("http://[::1]/")->host, "[::1]");
}

TEST(WebUrl, SaysWhatIsWrong) {
  EXPECT_NE(why_not("ftp://a.example/").find("only http and https"), std::string::npos);
  EXPECT_NE(why_not("file:///etc/passwd").find("only http and https"), std::string::npos);
  EXPECT_NE(why_not("example.org").find("is no URL such as"), std::string::npos);
  EXPECT_NE(why_not("http://a:b@c.example/").find("a user name or a password"), std::string::npos);
  EXPECT_NE(why_not("http://127.0.0.1@c.example/").find("a user name"), std::string::npos);
  EXPECT_NE(why_not("http://a.example\\@b.example/").find("a user name"), std::string::npos);
  EXPECT_NE(why_not("http://a.example/a b").find("a blank"), std::string::npos);
  EXPECT_NE(why_not("http://a.example/\r\nX: y").find("a blank"), std::string::npos);
  EXPECT_NE(why_not("http://a.example:70000/").find("is no URL"), std::string::npos);
  EXPECT_NE(why_not("http://a.example:0/").find("no host and port"), std::string::npos);
  EXPECT_NE(why_not("http://a.example/" + std::string(9'000, 'x')).find("8 KiB"),
            std::string::npos);
  EXPECT_EQ(why_not(" "), "the URL is empty");
}

TEST(WebUrl, ResolvesWhatAPageNames) {
  const WebUrl base = *parse_web_url("https://a.example/dir/page?x=1");
  const auto target = [&](std::string_view reference) { return link_target(base, reference); };
  EXPECT_EQ(target("next"), "https://a.example/dir/next");
  EXPECT_EQ(target("/top?q=a#part"), "https://a.example/top?q=a");
  EXPECT_EQ(target("//b.example/x"), "https://b.example/x");
  EXPECT_EQ(target("../../../up"), "https://a.example/up");
  EXPECT_EQ(target("with a blank"), "https://a.example/dir/with%20a%20blank");
  EXPECT_EQ(target("mailto:a@b.example"), "mailto:a@b.example");
  EXPECT_EQ(target("#part"), "");
  EXPECT_EQ(target("javascript:alert(1)"), "");
  EXPECT_EQ(target("data:text/html,x"), "");
  EXPECT_EQ(target("http://user@b.example/"), "");
  EXPECT_EQ(target(""), "");
}

TEST(PortSet, HoldsNumbersAndRanges) {
  const auto ports = PortSet::parse({"443", " 8000-8999 "});
  ASSERT_TRUE(ports);
  EXPECT_TRUE(ports->contains(443));
  EXPECT_TRUE(ports->contains(8000) && ports->contains(8999));
  EXPECT_FALSE(ports->contains(80) || ports->contains(9000));
  EXPECT_FALSE(PortSet().contains(80));
  for (const char* wrong : {"", "0", "65536", "80-", "-80", "90-80", "http", "1-2-3"}) {
    const auto none = PortSet::parse({wrong});
    ASSERT_FALSE(none) << wrong;
    EXPECT_EQ(none.error().where, "web.ports");
  }
}

}  // namespace
}  // namespace reverie
