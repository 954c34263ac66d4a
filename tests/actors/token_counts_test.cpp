#include "actors/token_counts.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(TokenCounts, AreOfEachModelForItself) {
  AgentActivity activity;
  note_token_count(activity, {"p/dense", 400, 800});
  note_token_count(activity, {"p/sparse", 100, 800});
  EXPECT_EQ(token_scale(activity, "p/dense").tokens(800), 400);
  EXPECT_EQ(token_scale(activity, "p/sparse").tokens(800), 100);
  EXPECT_EQ(token_scale(activity, "p/never").tokens(800), TokenScale().tokens(800));
}

TEST(TokenCounts, TheNewestOfAModelCounts) {
  AgentActivity activity;
  note_token_count(activity, {"p/a", 400, 800});
  note_token_count(activity, {"p/b", 1, 2});
  note_token_count(activity, {"p/a", 200, 800});
  ASSERT_EQ(activity.token_counts.size(), 2U);
  EXPECT_EQ(token_scale(activity, "p/a").tokens(800), 200);
}

TEST(TokenCounts, AreKeptOfTheModelsThatWereAskedLast) {
  AgentActivity activity;
  for (int i = 0; i < 20; ++i) note_token_count(activity, {"p/" + std::to_string(i), 100, 100});
  EXPECT_EQ(activity.token_counts.size(), 8U);
  EXPECT_EQ(activity.token_counts.front().model, "p/19");
}

}  // namespace
}  // namespace reverie
