// Character references of HTML: "&amp;", "&#8364;", "&#x20ac;".

#pragma once

#include <string>
#include <string_view>

namespace reverie {

// Appends the text with the characters that its references stand for; what is none stays. The
// references of HTML 4 and some more are known by name. Never longer than the text was.
void append_decoded(std::string& out, std::string_view text);
std::string decoded_entities(std::string_view text);

}  // namespace reverie
