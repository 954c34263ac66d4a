#include "runtime/web/charset.hpp"

#include "runtime/text.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(Charset, ReadsWhatPagesAreWrittenIn) {
  EXPECT_EQ(utf8_text("gr\xc3\xbc\xc3\x9f", "UTF-8"), "grüß");
  EXPECT_EQ(utf8_text("gr\xfc\xdf \x80\x96", "iso-8859-1"), "grüß €–") << "as browsers do";
  EXPECT_EQ(utf8_text("\xcf\xf0\xe8\xe2\xe5\xf2", "Windows-1251"), "Привет");
  EXPECT_EQ(utf8_text(std::string_view("g\0\xfc\0", 4), "utf-16le"), "gü");
  EXPECT_EQ(utf8_text("\x82\xb1\x82\xf1", "Shift_JIS"), "こん");
  EXPECT_EQ(utf8_text("\xc4\xe3", "gb2312"), "你");
}

TEST(Charset, AByteOrderMarkGoesBeforeWhatIsSaid) {
  EXPECT_EQ(utf8_text("\xef\xbb\xbf\xc3\xbc", "iso-8859-1"), "ü");
  EXPECT_EQ(utf8_text(std::string_view("\xff\xfeg\0\xfc\0", 6), "utf-8"), "gü");
  EXPECT_EQ(utf8_text(std::string_view("\xfe\xff\0g\0\xfc", 6), ""), "gü");
}

TEST(Charset, WithoutALabelTheBytesDecide) {
  EXPECT_EQ(utf8_text("gr\xc3\xbc\xc3\x9f", ""), "grüß");
  EXPECT_EQ(utf8_text("gr\xfc\xdf", ""), "grüß");
  EXPECT_EQ(utf8_text("gr\xfc\xdf", "no-such-charset"), "grüß");
  EXPECT_EQ(utf8_text("", ""), "");
}

TEST(Charset, WhatBelongsToNoCharacterIsMarked) {
  EXPECT_EQ(utf8_text("a\xff\xc3z", "utf-8"), "a��z");
  EXPECT_EQ(utf8_text("cut \xe2\x82", "utf-8"), "cut ��");
  EXPECT_EQ(utf8_text("\xf5\x9a\x9a\x9a", "utf-8"), "����") << "beyond what Unicode has";
  EXPECT_EQ(utf8_text(std::string_view("a\0\x3d\xd8", 4), "utf-16le"), "a�") << "half a pair";
  EXPECT_EQ(utf8_text("odd", "utf-16le"), "摯�");
  for (const char* label : {"utf-8", "utf-16", "euc-kr", "iso-2022-jp", "big5", "gb18030"}) {
    std::string bytes;
    for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i * 7);
    const std::string text = utf8_text(bytes, label);
    EXPECT_TRUE(is_utf8(text)) << label;
    EXPECT_LE(text.size(), 3 * bytes.size()) << label;
  }
}

TEST(Charset, KnowsTheNamesOfTheWebAndNoOthers) {
  EXPECT_EQ(charset_named(" ISO-8859-1 "), "CP1252");
  EXPECT_EQ(charset_named("UTF-8//TRANSLIT"), "");
  EXPECT_EQ(charset_named("UTF-7"), "");
  EXPECT_EQ(charset_named("../../../tmp/x"), "");
}

TEST(Charset, FindsTheNameInHeadersAndPages) {
  EXPECT_EQ(charset_parameter("text/html; charset=\"utf-8\""), "utf-8");
  EXPECT_EQ(charset_parameter("text/html;a=b; Charset = latin1 "), "latin1");
  EXPECT_EQ(charset_parameter("text/html"), "");
  EXPECT_EQ(charset_in_page("<html><META CHARSET='koi8-r'>"), "koi8-r");
  EXPECT_EQ(charset_in_page("<meta name=a><meta http-equiv=\"Content-Type\" "
                            "content=\"text/html; charset=windows-1252\">"),
            "windows-1252");
  EXPECT_EQ(charset_in_page("<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><r/>"), "iso-8859-2");
  EXPECT_EQ(charset_in_page("<meta charset=utf-16>"), "utf-8") << "it could be read up to here";
  EXPECT_EQ(charset_in_page(std::string(1'024, ' ') + "<meta charset=utf-8>"), "");
  EXPECT_EQ(charset_in_page("<meta charset"), "");
  EXPECT_EQ(charset_in_page("<meta charset="), "");
}

}  // namespace
}  // namespace reverie
