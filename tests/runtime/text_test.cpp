#include "runtime/text.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(Text, PutsAMarkWhereBytesAreNoCharacter) {
  EXPECT_EQ(as_utf8("grüß"), "grüß");
  EXPECT_EQ(as_utf8("a\xff\xc3z\xe2\x82"), "a��z��");
  EXPECT_EQ(as_utf8("\xed\xa0\x80\xc0\x80"), "�����") << "half a pair, and too long a zero";
  EXPECT_EQ(as_utf8(""), "");
}

TEST(Text, LeavesThePartOfACharacterAtTheEndOfATextThatWasCutOut) {
  EXPECT_EQ(as_utf8("ü\xe2\x82", true), "ü");
  EXPECT_EQ(as_utf8("ü\xe2\x82"), "ü\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(as_utf8("\xff ü\xc3(", true), "\xef\xbf\xbd ü\xef\xbf\xbd(");
}

TEST(Text, EncodesForUrls) {
  EXPECT_EQ(url_encoded("a-b_c.d~E9"), "a-b_c.d~E9");
  EXPECT_EQ(url_encoded("a b/c?ü"), "a%20b%2Fc%3F%C3%BC");
}

TEST(Text, MakesLettersOfAsciiSmall) {
  EXPECT_EQ(lower_ascii("Text/HTML Ü"), "text/html Ü");
}

}  // namespace
}  // namespace reverie
