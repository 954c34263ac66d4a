// Small questions about text that several parts of a turn ask.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reverie {

// The number of Unicode code points, and the first `count` of them.
std::int64_t count_characters(std::string_view text);
std::string_view first_characters(std::string_view text, std::int64_t count);

// Whether every byte belongs to a character, as texts in JSON must be.
bool is_utf8(std::string_view text);

// With U+FFFD in the place of each byte that belongs to none. `is_cut`: there were more, so that the
// begin of a character at the end goes.
std::string as_utf8(std::string_view bytes, bool is_cut = false);

// Letters of ASCII are the same in both cases.
bool contains_ignoring_case(std::string_view text, std::string_view part);

bool is_blank(std::string_view text);

// Without the blanks at both ends.
std::string_view stripped(std::string_view text);

// The letters of ASCII alone.
std::string lower_ascii(std::string_view text);

// As a part of a URL's path or query: all but letters, digits and "-._~" as %XX.
std::string url_encoded(std::string_view text);

}  // namespace reverie
