// What a Content-Type says about whether there is something to read.

#pragma once

#include <string>
#include <string_view>

namespace reverie {

// "text/html" of "Text/HTML; charset=utf-8".
std::string media_type(std::string_view content_type);

// Whether text can be made of an answer of this Content-Type: HTML, plain text, JSON, XML and what
// is written in them. An empty one says nothing, so the bytes have to be looked at.
bool is_text_type(std::string_view content_type);

}  // namespace reverie
