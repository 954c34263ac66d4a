#include "runtime/views/rendered_answers.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace reverie {
namespace {

constexpr Home one{1};
constexpr Home two{2};

class RenderedAnswersTest : public ::testing::Test {
 protected:
  void keep(const std::string& key, const std::string& text, std::initializer_list<Home> homes) {
    auto sources = answers.sources();
    for (const Home home : homes) sources.add(home);
    answers.keep(key, text, std::move(sources));
  }
  std::optional<std::string> find(const std::string& key) {
    std::string out = "before ";
    if (answers.append(out, key)) return out;
    EXPECT_EQ(out, "before ");
    return std::nullopt;
  }

  HomeVersions versions;
  RenderedAnswers answers{versions, 1 << 20};
};

TEST_F(RenderedAnswersTest, AppendsWhatWasKeptUnderTheSameKeyAlone) {
  keep("a", "answer", {one});
  EXPECT_EQ(find("a"), "before answer");
  EXPECT_FALSE(find("b"));
}

TEST_F(RenderedAnswersTest, ForgetsAnAnswerWhenAnyOfItsHomesHasChanged) {
  for (const Home home : {one, two, Home::global}) {
    keep("a", "answer", {one, two, Home::global});
    ASSERT_TRUE(find("a"));
    versions.add_change(home);
    EXPECT_FALSE(find("a"));
  }
}

TEST_F(RenderedAnswersTest, KeepsAnAnswerWhenAnotherHomeHasChanged) {
  keep("a", "answer", {one});
  versions.add_change(two);
  versions.add_change(Home::global);
  EXPECT_TRUE(find("a"));
}

TEST_F(RenderedAnswersTest, AnAnswerThatWasReadDuringAChangeIsNotCurrent) {
  auto sources = answers.sources();
  sources.add(one);
  versions.add_change(one);
  sources.add(one);  // a second look does not make the first newer
  answers.keep("a", "answer", std::move(sources));
  EXPECT_FALSE(find("a"));
}

TEST_F(RenderedAnswersTest, ANewAnswerTakesThePlaceOfTheOld) {
  keep("a", "old", {one});
  versions.add_change(one);
  keep("a", "new", {one});
  EXPECT_EQ(find("a"), "before new");
}

TEST_F(RenderedAnswersTest, MemoryIsBounded) {
  const std::string text(10'000, 'x');
  for (int i = 0; i < 1'000; ++i) keep(std::to_string(i), text, {one});
  int kept = 0;
  for (int i = 0; i < 1'000; ++i) kept += find(std::to_string(i)).has_value();
  EXPECT_GT(kept, 0);
  EXPECT_LE(kept, (1 << 20) / 10'000);
}

TEST_F(RenderedAnswersTest, WithoutRoomNothingIsKept) {
  answers = RenderedAnswers{versions, 0};
  keep("a", "answer", {one});
  EXPECT_FALSE(find("a"));
}

}  // namespace
}  // namespace reverie
