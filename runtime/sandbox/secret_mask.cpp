#include "runtime/sandbox/secret_mask.hpp"

#include "config/json_text.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <utility>

#include <utf8proc.h>

namespace reverie {

namespace {

constexpr std::int64_t characters_min = 4;
constexpr std::string_view mask = "[secret]";

// Without the quotes.
std::string as_in_json(const std::string& text) {
  std::string json;
  append_json_string(json, text);
  return json.substr(1, json.size() - 2);
}

void replace_all(std::string& text, const std::string& value) {
  auto at = text.find(value);
  if (at == std::string::npos) return;
  std::string masked;
  std::size_t begin = 0;
  for (; at != std::string::npos; at = text.find(value, begin)) {
    masked.append(text, begin, at - begin);
    masked += mask;
    begin = at + value.size();
  }
  masked.append(text, begin);
  text = std::move(masked);
}

// How many bytes at the end of the text are the start of the value, and not all of it.
std::size_t start_at_end(std::string_view text, std::string_view value) {
  for (std::size_t length = std::min(text.size(), value.size() - 1); length > 0; --length)
    if (text.ends_with(value.substr(0, length))) return length;
  return 0;
}

}  // namespace

SecretMask::SecretMask(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (count_characters(secret) < characters_min) continue;
    values_.push_back(secret);
    if (std::string json = as_in_json(secret); json != secret) values_.push_back(std::move(json));
  }
  std::sort(values_.begin(), values_.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

std::string SecretMask::apply(std::string text, bool is_cut) const {
  for (const std::string& value : values_) replace_all(text, value);
  if (!is_cut) return text;
  std::size_t most = 0;
  for (const std::string& value : values_) most = std::max(most, start_at_end(text, value));
  if (most > 0) text.replace(text.size() - most, most, mask);
  return text;
}

std::string repaired_utf8(std::string_view bytes, bool is_cut) {
  constexpr std::size_t tail_max = 3;  // bytes of a character without its last
  std::string text;
  text.reserve(bytes.size());
  const auto* raw = reinterpret_cast<const utf8proc_uint8_t*>(bytes.data());
  for (std::size_t i = 0; i < bytes.size();) {
    utf8proc_int32_t code_point = 0;
    const auto length =
      raw[i] < 0x80
        ? 1
        : utf8proc_iterate(raw + i, static_cast<utf8proc_ssize_t>(bytes.size() - i), &code_point);
    if (length > 0) {
      text.append(bytes.substr(i, static_cast<std::size_t>(length)));
      i += static_cast<std::size_t>(length);
      continue;
    }
    if (is_cut && bytes.size() - i <= tail_max && raw[i] >= 0xc0) break;
    text += "\xef\xbf\xbd";
    ++i;
  }
  return text;
}

}  // namespace reverie
