#include "runtime/web/content_type.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <array>

namespace reverie {

std::string media_type(std::string_view content_type) {
  return lower_ascii(stripped(content_type.substr(0, content_type.find(';'))));
}

bool is_text_type(std::string_view content_type) {
  constexpr std::array types = {
    "application/xhtml+xml", "application/xml",        "application/json",
    "application/ld+json",   "application/javascript", "application/yaml",
    "application/toml",      "application/x-yaml",     "application/x-ndjson",
  };
  const std::string type = media_type(content_type);
  return type.empty() || type.starts_with("text/") || type.ends_with("+json")
         || type.ends_with("+xml") || std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace reverie
