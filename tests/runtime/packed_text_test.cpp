#include "runtime/packed_text.hpp"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace reverie {
namespace {

// What is hard to compress.
std::string noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 engine{seed};
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(engine());
  return text;
}

TEST(PackedText, GivesBackWhatWasPacked) {
  TextPacker packer;
  const std::vector<std::string> texts{
    "", "{}", std::string(1, '\0'), noise(100, 1), noise(3 << 20, 2), std::string(1 << 20, 'x')};
  std::vector<PackedText> packed;
  for (const std::string& text : texts) packed.push_back(packer.pack(text));
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(packed[i].unpack(), texts[i]) << i;
}

TEST(PackedText, ATextLikeTheOneBeforeTakesLittle) {
  TextPacker packer;
  const std::string common = noise(8'000, 3);
  packer.pack(common + "one");
  const PackedText second = packer.pack("two" + common);
  EXPECT_LT(second.bytes(), 200U);
  EXPECT_EQ(second.unpack(), "two" + common);
}

TEST(PackedText, OfTwoKindsThatTakeTurnsNoneIsLarger) {
  TextPacker packer;
  const std::string a(8'000, 'a');
  const std::string b = noise(8'000, 4);
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(packer.pack(a).bytes(), 200U);
    const PackedText packed = packer.pack(b);
    EXPECT_LT(packed.bytes(), 8'100U);
    EXPECT_EQ(packed.unpack(), b);
  }
}

TEST(PackedText, OutlivesThePacker) {
  PackedText packed;
  {
    TextPacker packer;
    packer.pack("the first text, of which the second is made: " + noise(500, 5));
    packed = packer.pack("the first text, of which the second is made: " + noise(500, 5));
  }
  EXPECT_EQ(packed.unpack(), "the first text, of which the second is made: " + noise(500, 5));
}

}  // namespace
}  // namespace reverie
