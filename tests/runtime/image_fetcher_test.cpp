#include "runtime/image_fetcher.hpp"

#include "config/base64.hpp"
#include "tests/support/http_stub.hpp"

#include <atomic>
#include <future>
#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

const std::string png = "\x89PNG\r\n\x1a\n and what follows";

AddressGuard loopback() {
  return *AddressGuard::with_networks({"127.0.0.0/8"});
}

Result<ChatImage> fetch(const std::string& url, AddressGuard guard, ImageSettings settings = {}) {
  HttpClient http;
  ImageFetcher fetcher(http, std::move(guard), settings);
  std::promise<Result<ChatImage>> promise;
  fetcher.fetch(url, [&](Result<ChatImage> image) { promise.set_value(std::move(image)); });
  return promise.get_future().get();
}

void answer_png(const StubRequest&, StubConnection& connection) {
  connection.reply(200, png, "Content-Type: text/html\r\n");
}

TEST(ImageFetcher, BringsAnImageAndLooksAtItsBytes) {
  HttpStub stub(answer_png);
  const auto image = fetch(stub.url() + "/a.png", loopback());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->media_type, "image/png");
  EXPECT_EQ(image->data, to_base64(png));
  EXPECT_FALSE(stub.requests().at(0).headers.contains("authorization"));
}

// CVE-2026-4964: the server fetched whatever address a message named as an image, of private
// networks and files too; tests/acceptance/test_images.py has the files.
TEST(ImageFetcher, Cve2026_4964ConnectsToNoAddressThatIsNotAllowed) {
  HttpStub stub(answer_png);
  const std::string port = stub.url().substr(stub.url().rfind(':'));
  for (const std::string host :
       {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"}) {
    const auto image = fetch("http://" + host + port + "/a.png", {});
    ASSERT_FALSE(image) << host;
    EXPECT_EQ(image.error().code, Errc::bad_request) << host;
  }
  EXPECT_EQ(stub.connection_count(), 0);
}

TEST(ImageFetcher, TakesNoConnectionThatAnotherCallHasLeftOpen) {
  HttpStub stub(answer_png);
  HttpClient http;
  const auto call = [&] {
    std::promise<bool> promise;
    http.start({.url = stub.url()}, nullptr,
               [&](Result<HttpResult> result) { promise.set_value(static_cast<bool>(result)); });
    return promise.get_future().get();
  };
  ASSERT_TRUE(call());
  ImageFetcher fetcher(http, {}, {});
  std::promise<Result<ChatImage>> promise;
  fetcher.fetch(stub.url(), [&](Result<ChatImage> image) { promise.set_value(std::move(image)); });
  const auto image = promise.get_future().get();
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("the address 127.0.0.1 may not be reached"),
            std::string::npos)
    << image.error().message;
  ASSERT_TRUE(call());
  EXPECT_EQ(stub.connection_count(), 1);
}

TEST(ImageFetcher, FollowsNoRedirect) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(302, "", "Location: http://169.254.169.254/latest/\r\n");
  });
  const auto image = fetch(stub.url(), loopback());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().message, "the image could not be fetched: the server answered 302");
  EXPECT_EQ(stub.requests().size(), 1u);
}

TEST(ImageFetcher, RefusesWhatIsTooLargeOrNoImage) {
  HttpStub stub([](const StubRequest& request, StubConnection& connection) {
    connection.reply(200, request.target == "/large" ? png + std::string(2'000, 'x') : "<html>");
  });
  ImageSettings settings;
  settings.bytes_max = 1'024;
  for (const char* path : {"/large", "/page"}) {
    const auto image = fetch(stub.url() + path, loopback(), settings);
    ASSERT_FALSE(image) << path;
    EXPECT_EQ(image.error().code, Errc::bad_request);
  }
}

TEST(ImageFetcher, TriesOnceMoreAfterATimeOut) {
  std::atomic<int> attempts = 0;
  HttpStub stub([&](const StubRequest& request, StubConnection& connection) {
    if (attempts++ == 0)
      connection.wait_closed(60'000);
    else
      answer_png(request, connection);
  });
  ImageSettings settings;
  settings.fetch_s = 1;
  EXPECT_TRUE(fetch(stub.url(), loopback(), settings));
  EXPECT_EQ(attempts, 2);
}

TEST(ImageFetcher, OtherFailuresAreNotRepeated) {
  HttpStub stub([](const StubRequest&, StubConnection& connection) { connection.close(); });
  const auto image = fetch(stub.url(), loopback());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, Errc::bad_request);
  EXPECT_EQ(stub.requests().size(), 1u);
}

}  // namespace
}  // namespace reverie
