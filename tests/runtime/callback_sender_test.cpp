#include "runtime/callback_sender.hpp"

#include "tests/support/http_stub.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using testing::HttpStub;
using testing::StubConnection;
using testing::StubRequest;

CallbackSettings quick() {
  CallbackSettings settings;
  settings.retry_ms = 1;
  return settings;
}

AddressGuard guard_of(const CallbackSettings& settings) {
  return *AddressGuard::with_networks(settings.allowed_networks);
}

CallbackOutcome send(const std::string& url, const CallbackSettings& settings = quick()) {
  HttpClient http;
  CallbackSender sender(http, guard_of(settings), settings);
  std::promise<CallbackOutcome> promise;
  EXPECT_TRUE(sender.send({url, R"({"run_id":"run-1"})"},
                          [&](CallbackOutcome outcome) { promise.set_value(std::move(outcome)); }));
  return promise.get_future().get();
}

// Answers with these, one after the other, and then with the last for ever.
HttpStub::Handler in_turn(std::vector<int> statuses) {
  const auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [statuses = std::move(statuses), next](const StubRequest&, StubConnection& connection) {
    connection.reply(statuses[std::min(next->fetch_add(1), statuses.size() - 1)], "");
  };
}

TEST(CallbackSender, PostsTheBodyOnceWhenItIsTaken) {
  HttpStub stub(in_turn({204}));
  const CallbackOutcome outcome = send(stub.url() + "/done");
  EXPECT_EQ(outcome.status_code, 204);
  EXPECT_FALSE(outcome.error);
  ASSERT_EQ(stub.requests().size(), 1U);
  EXPECT_EQ(stub.requests()[0].method, "POST");
  EXPECT_EQ(stub.requests()[0].body, R"({"run_id":"run-1"})");
  EXPECT_EQ(stub.requests()[0].headers.at("content-type"), "application/json");
}

TEST(CallbackSender, TriesAgainAfterWhatMayPass) {
  HttpStub stub(in_turn({500, 429, 503, 200}));
  const CallbackOutcome outcome = send(stub.url());
  EXPECT_EQ(outcome.status_code, 200);
  EXPECT_FALSE(outcome.error);
  EXPECT_EQ(stub.requests().size(), 4U);
}

TEST(CallbackSender, GivesUpAfterTheLastAttempt) {
  HttpStub stub(in_turn({500}));
  const CallbackOutcome outcome = send(stub.url());
  EXPECT_EQ(outcome.status_code, 500);
  EXPECT_EQ(outcome.error, "the receiver answered 500");
  EXPECT_EQ(stub.requests().size(), 4U);
}

TEST(CallbackSender, TakesARefusalAndARedirectAsTheEnd) {
  for (const int status : {400, 404, 302}) {
    HttpStub stub([&](const StubRequest&, StubConnection& connection) {
      connection.reply(status, "", "Location: http://169.254.169.254/\r\n");
    });
    const CallbackOutcome outcome = send(stub.url());
    EXPECT_EQ(outcome.status_code, status);
    EXPECT_TRUE(outcome.error);
    EXPECT_EQ(stub.requests().size(), 1U);
  }
}

TEST(CallbackSender, DoesNotWaitForWhoNeverAnswers) {
  CallbackSettings settings = quick();
  settings.timeout_s = 1;
  settings.attempts_max = 1;
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    EXPECT_TRUE(connection.wait_closed(10'000));
  });
  const CallbackOutcome outcome = send(stub.url(), settings);
  EXPECT_FALSE(outcome.status_code);
  EXPECT_TRUE(outcome.error);
}

TEST(CallbackSender, ReadsNoMoreOfTheAnswerThanItsLimit) {
  CallbackSettings settings = quick();
  settings.attempts_max = 1;
  settings.answer_bytes_max = 1'024;
  HttpStub stub([](const StubRequest&, StubConnection& connection) {
    connection.reply(200, std::string(1'025, 'x'));
  });
  EXPECT_TRUE(send(stub.url(), settings).error);
}

TEST(CallbackSender, ReachesPrivateAddressesByDefaultAndMetadataNever) {
  CallbackSettings settings = quick();
  HttpStub stub(in_turn({200}));
  EXPECT_FALSE(send(stub.url(), settings).error);
  settings.attempts_max = 1;
  for (const std::string host : {"169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "0.0.0.0"}) {
    const CallbackOutcome outcome = send("http://" + host + "/latest", settings);
    ASSERT_TRUE(outcome.error) << host;
    if (!host.starts_with('[')) {  // a machine without IPv6 does not get as far
      EXPECT_NE(outcome.error->find("may not be reached"), std::string::npos) << *outcome.error;
    }
  }
  settings.allowed_networks.clear();
  EXPECT_TRUE(send(stub.url(), settings).error);
  EXPECT_EQ(stub.requests().size(), 1U);
}

TEST(CallbackSender, TakesNoMoreThanItsLimitAtOnce) {
  CallbackSettings settings = quick();
  settings.concurrency_max = 1;
  std::promise<void> go_on;
  HttpStub stub([&](const StubRequest&, StubConnection& connection) {
    go_on.get_future().wait();
    connection.reply(200, "");
  });
  HttpClient http;
  CallbackSender sender(http, guard_of(settings), settings);
  std::promise<CallbackOutcome> first;
  ASSERT_TRUE(sender.send({stub.url(), "{}"},
                          [&](CallbackOutcome outcome) { first.set_value(std::move(outcome)); }));
  EXPECT_FALSE(sender.send({stub.url(), "{}"}, [](const CallbackOutcome&) { ADD_FAILURE(); }));
  go_on.set_value();
  EXPECT_EQ(first.get_future().get().status_code, 200);
}

TEST(CallbackUrl, IsOfHttpAndNamesAHost) {
  for (const std::string url : {"http://127.0.0.1:8000/done", "https://example.com"})
    EXPECT_TRUE(check_callback_url(url)) << url;
  for (const std::string url : {"", "example.com", "file:///etc/passwd", "gopher://x/", "HTTP://x",
                                "http://", "http:///x", "http://a b/", "http://a/\r\nx"}) {
    const auto checked = check_callback_url(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
    EXPECT_EQ(checked.error().where, "callback_url");
  }
  EXPECT_FALSE(check_callback_url("http://x/" + std::string(2'048, 'a')));
}

}  // namespace
}  // namespace reverie
