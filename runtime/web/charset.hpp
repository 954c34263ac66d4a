// Texts of the web in UTF-8, whatever they came in.

#pragma once

#include <string>
#include <string_view>

namespace reverie {

// What iconv calls the character set that the web calls `label`, in any case; empty for what is
// none, or one that browsers do not read. Latin-1 is windows-1252 there, as it is in browsers.
std::string_view charset_named(std::string_view label);

// The value of the parameter `charset` in "text/html; charset=utf-8"; empty when there is none.
std::string_view charset_parameter(std::string_view content_type);

// The character set that a page names in its first 1024 bytes, or an XML declaration at its start,
// as it stands there.
std::string_view charset_in_page(std::string_view bytes);

// The bytes as UTF-8. A byte order mark says what they are, else `label` does where it is known,
// else they are UTF-8 when all of them are, and windows-1252. What belongs to no character becomes
// U+FFFD. At most three times as long.
std::string utf8_text(std::string_view bytes, std::string_view label);

}  // namespace reverie
