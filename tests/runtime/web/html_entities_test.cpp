#include "runtime/web/html_entities.hpp"

#include <gtest/gtest.h>

namespace reverie {
namespace {

TEST(HtmlEntities, StandForCharacters) {
  EXPECT_EQ(decoded_entities("a &amp; b &lt;c&gt; &quot;&apos;"), "a & b <c> \"'");
  EXPECT_EQ(decoded_entities("&euro;&#8364;&#x20AC;&#X20ac"), "€€€€");
  EXPECT_EQ(decoded_entities("&#128;&#150;"), "€–") << "as windows-1252 has them";
  EXPECT_EQ(decoded_entities("&Auml;&zwj;&hearts;"), "Ä\u200d♥");
  EXPECT_EQ(decoded_entities("&amp&nbsp!"), "&\u00a0!");
}

TEST(HtmlEntities, WhatIsNoneStays) {
  for (const char* text : {"&", "&&", "a&b", "&;", "&#;", "&#x;", "&nosuch;", "&euro",
                           "?a=1&copy=2", "&amplifier;", "&thisnameislongerthananyofthem;"})
    EXPECT_EQ(decoded_entities(text), text);
}

TEST(HtmlEntities, WhatIsNoCharacterIsMarked) {
  EXPECT_EQ(decoded_entities("&#0;&#xd800;&#x110000;&#99999999999;&#7;"), "�����");
  EXPECT_EQ(decoded_entities("&#9;&#10;"), "\t\n");
}

}  // namespace
}  // namespace reverie
