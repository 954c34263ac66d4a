// The JSON body of a request, read with care: whatever bytes a client sends, the answer is a
// value or a sentence that says what is wrong.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "net/http.hpp"

#include <string_view>

namespace reverie {

// An empty body reads as {}. Lone surrogates ("\ud83d", half of an emoji that a client cut in two)
// become U+FFFD. Deeper ones than json_depth_max (config/json_text.hpp) are refused. Errors:
// invalid_argument, where = "body".
Result<Json> read_json_body(std::string_view body);

// application/json or application/*+json.
bool is_json_content(std::string_view content_type);

}  // namespace reverie
