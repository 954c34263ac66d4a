// Base64 as in RFC 4648 §4: the ordinary alphabet, padded, nothing between the characters.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reverie {

std::string to_base64(std::string_view bytes);

// Nothing when the text is not well-formed.
std::optional<std::string> from_base64(std::string_view text);

bool is_base64(std::string_view text);

// Bytes that a well-formed text stands for.
std::size_t base64_bytes(std::string_view text);

}  // namespace reverie
