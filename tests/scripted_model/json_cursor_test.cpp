#include "tests/scripted_model/json_cursor.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace reverie::scripted {
namespace {

bool is_json(std::string_view text) {
  JsonCursor cursor(text);
  cursor.value();
  return cursor.ok() && cursor.at_end();
}

TEST(JsonCursor, TakesWhatIsJson) {
  for (const char* text : {"{}", "[]", " null ", "true", "false", "-1.5e3", R"("a\"b\\")",
                           R"({"a": [1, {"b": "]"}], "c": ""})", "[[[]]]"})
    EXPECT_TRUE(is_json(text)) << text;
}

TEST(JsonCursor, RefusesWhatIsNot) {
  for (const char* text : {"", "{", "[1,]", "[1 2]", R"({"a"})", R"({"a": })", R"({a: 1})", "nul",
                           R"("open)", "\"a\nb\"", "{} {}", R"("ends in a backslash\)", "}"})
    EXPECT_FALSE(is_json(text)) << text;
}

TEST(JsonCursor, FindsTheEndOfAStringAtEveryOffset) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string plain(length, 'x');
    EXPECT_TRUE(is_json('"' + plain + '"')) << length;
    EXPECT_TRUE(is_json('"' + plain + R"(\"ü\\")")) << length;
    EXPECT_FALSE(is_json('"' + plain + "\x01\"")) << length;
  }
}

TEST(JsonCursor, HandsOutMembersInOrder) {
  JsonCursor cursor(R"({"a": 1, "b": [2, "x"], "c": {"d": null}} )");
  std::vector<std::string> seen;
  cursor.object([&](std::string_view name) {
    seen.emplace_back(name);
    seen.emplace_back(cursor.value());
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"a", "1", "b", R"([2, "x"])", "c", R"({"d": null})"}));
  EXPECT_TRUE(cursor.at_end());
}

TEST(JsonCursor, StepsOverAValueOfAnotherKind) {
  JsonCursor cursor(R"([{"a": 1}, 2])");
  int elements = 0;
  cursor.array([&] {
    ++elements;
    cursor.array([] { FAIL(); });
  });
  EXPECT_EQ(elements, 2);
  EXPECT_TRUE(cursor.ok() && cursor.at_end());
}

TEST(JsonCursor, RefusesToNestWithoutBound) {
  EXPECT_TRUE(is_json(std::string(100, '[') + std::string(100, ']')));
  EXPECT_FALSE(is_json(std::string(100'000, '[') + std::string(100'000, ']')));
}

TEST(JsonCursor, DecodesStrings) {
  EXPECT_EQ(string_of(R"("a\n\u00fc")"), "a\nü");
  EXPECT_EQ(string_of("1"), "");
  EXPECT_EQ(string_of(""), "");
}

}  // namespace
}  // namespace reverie::scripted
