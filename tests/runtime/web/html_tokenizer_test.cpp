#include "runtime/web/html_tokenizer.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

// "<a href=x>", "</a>", "text", one a line.
std::string cut(std::string_view html, bool is_xml = false) {
  HtmlTokenizer tokenizer(html, is_xml);
  HtmlToken token;
  std::string out;
  while (tokenizer.next(token)) {
    if (token.kind == HtmlToken::Kind::text) {
      out += std::string(token.text) + (token.has_references ? "" : " (raw)");
    } else {
      out += (token.kind == HtmlToken::Kind::end ? "</" : "<") + token.name;
      if (token.kind == HtmlToken::Kind::start)
        for (const auto& [name, value] : token.attributes)
          out += " " + std::string(name) + "=" + std::string(value);
      out += token.is_closed ? "/>" : ">";
    }
    out += '\n';
  }
  return out;
}

TEST(HtmlTokenizer, CutsTagsAndText) {
  EXPECT_EQ(cut("a<P CLASS=x>b</p\n>c<br/>"), "a\n<p class=x>\nb\n</p>\nc\n<br>\n");
  EXPECT_EQ(cut("<!DOCTYPE html><?php a?><!-- <b> -->x<!-->y<!--->z</ bogus>!"), "x\ny\nz\n!\n");
  EXPECT_EQ(cut("1 < 2 <3 </> <"), "1 \n< 2 \n<3 \n \n<\n");
}

TEST(HtmlTokenizer, KeepsTheAttributesThatMatter) {
  EXPECT_EQ(cut("<a href='a b' HREF=second id=x title=\"t\" alt src=>"),
            "<a href=a b alt= src=>\n");
  EXPECT_EQ(cut("<img alt = \"a > b\" src=x/y>"), "<img alt=a > b src=x/y>\n");
  EXPECT_EQ(cut("<a =href=x \"href\"=y>"), "<a>\n");
  const std::string huge(1'000'000, 'x');
  EXPECT_EQ(cut("<a data-" + huge + "=" + huge + " href=y>"), "<a href=y>\n");
}

TEST(HtmlTokenizer, ReadsRawTextUpToItsEnd) {
  EXPECT_EQ(cut("<script>if (a</b/.c) x('<p>')</SCRIPT >y"),
            "<script>\nif (a</b/.c) x('<p>') (raw)\n</script>\ny\n");
  EXPECT_EQ(cut("<title>a &amp; <b></title>"), "<title>\na &amp; <b>\n</title>\n");
  EXPECT_EQ(cut("<style></style><p>"), "<style>\n</style>\n<p>\n");
  EXPECT_EQ(cut("<script>never closed <p>"), "<script>\nnever closed <p> (raw)\n");
  EXPECT_EQ(cut("<script></scripted></script>"), "<script>\n</scripted> (raw)\n</script>\n");
}

TEST(HtmlTokenizer, InXmlAnElementCanBeClosedAtOnce) {
  EXPECT_EQ(cut("<script/><p/>x", true), "<script/>\n<p/>\nx\n");
  EXPECT_EQ(cut("<script/>x"), "<script>\nx (raw)\n");
}

TEST(HtmlTokenizer, LeavesOutWhatIsCutOff) {
  for (const char* html : {"<a", "<a href", "<a href=", "<a href=\"x", "</a", "<!--", "<!", "<?x"})
    EXPECT_EQ(cut("x" + std::string(html)), "x\n") << html;
}

}  // namespace
}  // namespace reverie
