#include "tests/scripted_model/embedding.hpp"

#include <numeric>

#include <gtest/gtest.h>

namespace reverie::scripted {
namespace {

float likeness(std::string_view a, std::string_view b) {
  const auto x = embed(a, 256);
  const auto y = embed(b, 256);
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0F);
}

TEST(Embed, FollowsItsRule) {
  const auto vector = embed("Hello, wörld", 8);
  const std::vector<float> expected{
    0.28867513F, 0, 0, -0.28867513F, -0.28867513F, -0.57735026F, -0.28867513F, -0.57735026F};
  EXPECT_EQ(vector, expected);
}

TEST(Embed, HasLengthOne) {
  EXPECT_NEAR(likeness("some words", "some words"), 1.0F, 1e-5F);
  EXPECT_NEAR(likeness("", ""), 1.0F, 1e-5F);
}

TEST(Embed, PutsTextsThatShareWordsNearEachOther) {
  EXPECT_GT(likeness("green tea in the morning", "MORNING tea!"),
            likeness("green tea in the morning", "a fast car") + 0.2F);
}

TEST(Embed, KnowsLettersBeyondAscii) {
  EXPECT_NEAR(likeness("ÄRGER über ЖУК", "ärger_ÜBER_жук"), 1.0F, 1e-5F);
}

}  // namespace
}  // namespace reverie::scripted
