#include "net/cli/terminal.hpp"

#include <unistd.h>

#include <utf8proc.h>

namespace reverie {
namespace {

struct Character {
  std::string_view bytes;
  utf8proc_int32_t code = 0;  // negative: not UTF-8
};

// The first character of a text that is not empty.
Character first_of(std::string_view text) {
  Character character;
  const auto* data = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const utf8proc_ssize_t size =
    utf8proc_iterate(data, static_cast<utf8proc_ssize_t>(text.size()), &character.code);
  character.bytes = text.substr(0, size > 0 ? static_cast<std::size_t>(size) : 1);
  return character;
}

template <class Visit>
void for_each_character(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Character character = first_of(text);
    visit(character);
    text.remove_prefix(character.bytes.size());
  }
}

// Of C0, DEL and C1, and the marks that reorder the text around them.
bool steers(utf8proc_int32_t code) {
  return (code >= 0 && code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0)
         || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::size_t columns_of(const Character& character) {
  return character.code < 0 ? 1 : static_cast<std::size_t>(utf8proc_charwidth(character.code));
}

}  // namespace

Style Style::of(int fd, const Environment& environment) {
  return Style(::isatty(fd) == 1 && !environment.has("NO_COLOR")
               && environment.get("TERM").value_or("") != "dumb");
}

std::string Style::with(std::string_view code, std::string_view text) const {
  if (!is_coloured_ || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](const Character& character) {
    if (character.code < 0)
      out += "\xef\xbf\xbd";
    else if (!steers(character.code))
      out += character.bytes;
  });
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t';
    if (!is_space)
      out += c;
    else if (!out.empty() && !out.ends_with(' '))
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for_each_character(text, [&](const Character& character) { columns += columns_of(character); });
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::string out;
  std::size_t used = 1;  // the ellipsis
  bool is_full = false;
  for_each_character(text, [&](const Character& character) {
    used += columns_of(character);
    is_full = is_full || used > columns;
    if (!is_full) out += character.bytes;
  });
  return out + "…";
}

}  // namespace reverie
