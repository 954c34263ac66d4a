#include "actors/input_token.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

SendMessage with_messages(const std::string& json) {
  SendMessage request;
  request.messages = RawJson{json};
  return request;
}

TEST(InputToken, TheClientsOwnKeyComesFirst) {
  SendMessage request = with_messages(R"([{"role":"user","content":"x","otid":"a"}])");
  request.idempotency_key = "k";
  const auto tokens = input_tokens(request);
  ASSERT_EQ(tokens.size(), 3U);
  EXPECT_TRUE(tokens[0].starts_with("key:"));
  EXPECT_TRUE(tokens[1].starts_with("otid:"));
  EXPECT_TRUE(is_body_token(tokens[2]));
}

TEST(InputToken, MessagesAreTheSameByTheirOtidsWhateverTheySay) {
  const auto one = input_tokens(with_messages(R"([{"content":"x","otid":"a"}])"));
  const auto two = input_tokens(with_messages(R"([{"content":"y","otid":"a"}])"));
  EXPECT_EQ(one[0], two[0]);
  EXPECT_NE(one[1], two[1]);
}

TEST(InputToken, OneMessageWithoutAnOtidLeavesTheBodyAlone) {
  const auto tokens =
    input_tokens(with_messages(R"([{"content":"x","otid":"a"},{"content":"y"}])"));
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_TRUE(is_body_token(tokens[0]));
}

TEST(InputToken, BrokenMessagesStillHaveAToken) {
  EXPECT_EQ(input_tokens(with_messages("not json")).size(), 1U);
  EXPECT_EQ(input_tokens(with_messages("[1,null]")).size(), 1U);
}

}  // namespace
}  // namespace reverie
