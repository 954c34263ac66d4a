#include "runtime/web/page_text.hpp"

#include "runtime/text.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

constexpr std::size_t text_bytes_max = 1U << 20;

FetchedPage page(std::string body, std::string content_type = "text/html; charset=utf-8") {
  return {*parse_web_url("https://a.example/dir/page"), std::move(content_type), std::move(body)};
}

// Without the lines about the page itself.
std::string text_of(std::string html, std::size_t bytes_max = text_bytes_max) {
  auto text = page_text(page(std::move(html)), bytes_max);
  if (!text) return "error: " + text.error().message;
  return text->substr(text->find("\n\n") + 2);
}

constexpr std::string_view nothing =
  "The page has no text that could be read without running its scripts.";

TEST(PageText, BeginsWithTitleAndAddress) {
  const auto text = page_text(page("<html><head><title> One &amp;\n two </title></head>"
                                   "<body><svg><title>no</title></svg><p>Hello.</p></body></html>"),
                              text_bytes_max);
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, "Title: One & two\nURL: https://a.example/dir/page\n\nHello.");
}

TEST(PageText, WritesHeadingsParagraphsAndLines) {
  EXPECT_EQ(text_of("<h1>A  <em>b</em></h1>\n<p>One\n two<br>three<p>four<h3><a name=x></a></h3>"
                    "<div>five</div><div>six</div><hr><p>end"),
            "# A b\n\nOne two\nthree\n\nfour\n\nfive\nsix\n\n---\n\nend");
}

TEST(PageText, WritesLists) {
  EXPECT_EQ(text_of("<ul><li>one<li>two<ol start=9><li>nine</li><li>ten</ol><li></li><li>three</ul>"
                    "<dl><dt>Term<dd>What it is<dt>Other<dd>That</dl>"),
            "- one\n- two\n  9. nine\n  10. ten\n- three\n\n"
            "Term\n: What it is\nOther\n: That");
}

TEST(PageText, WritesQuotesAndCode) {
  EXPECT_EQ(text_of("<blockquote><p>a<p>b<ul><li>c</ul></blockquote>after <q>said</q>"),
            "> a\n>\n> b\n>\n> - c\n\nafter \"said\"");
  EXPECT_EQ(text_of("Use <code>a `b` c</code>, <kbd>Ctrl</kbd>.<pre class='x lang-cpp'>\r\n"
                    "int a;\n\n  <b>b</b>();\n\n</pre>"),
            "Use ``a `b` c``, `Ctrl`.\n\n```cpp\nint a;\n\n  b();\n```");
  EXPECT_EQ(text_of("<pre>```\nx</pre>"), "````\n```\nx\n````");
}

TEST(PageText, MakesLinksAndImagesAbsolute) {
  EXPECT_EQ(text_of("See <a href='../x?a=1&amp;b=2'> the  x </a>. <a href='#y'>here</a>, "
                    "<a href='javascript:z()'>run</a>, <a href='/w_(v)'>w</a>, "
                    "<a href=/icon><i></i></a> <img src=p.png alt='A picture'><img src=q.png>"),
            "See [the x](https://a.example/x?a=1&b=2) . here, run, "
            "[w](<https://a.example/w_(v)>), ![A picture](https://a.example/dir/p.png)");
  EXPECT_EQ(text_of("<base href='//b.example/base/'><a href=c>d</a>"),
            "[d](https://b.example/base/c)");
  EXPECT_EQ(text_of("<a href=/card><h2>Card</h2><p>about</p></a>"),
            "## Card\n\nabout\n\n<https://a.example/card>");
}

TEST(PageText, WritesTablesOfDataAndTakesLayoutApart) {
  EXPECT_EQ(text_of("<table><caption>Sizes</caption><thead><tr><th>a<th>b|c</thead>"
                    "<tr><td>1<td><p>2</p><p>3</p><tr><td><td><ul><li>x<li>y</ul></table>"),
            "Sizes\n\n| a | b\\|c |\n| --- | --- |\n| 1 | 2 3 |\n| | x y |");
  EXPECT_EQ(text_of("<table><tr><td><h2>Left</h2><p>text<td><table><tr><td>in<td>side</table>"
                    "<tr><td>x<td>y</table>"),
            "## Left\n\ntext\n\n| in | side |\n| --- | --- |\n\nx y");
  EXPECT_EQ(text_of("<table><tr><td>one<tr><td>column</table>"), "one\ncolumn");
}

TEST(PageText, LeavesOutWhatIsNotText) {
  EXPECT_EQ(text_of("<nav><a href=/>Home</a></nav><script>x('<p>no</p>')</script><style>p{}</style>"
                    "<div hidden>no</div><p style='color:red; display : NONE'>no</p>"
                    "<span aria-hidden=true>no</span><div role=navigation>no</div>"
                    "<form><label>Search<input></label><button>Go</button></form>"
                    "<noscript>no</noscript><template>no</template><select><option>no</select>"
                    "<svg><text>no</text></svg><p>yes</p><footer>no</footer>"),
            "yes");
  EXPECT_EQ(text_of("<form><h1>A page in a form</h1><p>text</p><input value=no></form>"),
            "# A page in a form\n\ntext");
  EXPECT_EQ(text_of("<div id=app></div><script src=app.js></script>"), nothing);
  EXPECT_EQ(text_of(""), nothing);
}

TEST(PageText, PrefersTheMainPart) {
  const std::string words(120, 'x');
  EXPECT_EQ(text_of("<p>around</p><main><p>" + words + "</main><p>around"), words);
  EXPECT_EQ(text_of("<p>around</p><div role=main>" + words + "</div>"), words);
  EXPECT_EQ(text_of("<p>around</p><article>" + words + "<footer>by A</footer></article>"),
            words + "\n\nby A");
  EXPECT_EQ(text_of("<main>Loading</main><p>" + words), "Loading\n\n" + words)
    << "a main part that a script is to fill";
  EXPECT_EQ(text_of("<article>" + words + "</article><article>" + words + "</article><article>"
                    + words + "</article>"),
            words + "\n\n" + words + "\n\n" + words)
    << "a list of articles";
}

TEST(PageText, MakesSenseOfBrokenHtml) {
  EXPECT_EQ(text_of("</p></div><b>a<i>b</b>c</i><p>d</h2><li>e</table>f"), "abc\n\nd\n\n- ef");
  EXPECT_EQ(text_of("<h2>one</h3>two<h2>three<h2>four"), "## one\n\ntwo\n\n## three\n\n## four");
  EXPECT_EQ(text_of("<a href=/1>one<a href=/2>two</a>"),
            "[one](https://a.example/1)[two](https://a.example/2)");
  EXPECT_EQ(text_of("<table><tr><td>a<tr><td>b<td>c</body></html>more"),
            "| a |\n| --- |\n| b | cmore |");
  EXPECT_EQ(text_of("<p>kept<a href=\"never closed"), "kept");
  EXPECT_EQ(text_of("<p>one<head><title>x</title></head><body>two"), "one\n\ntwo");
  EXPECT_EQ(text_of("<td>no table</td><tr>here<li>no list"), "no table\nhere\n- no list");
}

TEST(PageText, BoundsDepthAndSize) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<div><ul><li><blockquote><span>";
  EXPECT_NE(text_of(deep + "bottom").find("bottom"), std::string::npos);

  std::string long_page;
  for (int i = 0; i < 1'000; ++i) long_page += "<p>grüße " + std::to_string(i);
  const std::string cut = text_of(long_page, 100);
  EXPECT_TRUE(cut.starts_with("grüße 0\n\ngrüße 1"));
  EXPECT_NE(cut.find("[The page goes on: its text was cut after 100 bytes"), std::string::npos);
  for (std::size_t bytes_max = 90; bytes_max < 110; ++bytes_max)
    EXPECT_TRUE(is_utf8(text_of(long_page, bytes_max))) << bytes_max;

  // Two bytes of a page, and a link of 2 KB for each.
  std::string links = "<base href='/" + std::string(2'000, 'b') + "/'>";
  for (int i = 0; i < 10'000; ++i) links += "<a href=x>y</a>";
  EXPECT_LT(text_of(links, 10'000).size(), 10'200U);

  std::string attributes = "<p class='" + std::string(1'000'000, 'c') + "'";
  for (int i = 0; i < 100'000; ++i) attributes += " a" + std::to_string(i) + "=b";
  EXPECT_EQ(text_of(attributes + ">text"), "text");
}

TEST(PageText, ReadsWhateverItIsWrittenIn) {
  const auto text_in = [](const std::string& body, const std::string& content_type) {
    const auto text = page_text(page(body, content_type), text_bytes_max);
    return text ? text->substr(text->find("\n\n") + 2) : text.error().message;
  };
  EXPECT_EQ(text_in("<p>gr\xfc\xdf", "text/html; charset=iso-8859-1"), "grüß");
  EXPECT_EQ(text_in("<meta charset=windows-1251><p>\xcf\xf0", "text/html"), "Пр");
  EXPECT_EQ(text_in("<p>gr\xc3\xbc\xc3\x9f", "text/html"), "grüß");
  EXPECT_EQ(text_in("<p>gr\xfc\xdf", "text/html"), "grüß");
  EXPECT_EQ(text_in("<p>gr\xfc", "text/html; charset=utf-8"), "gr�") << "the server is wrong";
  EXPECT_EQ(text_in("<p>x", "text/html; charset=no-such"), "x");
  EXPECT_EQ(text_in(std::string("\xff\xfe<\0p\0>\0\xfc\0", 10), "text/html"), "ü");
  EXPECT_EQ(text_in("<p>a\x01\x7f"
                    "b",
                    "text/html"),
            "a b");
}

TEST(PageText, LeavesOtherTextsAsTheyAre) {
  const auto text_in = [](const std::string& body, const std::string& content_type,
                          std::size_t bytes_max = text_bytes_max) {
    const auto text = page_text(page(body, content_type), bytes_max);
    return text ? *text : text.error().message;
  };
  EXPECT_EQ(text_in("{\"a\": [1,\n 2]}", "application/json"), "{\"a\": [1,\n 2]}");
  EXPECT_EQ(text_in("<?xml version='1.0' encoding='iso-8859-1'?><a>\xfc</a>", "application/xml"),
            "<?xml version='1.0' encoding='iso-8859-1'?><a>ü</a>");
  EXPECT_EQ(text_in("<p>a &amp; b", "text/plain"), "<p>a &amp; b");
  EXPECT_EQ(text_in("just text", ""), "just text");
  EXPECT_TRUE(text_in("<!DOCTYPE html><p>x", "").ends_with("\n\nx"));
  EXPECT_TRUE(
    text_in("<html><body><div/><p>x</body></html>", "application/xhtml+xml").ends_with("\n\nx"));
  EXPECT_TRUE(text_in("grüße", "text/plain", 4).starts_with("grü\n\n[The page goes on"));
}

TEST(PageText, SaysWhenTheBytesAreNoText) {
  const auto text = page_text(page(std::string("PK\3\4\0\0\0\0", 8), "text/plain"), text_bytes_max);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::bad_request);
  EXPECT_NE(text.error().message.find("its 8 bytes are no text"), std::string::npos);
}

}  // namespace
}  // namespace reverie
