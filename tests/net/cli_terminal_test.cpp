#include "net/cli/table.hpp"
#include "net/cli/terminal.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(CliTerminal, ColoursOnlyWhenItMay) {
  EXPECT_EQ(Style(false).dim("x"), "x");
  EXPECT_EQ(Style(true).dim("x"), "\x1b[2mx\x1b[0m");
  EXPECT_EQ(Style(true).red(""), "");
  EXPECT_FALSE(Style::of(-1, Environment()).is_coloured());
}

TEST(CliTerminal, LetsNoTextSteerTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\x07"
                      "c\r\x7f"
                      "d"),
            "a[2Jbcd");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "2Jb"),
            "a2Jb")
    << "C1 control characters steer too";
  EXPECT_EQ(printable("user\u202Eexe.txt"), "userexe.txt") << "so do marks that turn text around";
  EXPECT_EQ(printable("tab\tand\nline"), "tab\tand\nline");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f \xff dich"), "gr\xc3\xbc\xc3\x9f \xef\xbf\xbd dich");
}

TEST(CliTerminal, PutsTextOnOneLine) {
  EXPECT_EQ(one_line("  a\n\n b\t c \n"), "a b c");
  EXPECT_EQ(one_line(""), "");
}

TEST(CliTerminal, CountsColumnsAsTheTerminalShowsThem) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("grün"), 4U);
  EXPECT_EQ(columns_of("日本"), 4U);
  EXPECT_EQ(columns_of("e\u0301"), 1U);
}

TEST(CliTerminal, CutsBetweenCharacters) {
  EXPECT_EQ(shortened("short", 5), "short");
  EXPECT_EQ(shortened("longer", 5), "long…");
  EXPECT_EQ(shortened("日本語", 5), "日本…");
  EXPECT_EQ(shortened("日本語", 4), "日…");
}

TEST(CliTable, LinesColumnsUp) {
  EXPECT_EQ(table({"NAME", "N"}, {{"日本", "1"}, {"a", "22"}, {"only"}}, Style()),
            "NAME  N\n"
            "日本  1\n"
            "a     22\n"
            "only\n");
}

TEST(CliTable, KeepsEachRowOnItsLine) {
  EXPECT_EQ(table({"A", "B"}, {{"two\nlines", "\x1b[31mred"}}, Style()),
            "A          B\n"
            "two lines  [31mred\n");
}

TEST(CliTable, ShowsItsHeadWithoutRows) {
  EXPECT_EQ(table({"A", "B"}, {}, Style(true)), "\x1b[1mA  B\x1b[0m\n");
}

}  // namespace
}  // namespace reverie
