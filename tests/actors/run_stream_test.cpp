#include "actors/run_actor.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

StreamEvent event(std::int64_t number, bool is_last = false) {
  return {number, std::make_shared<const std::string>("frame " + std::to_string(number)), is_last};
}

class RunStreamTest : public ::testing::Test {
 protected:
  RunStreamTest() { stream.init(1'000); }

  void listen(std::int64_t after, std::int64_t credit = 100) {
    stream.subscribe({"run", "me", after, credit}, RunListener{});
  }

  // The numbers of what the listener gets now.
  std::vector<std::int64_t> heard() {
    std::vector<std::int64_t> numbers;
    for (const auto& delivery : stream.deliver())
      for (const StreamEvent& each : delivery.events) numbers.push_back(each.number);
    return numbers;
  }

  using Numbers = std::vector<std::int64_t>;
  RunStream stream;
};

TEST_F(RunStreamTest, AListenerGetsWhatIsBehindItsCursorAndThenWhatComes) {
  stream.add({event(1), event(2), event(3)});
  listen(1);
  EXPECT_EQ(heard(), (Numbers{2, 3}));
  stream.add({event(4, true)});
  EXPECT_EQ(heard(), (Numbers{4}));
  EXPECT_TRUE(stream.is_over());
}

TEST_F(RunStreamTest, EventsThatAreSentAgainAreHeardOnceAndInTheirPlace) {
  stream.add({event(4), event(5)});
  stream.add({event(2), event(3), event(4), event(5), event(6, true)});
  listen(0);
  EXPECT_EQ(heard(), (Numbers{2, 3, 4, 5, 6}));
}

TEST_F(RunStreamTest, NoMoreThanTheCreditIsSentAtOnce) {
  stream.add({event(1), event(2), event(3, true)});
  listen(0, 2);
  EXPECT_EQ(heard(), (Numbers{1, 2}));
  EXPECT_FALSE(stream.is_over());
  stream.credit({"run", "me", 1});
  EXPECT_EQ(heard(), (Numbers{3}));
  EXPECT_TRUE(stream.is_over());
}

TEST_F(RunStreamTest, TheOldestEventsGoWhenThereAreTooManyBytes) {
  stream.init(20);  // two frames of 7 bytes
  stream.add({event(1), event(2), event(3)});
  listen(0);
  EXPECT_EQ(heard(), (Numbers{2, 3}));
}

TEST_F(RunStreamTest, IsNotOverBeforeSomebodyHasHeardTheEnd) {
  stream.add({event(1, true)});
  EXPECT_FALSE(stream.is_over());
  listen(0);
  EXPECT_EQ(heard(), (Numbers{1}));
  EXPECT_TRUE(stream.is_over());
}

}  // namespace
}  // namespace reverie
