#include "runtime/sandbox/secret_mask.hpp"

#include "config/json_text.hpp"
#include "runtime/text.hpp"

#include <algorithm>
#include <utility>

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

}  // namespace reverie
