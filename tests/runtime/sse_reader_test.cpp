#include "runtime/sse_reader.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {

namespace {

// What a reader makes of the slices, one line for each event: "name|data".
std::vector<std::string> read(const std::vector<std::string_view>& slices) {
  SseReader reader;
  std::vector<std::string> events;
  const OnSseEvent on_event = [&](const SseEvent& event) {
    events.push_back(std::string(event.name) + "|" + std::string(event.data));
    return Status{};
  };
  for (const auto slice : slices) EXPECT_TRUE(reader.feed(slice, on_event));
  EXPECT_TRUE(reader.finish(on_event));
  return events;
}

using Events = std::vector<std::string>;

}  // namespace

TEST(SseReader, ReadsNamesAndData) {
  EXPECT_EQ(read({"event: a\ndata: 1\n\ndata:2\n\n"}), (Events{"a|1", "|2"}));
}

TEST(SseReader, TakesEveryLineEnd) {
  EXPECT_EQ(read({"data: 1\r\n\r\ndata: 2\r\rdata: 3\n\n"}), (Events{"|1", "|2", "|3"}));
}

TEST(SseReader, JoinsDataOverSeveralLines) {
  EXPECT_EQ(read({"data: a\ndata:  b\ndata\ndata: c\n\n"}), (Events{"|a\n b\n\nc"}));
}

TEST(SseReader, SkipsCommentsAndUnknownFields) {
  EXPECT_EQ(read({": OPENROUTER PROCESSING\n\nid: 7\nretry: 3\ndata: 1\n\n:\n\n"}), (Events{"|1"}));
}

TEST(SseReader, AnEventWithoutDataIsNone) {
  EXPECT_EQ(read({"event: a\n\ndata: 1\n\n"}), (Events{"|1"}));
}

TEST(SseReader, HandsOutALastEventWithoutItsBlankLine) {
  EXPECT_EQ(read({"data: 1\n\ndata: 2\n"}), (Events{"|1", "|2"}));
  EXPECT_EQ(read({"data: 1\n\ndata: 2"}), (Events{"|1", "|2"}));
}

TEST(SseReader, TakesJsonOnALineOfItsOwnAsData) {
  EXPECT_EQ(read({"{\"error\":{}}\n"}), (Events{"|{\"error\":{}}"}));
}

TEST(SseReader, SkipsAByteOrderMark) {
  EXPECT_EQ(read({"\xef\xbb\xbf"
                  "data: 1\n\n"}),
            (Events{"|1"}));
}

TEST(SseReader, GivesTheSameForEveryCut) {
  const std::string text =
    "event: a\r\ndata: 1\r\n\r\n: note\ndata: two\ndata: lines\n\rdata: \xc3\xa4\n\ndata: [DONE]";
  const Events whole = read({text});
  ASSERT_EQ(whole.size(), 4u);
  for (std::size_t i = 0; i <= text.size(); ++i)
    for (std::size_t j = i; j <= text.size(); ++j)
      ASSERT_EQ(read({std::string_view(text).substr(0, i), std::string_view(text).substr(i, j - i),
                      std::string_view(text).substr(j)}),
                whole)
        << i << " " << j;
}

TEST(SseReader, BoundsAnEvent) {
  const OnSseEvent ignore = [](const SseEvent&) { return Status{}; };
  SseReader reader(20);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(reader.feed("data: 1234567890\n\n", ignore));
  EXPECT_TRUE(reader.feed("data: 1234567890\n", ignore));
  const auto by_data = reader.feed("data: 1234567890\n", ignore);
  ASSERT_FALSE(by_data);
  EXPECT_EQ(by_data.error().code, Errc::llm_server_error);
  SseReader other(20);
  EXPECT_TRUE(other.feed("data: 1234567890", ignore));
  EXPECT_FALSE(other.feed("data: 1234567890", ignore));
}

TEST(SseReader, AnErrorOfTheCallbackEndsTheReading) {
  SseReader reader;
  int count = 0;
  const auto status = reader.feed("data: 1\n\ndata: 2\n\n", [&](const SseEvent&) -> Status {
    ++count;
    return Error{Errc::llm_overloaded, "no", ""};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::llm_overloaded);
  EXPECT_EQ(count, 1);
}

}  // namespace reverie
