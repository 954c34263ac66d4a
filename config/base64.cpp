#include "config/base64.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace reverie {

namespace {

constexpr std::string_view alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 64;

// Character -> its six bits.
constexpr std::array<std::uint8_t, 256> digits = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

std::uint32_t digit(char c) {
  return digits[static_cast<unsigned char>(c)];
}

std::uint32_t byte(char c) {
  return static_cast<unsigned char>(c);
}

std::size_t padding_of(std::string_view text) {
  if (text.ends_with("==")) return 2;
  return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = byte(bytes[i]) << 16;
    if (count > 1) group |= byte(bytes[i + 1]) << 8;
    if (count > 2) group |= byte(bytes[i + 2]);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += count > 1 ? alphabet[group >> 6 & 63] : '=';
    out += count > 2 ? alphabet[group & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (!is_base64(text)) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    for (const char c : text.substr(i, 4)) group = group << 6 | (c == '=' ? 0 : digit(c));
    out += static_cast<char>(group >> 16 & 0xff);
    out += static_cast<char>(group >> 8 & 0xff);
    out += static_cast<char>(group & 0xff);
  }
  out.resize(base64_bytes(text));
  return out;
}

bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  text.remove_suffix(padding_of(text));
  return std::all_of(text.begin(), text.end(), [](char c) { return digit(c) != no_digit; });
}

std::size_t base64_bytes(std::string_view text) {
  return text.size() / 4 * 3 - padding_of(text);
}

}  // namespace reverie
