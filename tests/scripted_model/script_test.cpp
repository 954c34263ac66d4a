#include "tests/scripted_model/script.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace reverie::scripted {
namespace {

using std::chrono::microseconds;

Script parsed(std::string_view text) {
  auto script = parse_script(text);
  EXPECT_TRUE(script) << text;
  return script ? *std::move(script) : Script{};
}

Step only_step(std::string_view text) {
  auto script = parsed(text);
  EXPECT_EQ(script.steps.size(), 1U) << text;
  return script.steps.empty() ? Step{} : std::move(script.steps.front());
}

TEST(Script, IsNothingWithoutADirective) {
  EXPECT_FALSE(parse_script("hello"));
  EXPECT_FALSE(parse_script("a [link] and [[unknown thing]]"));
  EXPECT_FALSE(parse_script("[[say2 x]]"));
}

TEST(Script, MakesAStepOfEachCallAndEachSay) {
  const auto script =
    parsed(R"(please [[call a {"x": 1}]] and [[call b.c-d]] then [[say all done]])");
  ASSERT_EQ(script.steps.size(), 3U);
  EXPECT_EQ(script.steps[0].calls, (std::vector<Call>{{"a", R"({"x": 1})"}}));
  EXPECT_EQ(script.steps[1].calls, (std::vector<Call>{{"b.c-d", "{}"}}));
  EXPECT_EQ(script.steps[2].say, "all done");
  EXPECT_FALSE(script.is_loop);
}

TEST(Script, LetsArgumentsHoldTheClosingBrackets) {
  const auto script = parsed(R"([[call a {"x": [[1]], "y": "]]"}]][[say z]])");
  ASSERT_EQ(script.steps.size(), 2U);
  EXPECT_EQ(script.steps[0].calls[0].arguments, R"({"x": [[1]], "y": "]]"})");
}

TEST(Script, KeepsBrokenArgumentsAsTheyStand) {
  const auto script = parsed(R"([[call a {"x": }]][[say z]])");
  ASSERT_EQ(script.steps.size(), 2U);
  EXPECT_EQ(script.steps[0].calls[0].arguments, R"({"x": })");
}

TEST(Script, PutsParallelCallsIntoOneStep) {
  const auto script = parsed(
    "[[parallel]][[call a]][[call b]][[step]][[call c]][[call d]][[serial]][[call e]][[call f]]");
  ASSERT_EQ(script.steps.size(), 4U);
  EXPECT_EQ(script.steps[0].calls.size(), 2U);
  EXPECT_EQ(script.steps[1].calls, (std::vector<Call>{{"c", "{}"}, {"d", "{}"}}));
  EXPECT_EQ(script.steps[2].calls[0].name, "e");
  EXPECT_EQ(script.steps[3].calls[0].name, "f");
}

TEST(Script, StartsANewStepInAParallelGroupAfterAModifier) {
  const auto script = parsed("[[parallel]][[call a]][[reason why]][[call b]][[call c]]");
  ASSERT_EQ(script.steps.size(), 2U);
  EXPECT_EQ(script.steps[1].reason, "why");
  EXPECT_EQ(script.steps[1].calls.size(), 2U);
}

TEST(Script, GivesModifiersToTheNextStepOnly) {
  const auto script =
    parsed("[[reason look first]][[text one moment]][[delay 200ms]][[call a]][[say b]]");
  ASSERT_EQ(script.steps.size(), 2U);
  EXPECT_EQ(script.steps[0].reason, "look first");
  EXPECT_EQ(script.steps[0].say, "one moment");
  EXPECT_EQ(script.steps[0].delay, microseconds(200'000));
  EXPECT_EQ(script.steps[1].reason, "");
  EXPECT_EQ(script.steps[1].delay, microseconds(0));
}

TEST(Script, LetsModifiersAloneShapeADefaultAnswer) {
  const auto step = only_step("hello [[delay 1.5s]]");
  EXPECT_EQ(step.delay, microseconds(1'500'000));
  EXPECT_FALSE(step.say);
  EXPECT_TRUE(step.calls.empty());
}

TEST(Script, ReadsEveryFault) {
  EXPECT_EQ(only_step("[[error]]").error, "500");
  const auto error = only_step("[[error 429 n=2]]");
  EXPECT_EQ(error.error, "429");
  EXPECT_EQ(error.error_requests, 2);
  EXPECT_FALSE(only_step("[[error context_length]]").error_requests);
  EXPECT_TRUE(only_step("[[hang]]").hangs);
  EXPECT_EQ(only_step("[[hang after=3]]").hang_after, 3U);
  EXPECT_FALSE(only_step("[[hang after=3]]").hangs);
  EXPECT_EQ(only_step("[[drop after=2]]").drop_after, 2U);
  EXPECT_EQ(only_step("[[drop]]").drop_after, 0U);
  EXPECT_EQ(only_step("[[malformed]]").malformed, Malformed::body);
  EXPECT_EQ(only_step("[[malformed args]]").malformed, Malformed::args);
  EXPECT_EQ(only_step("[[malformed empty]]").malformed, Malformed::empty);
}

TEST(Script, ReadsFinishChunksAndUsage) {
  const auto step =
    only_step("[[finish length]][[chunks 50]][[usage prompt=120000 completion=5 cached=100]]");
  EXPECT_EQ(step.finish, "length");
  EXPECT_EQ(step.chunks, 50U);
  EXPECT_EQ(step.prompt_tokens, 120'000);
  EXPECT_EQ(step.completion_tokens, 5);
  EXPECT_EQ(step.cached_tokens, 100);
  EXPECT_FALSE(step.reasoning_tokens);
}

TEST(Script, IgnoresNumbersThatAreNone) {
  EXPECT_EQ(only_step("[[delay soon]]").delay, microseconds(0));
  EXPECT_EQ(only_step("[[chunks many]]").chunks, 1U);
  EXPECT_FALSE(only_step("[[error 500 n=x]]").error_requests);
}

TEST(Script, LoopsAndTakesNamesInAnyCase) {
  const auto script = parsed("[[ CALL a ]][[Loop]]");
  EXPECT_TRUE(script.is_loop);
  EXPECT_EQ(script.steps.size(), 1U);
}

TEST(Script, EndsAtTheEndOfATextThatIsCutShort) {
  EXPECT_EQ(only_step("[[say hello").say, "hello");
  EXPECT_EQ(only_step("[[call a {\"x\": ").calls[0].arguments, "{\"x\":");
}

TEST(Script, TakesDirectivesOutOfTheText) {
  EXPECT_EQ(without_directives(" hi [[delay 1s]] there [[x]] "), "hi  there");
  EXPECT_EQ(without_directives("open [[ end"), "open [[ end");
}

}  // namespace
}  // namespace reverie::scripted
