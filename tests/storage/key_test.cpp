#include "storage/key.hpp"

#include "tests/storage/toy.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace reverie {
namespace {

TEST(Key, ByteOrderIsLogicalOrder) {
  EXPECT_LT(key_bytes(std::string("a")), key_bytes(std::string("a\0b", 3)));
  EXPECT_LT(key_bytes(std::string("a\0b", 3)), key_bytes(std::string("ab")));
  EXPECT_LT(key_bytes(std::uint64_t{255}), key_bytes(std::uint64_t{256}));
}

// Parts of few different bytes, so that many are prefixes of others.
TEST(Key, AnyTwoKeysCompareAsTheirParts) {
  SeededRandom random{11};
  using Parts = std::tuple<std::string, std::uint64_t, std::string>;
  const auto text = [&] {
    std::string made;
    for (std::uint64_t n = random.next() % 4; n > 0; --n)
      made += std::string(
        "\0\1\xff"
        "a",
        4)[random.next() % 4];
    return made;
  };
  std::vector<Parts> all;
  for (int i = 0; i < 300; ++i) all.emplace_back(text(), random.next() % 3 * 255, text());
  const auto bytes = [](const Parts& parts) {
    return std::apply([](const auto&... part) { return key_bytes(part...); }, parts);
  };
  const auto logical = [](const std::string& a, const std::string& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    });
  };
  const auto comes_first = [&](const Parts& a, const Parts& b) {
    if (std::get<0>(a) != std::get<0>(b)) return logical(std::get<0>(a), std::get<0>(b));
    if (std::get<1>(a) != std::get<1>(b)) return std::get<1>(a) < std::get<1>(b);
    return logical(std::get<2>(a), std::get<2>(b));
  };
  for (const Parts& a : all)
    for (const Parts& b : all) {
      ASSERT_EQ(logical(bytes(a), bytes(b)), comes_first(a, b));
      ASSERT_EQ(bytes(a) == bytes(b), a == b);
    }
}

TEST(Key, DecodesWhatItEncodedAndNothingThatIsCutOff) {
  const testing::ToyTable::Key key{"agent-2f6c81d4-0000-4000-8000-000000000000", 1ULL << 63};
  const std::string bytes = *encode_key(key);
  testing::ToyTable::Key decoded;
  ASSERT_TRUE(decode_key(bytes, decoded));
  EXPECT_EQ(decoded, key);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_key(std::string_view(bytes).substr(0, size), decoded)) << size;
  EXPECT_FALSE(decode_key(bytes + "x", decoded));
}

TEST(Key, APartMayHoldAnyByte) {
  for (const std::string& part : {std::string(), std::string("\0", 1), std::string("\0\0\xff", 3),
                                  std::string("a\0b\0", 4), std::string("\xff\0\xff", 3)}) {
    const std::string bytes = key_bytes(part, std::uint64_t{7});
    std::string_view rest = bytes;
    std::string taken = "before";
    ASSERT_TRUE(take_key_part(rest, taken));
    EXPECT_EQ(taken, part);
    EXPECT_EQ(rest.size(), 8U);
    for (std::size_t size = 0; size < bytes.size() - 8; ++size) {
      rest = std::string_view(bytes).substr(0, size);
      EXPECT_FALSE(take_key_part(rest, taken)) << size;
    }
  }
}

TEST(Key, ThePrefixOfTheLastHomeHasNoEnd) {
  EXPECT_EQ(end_of_prefix("ab"), "ac");
  EXPECT_EQ(end_of_prefix("a\xff"), "b");
  EXPECT_EQ(end_of_prefix("\xff\xff"), "");
}

}  // namespace
}  // namespace reverie
