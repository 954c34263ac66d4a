#include "runtime/text.hpp"

#include <algorithm>

#include <utf8proc.h>

namespace reverie {

namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

// How many bytes of whole characters the text begins with.
std::size_t valid_prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    if (bytes[i] < 0x80) {
      ++i;
      continue;
    }
    utf8proc_int32_t code_point = 0;
    const auto length =
      utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &code_point);
    if (length <= 0) return i;
    i += static_cast<std::size_t>(length);
  }
  return i;
}

// Whether these bytes can be those of one character without its last ones.
bool is_part(std::string_view bytes) {
  constexpr std::size_t size_max = 3;
  return bytes.size() <= size_max && static_cast<unsigned char>(bytes[0]) >= 0xc0
         && std::none_of(bytes.begin() + 1, bytes.end(), starts_character);
}

}  // namespace

std::int64_t count_characters(std::string_view text) {
  std::int64_t count = 0;
  for (const char byte : text)
    if (starts_character(byte)) ++count;
  return count;
}

std::string_view first_characters(std::string_view text, std::int64_t count) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (starts_character(text[i]) && count-- == 0) return text.substr(0, i);
  return text;
}

bool is_utf8(std::string_view text) {
  return valid_prefix(text) == text.size();
}

std::string as_utf8(std::string_view bytes, bool is_cut) {
  std::string out;
  for (;;) {
    const std::size_t valid = valid_prefix(bytes);
    out += bytes.substr(0, valid);
    if (valid == bytes.size()) return out;
    if (is_cut && is_part(bytes.substr(valid))) return out;
    out += "\xef\xbf\xbd";
    bytes.remove_prefix(valid + 1);
  }
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [&](char a, char b) { return lower(a) == lower(b); })
         != text.end();
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(blanks) == text.npos;
}

std::string_view stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_alphanumeric =
      (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (is_alphanumeric || plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 0xFU];
    }
  }
  return out;
}

}  // namespace reverie
