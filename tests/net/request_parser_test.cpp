#include "net/request_parser.hpp"

#include "config/random.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::size_t header_max = 1'024;
constexpr std::size_t body_max = 4'096;

struct Parsed {
  int refusal = 0;
  bool is_complete = false;
  bool keeps_alive = false;
  std::size_t used = 0;
  HttpRequest request;
};

// Feeds `bytes` in pieces of `step`, as a connection does.
Parsed parse(std::string_view bytes, std::size_t step = 1'000'000, std::string_view prefix = "") {
  RequestParser parser(header_max, body_max, prefix);
  Parsed out;
  std::size_t arrived = 0;
  while (arrived < bytes.size() && !parser.is_complete() && parser.refusal() == 0) {
    arrived = std::min(arrived + step, bytes.size());
    out.used += parser.feed(bytes.substr(out.used, arrived - out.used));
  }
  out.refusal = parser.refusal();
  out.is_complete = parser.is_complete();
  if (out.is_complete) {
    out.keeps_alive = parser.keeps_alive();
    out.request = parser.take();
  }
  return out;
}

TEST(RequestParser, ReadsARequestWhateverThePieces) {
  const std::string text =
    "POST /v1/agents/?a=1&a=2&b=x%20y+z HTTP/1.1\r\nHost: h\r\nX-Mixed-Case: Value\r\n"
    "Content-Length: 5\r\n\r\nhelloGET /next";
  for (std::size_t step = 1; step < text.size(); ++step) {
    const Parsed parsed = parse(text, step);
    ASSERT_TRUE(parsed.is_complete) << step;
    EXPECT_EQ(parsed.request.method, Method::post);
    EXPECT_EQ(parsed.request.path, "/v1/agents");
    EXPECT_EQ(parsed.request.query, (Query{{"a", "1"}, {"a", "2"}, {"b", "x y z"}}));
    EXPECT_EQ(parsed.request.headers.get("x-mixed-case"), "Value");
    EXPECT_EQ(parsed.request.body, "hello");
    EXPECT_EQ(text.substr(parsed.used), "GET /next");
    EXPECT_TRUE(parsed.keeps_alive);
  }
}

TEST(RequestParser, JoinsChunksAndForgetsTrailersWhateverThePieces) {
  const std::string text =
    "POST /x HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"
    "4;ext=1\r\nwiki\r\n5\r\npedia\r\n0\r\nauthorization: late\r\n\r\n";
  for (std::size_t step = 1; step < text.size(); ++step) {
    const Parsed parsed = parse(text + "GET /next", step);
    ASSERT_TRUE(parsed.is_complete) << step;
    EXPECT_EQ(parsed.request.body, "wikipedia");
    EXPECT_FALSE(parsed.request.headers.find("authorization"));
    EXPECT_EQ(parsed.used, text.size());
  }
}

TEST(RequestParser, ReadsALastChunkThatComesByteByByte) {
  for (const std::string_view last : {"0\r\n\r\n", "0;ext=1\r\n\r\n", "0\r\na: b\r\n\r\n"})
    for (std::size_t step = 1; step < 5; ++step)
      EXPECT_TRUE(parse("POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n"
                          + std::string(last),
                        step)
                    .is_complete)
        << last << step;
}

TEST(RequestParser, RefusesWhatIsTooLong) {
  const std::string long_value(header_max, 'a');
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nhost: h\r\nx: " + long_value + "\r\n\r\n").refusal, 431);
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nhost: h\r\nx: " + long_value + "\r\n\r\n", 7).refusal, 431);
  EXPECT_EQ(parse("GET /" + long_value + " HTTP/1.1\r\nhost: h\r\n\r\n", 50).refusal, 431);
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 5000\r\n\r\n").refusal, 413);
  std::string chunks = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
  for (int i = 0; i < 6; ++i) chunks += "400\r\n" + std::string(0x400, 'b') + "\r\n";
  EXPECT_EQ(parse(chunks, 100).refusal, 413);
}

// Each field is short: only their sum is too long.
TEST(RequestParser, CountsManyShortFields) {
  std::string text = "GET / HTTP/1.1\r\nhost: h\r\n";
  for (int i = 0; i < 200; ++i) text += "a: b\r\nc: d\r\n";
  EXPECT_EQ(parse(text + "\r\n", 11).refusal, 431);
}

TEST(RequestParser, RefusesWhatCouldBeReadInTwoWays) {
  const std::string start = "POST / HTTP/1.1\r\nhost: h\r\n";
  for (const char* header : {
         "content-length: 3\r\ncontent-length: 4\r\n",
         "content-length: 3\r\ntransfer-encoding: chunked\r\n",
         "transfer-encoding: chunked\r\ncontent-length: 3\r\n",
         "transfer-encoding: gzip\r\n",
         "transfer-encoding: gzip, chunked\r\n",
         "content-length: -1\r\n",
         "content-length: 3x\r\n",
         "content-length : 3\r\n",
       })
    EXPECT_EQ(parse(start + header + "\r\nabc").refusal, 400) << header;
}

TEST(RequestParser, RefusesWhatIsNoRequest) {
  for (const char* text : {
         "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  // TLS
         "GET  HTTP/1.1\r\nhost: h\r\n\r\n",
         "GET nothing HTTP/1.1\r\nhost: h\r\n\r\n",
         "GET /%zz HTTP/1.1\r\nhost: h\r\n\r\n",
         "GET /%00 HTTP/1.1\r\nhost: h\r\n\r\n",
         "GET /%ff HTTP/1.1\r\nhost: h\r\n\r\n",
         "GET / HTTP/1.1\r\n\r\n",
         "GET / HTTP/1.1\r\nno colon\r\n\r\n",
       })
    EXPECT_EQ(parse(text).refusal, 400) << text;
  EXPECT_EQ(parse("GET / HTTP/2.7\r\nhost: h\r\n\r\n").refusal, 505);
}

TEST(RequestParser, KnowsWhenAConnectionStays) {
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nhost: h\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").keeps_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n").keeps_alive);
}

TEST(RequestParser, SkipsEmptyLinesBeforeARequest) {
  EXPECT_TRUE(parse("\r\n\r\nGET / HTTP/1.1\r\nhost: h\r\n\r\n", 1).is_complete);
}

// Whatever comes, the parser ends in one of its three states and never takes more than it got.
TEST(RequestParser, SurvivesRandomBytes) {
  constexpr std::uint64_t seed = 20'261'121;
  SeededRandom random(seed);
  const std::string valid =
    "POST /v1/a%20b?c=d HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\nx: y\r\n\r\n"
    "3\r\nabc\r\n0\r\n\r\n";
  for (int round = 0; round < 20'000; ++round) {
    std::string text = valid;
    const std::uint64_t edits = 1 + random.next() % 6;
    for (std::uint64_t i = 0; i < edits; ++i) {
      const auto at = static_cast<std::size_t>(random.next() % text.size());
      switch (random.next() % 3) {
        case 0: text[at] = static_cast<char>(random.next()); break;
        case 1: text.erase(at, 1 + random.next() % 8); break;
        default: text.insert(at, 1, static_cast<char>(random.next())); break;
      }
      if (text.empty()) text = "x";
    }
    const Parsed parsed = parse(text, 1 + random.next() % text.size());
    ASSERT_LE(parsed.used, text.size());
    ASSERT_FALSE(parsed.is_complete && parsed.refusal != 0);
  }
}

}  // namespace
}  // namespace reverie
