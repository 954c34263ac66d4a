#include "runtime/mcp/json_rpc.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

using Kind = RpcMessage::Kind;

TEST(JsonRpc, ReadsEachKindOfMessage) {
  auto read = read_rpc(R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().kind, Kind::result);
  EXPECT_EQ(read->front().id, 7);
  EXPECT_EQ(read->front().result.at("a"), 1);

  read = read_rpc(R"({"jsonrpc":"2.0","id":"x","method":"ping"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().kind, Kind::request);
  EXPECT_EQ(read->front().id, "x");
  EXPECT_EQ(read->front().params, Json::object());

  read = read_rpc(R"({"jsonrpc":"2.0","method":"n","params":{"b":[]}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().kind, Kind::notification);
  EXPECT_TRUE(read->front().params.at("b").is_array());

  read = read_rpc(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no JSON"}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().kind, Kind::error);
  EXPECT_EQ(read->front().error_code, -32700);
  EXPECT_EQ(read->front().error_message, "no JSON");
}

TEST(JsonRpc, ReadsABatch) {
  const auto read =
    read_rpc(R"([{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","id":1,"result":null}])");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(read->back().kind, Kind::result);
}

TEST(JsonRpc, RefusesWhatIsNoMessage) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  std::string many = "[";
  for (int i = 0; i < 1'001; ++i) many += R"({"jsonrpc":"2.0","method":"a"},)";
  many.back() = ']';
  for (const std::string& text :
       {std::string(""), std::string("{"), std::string("null"), std::string("[]"),
        std::string(R"({"id":1,"result":{}})"),
        std::string(R"({"jsonrpc":"1.0","id":1,"result":1})"), std::string(R"({"jsonrpc":"2.0"})"),
        std::string(R"({"jsonrpc":"2.0","id":1})"),
        std::string(R"({"jsonrpc":"2.0","id":{},"result":1})"),
        std::string(R"({"jsonrpc":"2.0","id":1.5,"result":1})"),
        std::string(R"({"jsonrpc":"2.0","result":1})"),
        std::string(R"({"jsonrpc":"2.0","method":1})"),
        std::string(R"({"jsonrpc":"2.0","id":1,"error":"no"})"), std::string("[[]]"),
        std::string("\xff\xfe"), deep, many}) {
    const auto read = read_rpc(text);
    ASSERT_FALSE(read) << text.substr(0, 80);
    EXPECT_EQ(read.error().code, Errc::mcp_connection);
  }
}

TEST(JsonRpc, AnErrorsTextIsCut) {
  const auto read = read_rpc(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":")"
                             + std::string(5'000, 'x') + "\"}}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().error_message.size(), 1'000U);
}

TEST(JsonRpc, WritesWhatItReads) {
  auto read = read_rpc(rpc_request(3, "tools/call", {{"name", "x"}}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().id, 3);
  EXPECT_EQ(read->front().method, "tools/call");
  EXPECT_EQ(read->front().params.at("name"), "x");
  EXPECT_EQ(rpc_notification("n", Json()), R"({"jsonrpc":"2.0","method":"n"})");
  read = read_rpc(rpc_error("id", rpc_method_not_found, "no"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->front().error_code, -32601);
  EXPECT_EQ(rpc_result(1, Json::object()), R"({"id":1,"jsonrpc":"2.0","result":{}})");
  EXPECT_EQ(rpc_request(1, "m", "\xff").find('\xff'), std::string::npos) << "always UTF-8";
}

TEST(RpcLines, TakesLinesOutOfAnySlices) {
  const std::string bytes = "one\n\r\ntwo\r\n\nthree\nfour";
  for (std::size_t slice = 1; slice <= bytes.size(); ++slice) {
    RpcLines lines(100);
    std::vector<std::string> got;
    for (std::size_t at = 0; at < bytes.size(); at += slice)
      ASSERT_TRUE(lines.feed(std::string_view(bytes).substr(at, slice),
                             [&](std::string_view line) { got.emplace_back(line); }));
    EXPECT_EQ(got, (std::vector<std::string>{"one", "two", "three"})) << slice;
  }
}

TEST(RpcLines, RefusesALineThatIsTooLong) {
  RpcLines lines(10);
  const auto ignore = [](std::string_view) {};
  EXPECT_TRUE(lines.feed("0123456789\n", ignore));
  EXPECT_TRUE(lines.feed("01234", ignore));
  const auto fed = lines.feed("567890", ignore);
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().where, "mcp.message_bytes_max");
}

}  // namespace
}  // namespace reverie
