#include "net/json_body.hpp"

#include "config/json_text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

namespace reverie {

namespace {

Error refused(std::string message) {
  return {Errc::invalid_argument, std::move(message), "body"};
}

// The code unit of "\uXXXX" at the start of `text`.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  for (const char c : text.substr(2, 4)) {
    if (!std::isxdigit(static_cast<unsigned char>(c))) return std::nullopt;
    unit = unit * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

std::string without_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t taken = 1;
    std::string_view written = text.substr(0, 1);
    if (const auto unit = escaped_unit(text)) {
      const auto next = escaped_unit(text.substr(6));
      const bool is_high = (*unit & 0xfc00) == 0xd800;
      const bool is_pair = is_high && next && (*next & 0xfc00) == 0xdc00;
      const bool is_lone = !is_pair && (*unit & 0xf800) == 0xd800;
      taken = is_pair ? 12 : 6;
      written = is_lone ? std::string_view("\\ufffd") : text.substr(0, taken);
    } else if (text[0] == '\\') {
      taken = std::min<std::size_t>(2, text.size());  // "\\" hides what follows
      written = text.substr(0, taken);
    }
    out += written;
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace

Result<Json> read_json_body(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return Json::object();
  if (const auto zero = body.find('\0'); zero != std::string_view::npos)  // the parser's end
    return refused("not valid JSON at byte " + std::to_string(zero + 1));
  if (is_too_deep(body))
    return refused("nested more than " + std::to_string(json_depth_max) + " levels deep");
  Json json = Json::parse(body, nullptr, false);
  if (!json.is_discarded()) return json;
  try {
    return Json::parse(without_lone_surrogates(body));
  } catch (const Json::parse_error& error) {
    return refused("not valid JSON at byte " + std::to_string(error.byte));
  } catch (const Json::out_of_range&) {
    return refused("a number is too large");
  }
}

bool is_json_content(std::string_view content_type) {
  std::string type = lower_case(content_type.substr(0, content_type.find(';')));
  type.erase(type.find_last_not_of(' ') + 1);
  return type == "application/json"
         || (type.starts_with("application/") && type.ends_with("+json"));
}

}  // namespace reverie
