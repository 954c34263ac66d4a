#include "net/websocket_handshake.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

HttpRequest handshake(std::string protocols = "") {
  HttpRequest request;
  request.headers = {{"upgrade", "WebSocket"},
                     {"connection", "keep-alive, Upgrade"},
                     {"sec-websocket-version", "13"},
                     {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  if (!protocols.empty()) request.headers.add("sec-websocket-protocol", std::move(protocols));
  return request;
}

int refusal(const HttpRequest& request) {
  const auto read = read_handshake(request);
  return read.refusal ? read.refusal->status : 0;
}

HttpRequest with(std::string_view name, std::string value) {
  HttpRequest request = handshake();
  request.headers.set(name, std::move(value));
  return request;
}

TEST(WebSocketHandshake, IsReadAsBrowsersWriteIt) {
  const auto read = read_handshake(handshake());
  EXPECT_FALSE(read.refusal);
  EXPECT_EQ(read.handshake.key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(read.handshake.protocol, "");
}

TEST(WebSocketHandshake, ChoosesOurProtocolAndNeverTheToken) {
  const auto read = read_handshake(handshake("reverie.token.cGE, reverie.v1"));
  EXPECT_FALSE(read.refusal);
  EXPECT_EQ(read.handshake.protocol, "reverie.v1");
  EXPECT_EQ(refusal(handshake("graphql-ws")), 400);
  EXPECT_EQ(refusal(handshake("reverie.token.cGE")), 400);
}

TEST(WebSocketHandshake, ReadsATokenOfAnyBytes) {
  EXPECT_FALSE(offered_token(handshake()));
  EXPECT_FALSE(offered_token(handshake("reverie.v1")));
  EXPECT_EQ(offered_token(handshake("reverie.v1, reverie.token.b3BlbnNlc2FtZQ")), "opensesame");
  EXPECT_EQ(offered_token(handshake("reverie.token.w7_Dvg,reverie.v1")), "\xc3\xbf\xc3\xbe");
  EXPECT_EQ(offered_token(handshake("reverie.token.!!!!, reverie.v1")), "");
  EXPECT_EQ(offered_token(handshake("reverie.token., reverie.v1")), "");
  HttpRequest two = handshake("reverie.v1");
  two.headers.add("sec-websocket-protocol", "reverie.token.b3BlbnNlc2FtZQ");
  EXPECT_EQ(offered_token(two), "opensesame");
}

TEST(WebSocketHandshake, RefusesWhatIsNone) {
  HttpRequest post = handshake();
  post.method = Method::post;
  EXPECT_EQ(refusal(post), 405);
  EXPECT_EQ(refusal(HttpRequest{}), 426);
  EXPECT_EQ(refusal(with("upgrade", "h2c")), 426);
  EXPECT_EQ(refusal(with("sec-websocket-version", "8")), 426);
  EXPECT_EQ(refusal(with("connection", "keep-alive")), 400);
  EXPECT_EQ(refusal(with("sec-websocket-key", "c2hvcnQ=")), 400);
  EXPECT_EQ(refusal(with("sec-websocket-key", "no base64, 24 characters")), 400);
  EXPECT_EQ(read_handshake(HttpRequest{}).refusal->headers.get("sec-websocket-version"), "13");
}

}  // namespace
}  // namespace reverie
