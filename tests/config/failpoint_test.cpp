#include "config/failpoint.hpp"

#include <csignal>
#include <set>

#include <gtest/gtest.h>

namespace reverie {
namespace {

Status arm(const std::string& text) {
  return arm_failpoints(Environment{{{"REVERIE_FAILPOINT", text}}});
}

void pass_three_times() {
  for (int i = 0; i < 3; ++i) failpoint("step.stored");
}

TEST(Failpoint, NamesAreUnique) {
  const std::set<std::string_view> names{failpoint_names.begin(), failpoint_names.end()};
  EXPECT_EQ(names.size(), failpoint_names.size());
}

TEST(Failpoint, DoesNothingWhereItIsNotArmed) {
  ASSERT_TRUE(arm_failpoints({}));
  EXPECT_FALSE(failpoints_are_armed);
  pass_three_times();
}

TEST(FailpointDeathTest, EndsTheProcessAtThePassingThatIsAskedFor) {
  const auto fail_at = [](const std::string& text) {
    if (arm(text)) pass_three_times();
    ::_exit(0);
  };
  EXPECT_EXIT(fail_at("step.stored"), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(fail_at("step.stored@3"), ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(fail_at("step.stored@4"), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(fail_at("step.store"), ::testing::ExitedWithCode(0), "");
  EXPECT_EXIT(fail_at("trace"), ::testing::ExitedWithCode(0), "");
}

TEST(Failpoint, RefusesANameThatIsNotListedAndListsThem) {
  const auto status = arm("step.lost@2");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::invalid_argument);
  EXPECT_EQ(status.error().where, "REVERIE_FAILPOINT");
  EXPECT_NE(status.error().message.find("'step.lost'"), std::string::npos);
  for (const std::string_view name : failpoint_names)
    EXPECT_NE(status.error().message.find(name), std::string::npos) << name;
  EXPECT_FALSE(failpoints_are_armed);
}

TEST(Failpoint, RefusesACountThatIsNone) {
  for (const char* text : {"step.stored@", "step.stored@0", "step.stored@-1", "step.stored@2x"})
    EXPECT_FALSE(arm(text)) << text;
}

}  // namespace
}  // namespace reverie
