#include "runtime/web/page_fetcher.hpp"

#include "tests/support/http_stub.hpp"
#include "tests/support/packed.hpp"

#include <future>
#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

void send_page(StubConnection& connection, std::string_view body,
               std::string_view content_type = "text/html", std::string_view more = "") {
  connection.reply(200, body,
                   "Content-Type: " + std::string(content_type) + "\r\n" + std::string(more));
}

void redirect(StubConnection& connection, const std::string& location, int status = 302) {
  connection.reply(status, "", "Location: " + location + "\r\n");
}

std::string port_of(const HttpStub& stub) {
  return stub.url().substr(stub.url().rfind(':') + 1);
}

AddressGuard loopback() {
  return *AddressGuard::with_networks({"127.0.0.0/8"});
}

struct Asked {
  AddressGuard guard = loopback();
  PortSet ports = *PortSet::parse({"1-65535"});
  WebSettings settings = {};
  std::int64_t time_ms = 60'000;
};

Result<FetchedPage> fetch(const std::string& url, Asked asked = {}) {
  HttpClient http;
  PageFetcher fetcher(http, std::move(asked.guard), std::move(asked.ports), asked.settings);
  std::promise<Result<FetchedPage>> promise;
  const auto task = fetcher.fetch(
    url, asked.time_ms, [&](Result<FetchedPage> page) { promise.set_value(std::move(page)); });
  return promise.get_future().get();
}

std::string why_not(const std::string& url, Asked asked = {}) {
  const auto page = fetch(url, std::move(asked));
  return page ? "it was fetched" : page.error().message;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(PageFetcher, BringsAPage) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    send_page(connection, "<p>Hello", "text/html; charset=utf-8");
  });
  const auto page = fetch(stub.url() + "/a?b=c#d");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->body, "<p>Hello");
  EXPECT_EQ(page->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page->url.text, stub.url() + "/a?b=c");
  const StubRequest request = stub.requests().at(0);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a?b=c");
  EXPECT_EQ(request.headers.at("user-agent"), "Mozilla/5.0 (compatible; reverie)");
  EXPECT_FALSE(request.headers.contains("authorization"));
  EXPECT_FALSE(request.headers.contains("cookie"));
}

TEST(PageFetcher, ConnectsToNoAddressThatIsNotAllowed) {
  HttpStub stub(
    [](const StubRequest&, StubConnection& connection) { send_page(connection, "secret"); });
  for (const std::string host :
       {"127.0.0.1", "localhost", "page.localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "[0:0:0:0:0:0:0:1]", "0.0.0.0", "[::]"}) {
    const std::string why = why_not("http://" + host + ":" + port_of(stub) + "/", {.guard = {}});
    EXPECT_TRUE(contains(why, "may not be reached from here")) << host << ": " << why;
  }
  // Where clouds keep what their machines may do.
  for (const std::string host : {"169.254.169.254", "100.100.100.200", "[fd00:ec2::254]",
                                 "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"}) {
    const std::string why = why_not("http://" + host + "/latest/meta-data/");
    EXPECT_TRUE(contains(why, "may not be reached from here")) << host << ": " << why;
  }
  EXPECT_EQ(stub.connection_count(), 0);
}

TEST(PageFetcher, RefusesOtherSchemesCredentialsAndPorts) {
  EXPECT_TRUE(contains(why_not("ftp://a.example/"), "only http and https"));
  EXPECT_TRUE(contains(why_not("http://a:b@127.0.0.1/"), "a user name or a password"));
  EXPECT_TRUE(contains(why_not("example"), "is no URL"));
  HttpStub stub(
    [](const StubRequest&, StubConnection& connection) { send_page(connection, "secret"); });
  const std::string why = why_not(stub.url(), {.ports = *PortSet::parse({"80", "443"})});
  EXPECT_TRUE(contains(why, "port " + port_of(stub) + " may not be connected to; web.ports"))
    << why;
  EXPECT_EQ(stub.connection_count(), 0);
}

TEST(PageFetcher, FollowsRedirectsOfAllKinds) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/end") return send_page(connection, "there");
    const int status = std::stoi(request.target.substr(1));
    redirect(connection, status == 308 ? "/end" : status == 303 ? "308" : "/303", status);
  });
  for (const char* path : {"/301", "/302", "/303", "/307", "/308"}) {
    const auto page = fetch(stub.url() + path);
    ASSERT_TRUE(page) << path << page.error().message;
    EXPECT_EQ(page->body, "there");
    EXPECT_EQ(page->url.text, stub.url() + "/end");
  }
}

TEST(PageFetcher, LooksAtEachRedirectAsIfItHadBeenAsked) {
  HttpStub secret(
    [](const StubRequest&, StubConnection& connection) { send_page(connection, "secret"); });
  std::string location;
  HttpStub open(
    [&](const StubRequest&, StubConnection& connection) { redirect(connection, location); });
  // The open one may be reached, as 127.0.0.1; the other one may not.
  Asked asked{.guard = *AddressGuard::with_networks({"127.0.0.1"})};

  location = "http://127.0.0.2:" + port_of(secret) + "/";
  const std::string address = why_not(open.url(), asked);
  EXPECT_TRUE(contains(address, open.url() + "/ could not be fetched: it redirects to " + location
                                  + ": the address 127.0.0.2 may not be reached"))
    << address;

  location = "http://[::ffff:169.254.169.254]/latest/";
  EXPECT_TRUE(contains(why_not(open.url(), asked), "may not be reached from here"));

  location = "file:///etc/passwd";
  EXPECT_TRUE(contains(why_not(open.url(), asked), "only http and https"));

  location = "http://user:password@127.0.0.1:" + port_of(secret) + "/";
  EXPECT_TRUE(contains(why_not(open.url(), asked), "a user name or a password"));

  location = secret.url();
  asked.ports = *PortSet::parse({port_of(open)});
  EXPECT_TRUE(contains(why_not(open.url(), asked), "may not be connected to; web.ports"));
  EXPECT_EQ(secret.connection_count(), 0);
}

TEST(PageFetcher, EndsALoop) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) { redirect(connection, "/"); });
  Asked asked;
  asked.settings.redirects_max = 3;
  EXPECT_TRUE(contains(why_not(stub.url(), asked), "more often than web.redirects_max allows (3)"));
  EXPECT_EQ(stub.requests().size(), 4U);
}

TEST(PageFetcher, BoundsTheSizeByWhatIsSaidAndByWhatComes) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/said") {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\nx");
      connection.wait_closed(60'000);
    } else if (request.target == "/endless") {
      connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
      while (!connection.wait_closed(0)) connection.send(std::string(4'096, 'x'));
    } else {
      send_page(connection, testing::packed_bomb(100), "text/html", "Content-Encoding: gzip\r\n");
    }
  });
  Asked asked;
  asked.settings.page_bytes_max = 100'000;
  EXPECT_TRUE(contains(why_not(stub.url() + "/said", asked),
                       "it is 5000000000 bytes long; web.page_bytes_max is 100000"));
  for (const char* path : {"/endless", "/bomb"})
    EXPECT_TRUE(contains(why_not(stub.url() + path, asked), "longer than 100000 bytes")) << path;
}

TEST(PageFetcher, UnpacksPages) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    send_page(connection, testing::packed_text, "text/html", "Content-Encoding: gzip\r\n");
  });
  const auto page = fetch(stub.url());
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->body, "<p>packed");
}

TEST(PageFetcher, BoundsTheTimeOfAllHopsTogether) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/") return redirect(connection, "/slow");
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    connection.wait_closed(60'000);
  });
  const auto page = fetch(stub.url(), {.time_ms = 300});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Errc::llm_timeout);
  EXPECT_TRUE(contains(page.error().message, "/slow: it was not complete in time"))
    << page.error().message;
}

TEST(PageFetcher, RefusesWhatIsNoTextBeforeItIsRead) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.send(
      "HTTP/1.1 200 OK\r\nContent-Type: Application/PDF; x=y\r\n"
      "Content-Length: 123456789\r\n\r\n%PDF-1.7");
    connection.wait_closed(60'000);
  });
  EXPECT_TRUE(
    contains(why_not(stub.url()),
             "it is application/pdf (123456789 bytes), of which no text can be made here"));
}

TEST(PageFetcher, SaysWhatTheServerAnswered) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    connection.reply(std::stoi(request.target.substr(1)), "a page about it");
  });
  for (const std::string status : {"404", "403", "500", "304"})
    EXPECT_TRUE(contains(why_not(stub.url() + "/" + status), "the server answered " + status));
}

TEST(PageFetcher, SaysWhenAnAnswerIsBroken) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    if (request.target == "/short")
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    if (request.target == "/none") connection.send("what is this?\r\n\r\n");
    connection.close();
  });
  for (const char* path : {"/short", "/none", "/closed"}) {
    const auto page = fetch(stub.url() + path);
    ASSERT_FALSE(page) << path;
    EXPECT_EQ(page.error().code, Errc::llm_connection) << page.error().message;
  }
}

TEST(PageFetcher, CanBeGivenUp) {
  std::promise<void> asked;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    asked.set_value();
    connection.wait_closed(60'000);
  });
  HttpClient http;
  PageFetcher fetcher(http, loopback(), *PortSet::parse({"1-65535"}), {});
  std::promise<Result<FetchedPage>> promise;
  const auto task = fetcher.fetch(
    stub.url(), 60'000, [&](Result<FetchedPage> page) { promise.set_value(std::move(page)); });
  asked.get_future().wait();
  task->cancel();
  EXPECT_EQ(promise.get_future().get().error().code, Errc::llm_cancelled);
}

}  // namespace
}  // namespace reverie
