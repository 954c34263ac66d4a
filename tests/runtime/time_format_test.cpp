#include "runtime/time_format.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace reverie {
namespace {

Timestamp at(const std::string& text) {
  return *from_rfc3339(text);
}

TEST(TimeFormat, KnowsTheNamesOfTheDatabaseAndNothingElse) {
  for (const char* name : {"UTC", "Europe/Berlin", "America/New_York", "Etc/GMT+3"})
    EXPECT_TRUE(is_timezone(name)) << name;
  for (const char* name : {"", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", ":/etc/hosts"})
    EXPECT_FALSE(is_timezone(name)) << name;
}

TEST(TimeFormat, WritesLocalTimesAsPromptsShowThem) {
  const Timestamp time = at("2026-11-21T09:38:27.5Z");
  EXPECT_EQ(local_time_text(time, "UTC"), "2026-11-21 09:38:27 AM UTC+0000");
  EXPECT_EQ(local_time_text(time, "America/New_York"), "2026-11-21 04:38:27 AM EST-0500");
  EXPECT_EQ(local_time_text(time, "Asia/Kolkata"), "2026-11-21 03:08:27 PM IST+0530");
}

TEST(TimeFormat, TakesUtcForAZoneThatIsNone) {
  EXPECT_EQ(local_time_text(at("2026-07-01T12:00:00Z"), "Mars/Olympus"),
            "2026-07-01 12:00:00 PM UTC+0000");
}

TEST(TimeFormat, WritesIsoWithSecondsAndWithTheLocalOffset) {
  const Timestamp time = at("2026-07-01T09:38:27.120000Z");
  EXPECT_EQ(to_iso_seconds(time), "2026-07-01T09:38:27+00:00");
  EXPECT_EQ(to_iso_local(time, "Europe/Berlin"), "2026-07-01T11:38:27.120000+02:00");
}

TEST(TimeFormat, SaysHowLongAgo) {
  const Timestamp now = at("2026-07-01T12:00:00Z");
  EXPECT_EQ(time_ago(now - std::chrono::seconds(3), now), "3s ago");
  EXPECT_EQ(time_ago(now - std::chrono::minutes(59), now), "59m ago");
  EXPECT_EQ(time_ago(now - std::chrono::hours(23), now), "23h ago");
  EXPECT_EQ(time_ago(now - std::chrono::hours(50), now), "2d ago");
  EXPECT_EQ(time_ago(now + std::chrono::hours(1), now), "0s ago");
}

TEST(TimeFormat, ADateAloneCoversTheWholeLocalDay) {
  EXPECT_EQ(*range_start("2026-07-01", "Europe/Berlin"), at("2026-06-30T22:00:00Z"));
  EXPECT_EQ(*range_end("2026-07-01", "Europe/Berlin"), at("2026-07-01T21:59:59.999999Z"));
  // 25 hours: the clock goes back on this day.
  EXPECT_EQ(*range_end("2026-10-25", "Europe/Berlin") - *range_start("2026-10-25", "Europe/Berlin"),
            std::chrono::hours(25) - std::chrono::microseconds(1));
}

TEST(TimeFormat, ReadsTimesWithAndWithoutAnOffset) {
  EXPECT_EQ(*range_start("2026-07-01T10:00", "Europe/Berlin"), at("2026-07-01T08:00:00Z"));
  EXPECT_EQ(*range_end("2026-07-01 10:00:30.25", "UTC"), at("2026-07-01T10:00:30Z"));
  EXPECT_EQ(*range_end("2026-07-01T10:00:00Z", "Europe/Berlin"), at("2026-07-01T10:00:00Z"));
  EXPECT_EQ(*range_start("2026-07-01T10:00:00-02:00", "UTC"), at("2026-07-01T12:00:00Z"));
}

TEST(TimeFormat, NamesTheFormThatItWantsForABadDate) {
  for (const char* text : {"", "yesterday", "2026-02-30", "2026-13-01", "2026-07-01T25:00",
                           "2026-07-01x10:00", "2026-07-01T10", "2026-07-01T10:00:00+xx"}) {
    const auto start = range_start(text, "UTC");
    ASSERT_FALSE(start) << text;
    EXPECT_EQ(start.error().code, Errc::invalid_argument);
    EXPECT_NE(start.error().message.find("YYYY-MM-DD"), std::string::npos);
  }
}

}  // namespace
}  // namespace reverie
