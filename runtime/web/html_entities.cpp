#include "runtime/web/html_entities.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <utf8proc.h>

namespace reverie {

namespace {

struct Entity {
  std::string_view name;
  std::string_view text;
};

// In the order of their bytes. Those of HTML 4 and what is in use besides, of the 2,231 names of
// https://html.spec.whatwg.org/entities.json.
// clang-format off
constexpr Entity entities[] = {
  {"AElig", "\xc3\x86"}, {"Aacute", "\xc3\x81"}, {"Abreve", "\xc4\x82"}, {"Acirc", "\xc3\x82"},
  {"Agrave", "\xc3\x80"}, {"Alpha", "\xce\x91"}, {"Aogon", "\xc4\x84"}, {"Aring", "\xc3\x85"},
  {"Atilde", "\xc3\x83"}, {"Auml", "\xc3\x84"}, {"Beta", "\xce\x92"}, {"Cacute", "\xc4\x86"},
  {"Ccaron", "\xc4\x8c"}, {"Ccedil", "\xc3\x87"}, {"Chi", "\xce\xa7"},
  {"Dagger", "\xe2\x80\xa1"}, {"Dcaron", "\xc4\x8e"}, {"Delta", "\xce\x94"}, {"ETH", "\xc3\x90"},
  {"Eacute", "\xc3\x89"}, {"Ecaron", "\xc4\x9a"}, {"Ecirc", "\xc3\x8a"}, {"Egrave", "\xc3\x88"},
  {"Eogon", "\xc4\x98"}, {"Epsilon", "\xce\x95"}, {"Eta", "\xce\x97"}, {"Euml", "\xc3\x8b"},
  {"Gamma", "\xce\x93"}, {"Gbreve", "\xc4\x9e"}, {"Hat", "^"}, {"Iacute", "\xc3\x8d"},
  {"Icirc", "\xc3\x8e"}, {"Idot", "\xc4\xb0"}, {"Igrave", "\xc3\x8c"}, {"Iota", "\xce\x99"},
  {"Iuml", "\xc3\x8f"}, {"Kappa", "\xce\x9a"}, {"Lambda", "\xce\x9b"}, {"Lstrok", "\xc5\x81"},
  {"Mu", "\xce\x9c"}, {"Nacute", "\xc5\x83"}, {"Ncaron", "\xc5\x87"}, {"NewLine", "\x0a"},
  {"Ntilde", "\xc3\x91"}, {"Nu", "\xce\x9d"}, {"OElig", "\xc5\x92"}, {"Oacute", "\xc3\x93"},
  {"Ocirc", "\xc3\x94"}, {"Odblac", "\xc5\x90"}, {"Ograve", "\xc3\x92"}, {"Omega", "\xce\xa9"},
  {"Omicron", "\xce\x9f"}, {"Oslash", "\xc3\x98"}, {"Otilde", "\xc3\x95"}, {"Ouml", "\xc3\x96"},
  {"Phi", "\xce\xa6"}, {"Pi", "\xce\xa0"}, {"Prime", "\xe2\x80\xb3"}, {"Psi", "\xce\xa8"},
  {"Rcaron", "\xc5\x98"}, {"Rho", "\xce\xa1"}, {"Sacute", "\xc5\x9a"}, {"Scaron", "\xc5\xa0"},
  {"Scedil", "\xc5\x9e"}, {"Sigma", "\xce\xa3"}, {"THORN", "\xc3\x9e"}, {"Tab", "\x09"},
  {"Tau", "\xce\xa4"}, {"Tcaron", "\xc5\xa4"}, {"Theta", "\xce\x98"}, {"Uacute", "\xc3\x9a"},
  {"Ucirc", "\xc3\x9b"}, {"Udblac", "\xc5\xb0"}, {"Ugrave", "\xc3\x99"}, {"Upsilon", "\xce\xa5"},
  {"Uring", "\xc5\xae"}, {"Uuml", "\xc3\x9c"}, {"Xi", "\xce\x9e"}, {"Yacute", "\xc3\x9d"},
  {"Yuml", "\xc5\xb8"}, {"Zacute", "\xc5\xb9"}, {"Zcaron", "\xc5\xbd"}, {"Zdot", "\xc5\xbb"},
  {"Zeta", "\xce\x96"}, {"aacute", "\xc3\xa1"}, {"abreve", "\xc4\x83"}, {"acirc", "\xc3\xa2"},
  {"acute", "\xc2\xb4"}, {"aelig", "\xc3\xa6"}, {"agrave", "\xc3\xa0"},
  {"alefsym", "\xe2\x84\xb5"}, {"alpha", "\xce\xb1"}, {"amp", "&"}, {"and", "\xe2\x88\xa7"},
  {"ang", "\xe2\x88\xa0"}, {"aogon", "\xc4\x85"}, {"apos", "'"}, {"aring", "\xc3\xa5"},
  {"ast", "*"}, {"asymp", "\xe2\x89\x88"}, {"atilde", "\xc3\xa3"}, {"auml", "\xc3\xa4"},
  {"bdquo", "\xe2\x80\x9e"}, {"beta", "\xce\xb2"}, {"brvbar", "\xc2\xa6"}, {"bsol", "\x5c"},
  {"bull", "\xe2\x80\xa2"}, {"cacute", "\xc4\x87"}, {"cap", "\xe2\x88\xa9"},
  {"ccaron", "\xc4\x8d"}, {"ccedil", "\xc3\xa7"}, {"cedil", "\xc2\xb8"}, {"cent", "\xc2\xa2"},
  {"check", "\xe2\x9c\x93"}, {"chi", "\xcf\x87"}, {"circ", "\xcb\x86"},
  {"clubs", "\xe2\x99\xa3"}, {"colon", ":"}, {"comma", ","}, {"commat", "@"},
  {"cong", "\xe2\x89\x85"}, {"copy", "\xc2\xa9"}, {"crarr", "\xe2\x86\xb5"},
  {"cross", "\xe2\x9c\x97"}, {"cup", "\xe2\x88\xaa"}, {"curren", "\xc2\xa4"},
  {"dArr", "\xe2\x87\x93"}, {"dagger", "\xe2\x80\xa0"}, {"darr", "\xe2\x86\x93"},
  {"dcaron", "\xc4\x8f"}, {"deg", "\xc2\xb0"}, {"delta", "\xce\xb4"}, {"diams", "\xe2\x99\xa6"},
  {"divide", "\xc3\xb7"}, {"dollar", "$"}, {"eacute", "\xc3\xa9"}, {"ecaron", "\xc4\x9b"},
  {"ecirc", "\xc3\xaa"}, {"egrave", "\xc3\xa8"}, {"empty", "\xe2\x88\x85"},
  {"emsp", "\xe2\x80\x83"}, {"ensp", "\xe2\x80\x82"}, {"eogon", "\xc4\x99"},
  {"epsilon", "\xce\xb5"}, {"equals", "="}, {"equiv", "\xe2\x89\xa1"}, {"eta", "\xce\xb7"},
  {"eth", "\xc3\xb0"}, {"euml", "\xc3\xab"}, {"euro", "\xe2\x82\xac"}, {"excl", "!"},
  {"exist", "\xe2\x88\x83"}, {"fnof", "\xc6\x92"}, {"forall", "\xe2\x88\x80"},
  {"frac12", "\xc2\xbd"}, {"frac13", "\xe2\x85\x93"}, {"frac14", "\xc2\xbc"},
  {"frac23", "\xe2\x85\x94"}, {"frac34", "\xc2\xbe"}, {"frasl", "\xe2\x81\x84"},
  {"gamma", "\xce\xb3"}, {"gbreve", "\xc4\x9f"}, {"ge", "\xe2\x89\xa5"}, {"grave", "`"},
  {"gt", ">"}, {"hArr", "\xe2\x87\x94"}, {"half", "\xc2\xbd"}, {"harr", "\xe2\x86\x94"},
  {"hearts", "\xe2\x99\xa5"}, {"hellip", "\xe2\x80\xa6"}, {"horbar", "\xe2\x80\x95"},
  {"hyphen", "\xe2\x80\x90"}, {"iacute", "\xc3\xad"}, {"icirc", "\xc3\xae"},
  {"iexcl", "\xc2\xa1"}, {"igrave", "\xc3\xac"}, {"image", "\xe2\x84\x91"},
  {"infin", "\xe2\x88\x9e"}, {"inodot", "\xc4\xb1"}, {"int", "\xe2\x88\xab"},
  {"iota", "\xce\xb9"}, {"iquest", "\xc2\xbf"}, {"isin", "\xe2\x88\x88"}, {"iuml", "\xc3\xaf"},
  {"kappa", "\xce\xba"}, {"lArr", "\xe2\x87\x90"}, {"lambda", "\xce\xbb"},
  {"lang", "\xe2\x8c\xa9"}, {"laquo", "\xc2\xab"}, {"larr", "\xe2\x86\x90"}, {"lbrace", "{"},
  {"lbrack", "["}, {"lceil", "\xe2\x8c\x88"}, {"lcub", "{"}, {"ldquo", "\xe2\x80\x9c"},
  {"le", "\xe2\x89\xa4"}, {"lfloor", "\xe2\x8c\x8a"}, {"lowast", "\xe2\x88\x97"},
  {"lowbar", "_"}, {"loz", "\xe2\x97\x8a"}, {"lpar", "("}, {"lrm", "\xe2\x80\x8e"},
  {"lsaquo", "\xe2\x80\xb9"}, {"lsqb", "["}, {"lsquo", "\xe2\x80\x98"}, {"lstrok", "\xc5\x82"},
  {"lt", "<"}, {"macr", "\xc2\xaf"}, {"mdash", "\xe2\x80\x94"}, {"micro", "\xc2\xb5"},
  {"middot", "\xc2\xb7"}, {"minus", "\xe2\x88\x92"}, {"mu", "\xce\xbc"},
  {"nabla", "\xe2\x88\x87"}, {"nacute", "\xc5\x84"}, {"nbsp", "\xc2\xa0"},
  {"ncaron", "\xc5\x88"}, {"ndash", "\xe2\x80\x93"}, {"ne", "\xe2\x89\xa0"},
  {"ni", "\xe2\x88\x8b"}, {"not", "\xc2\xac"}, {"notin", "\xe2\x88\x89"},
  {"nsub", "\xe2\x8a\x84"}, {"ntilde", "\xc3\xb1"}, {"nu", "\xce\xbd"}, {"num", "#"},
  {"oacute", "\xc3\xb3"}, {"ocirc", "\xc3\xb4"}, {"odblac", "\xc5\x91"}, {"oelig", "\xc5\x93"},
  {"ograve", "\xc3\xb2"}, {"oline", "\xe2\x80\xbe"}, {"omega", "\xcf\x89"},
  {"omicron", "\xce\xbf"}, {"oplus", "\xe2\x8a\x95"}, {"or", "\xe2\x88\xa8"},
  {"ordf", "\xc2\xaa"}, {"ordm", "\xc2\xba"}, {"oslash", "\xc3\xb8"}, {"otilde", "\xc3\xb5"},
  {"otimes", "\xe2\x8a\x97"}, {"ouml", "\xc3\xb6"}, {"para", "\xc2\xb6"},
  {"part", "\xe2\x88\x82"}, {"percnt", "%"}, {"period", "."}, {"permil", "\xe2\x80\xb0"},
  {"perp", "\xe2\x8a\xa5"}, {"phi", "\xcf\x86"}, {"phone", "\xe2\x98\x8e"}, {"pi", "\xcf\x80"},
  {"piv", "\xcf\x96"}, {"plus", "+"}, {"plusmn", "\xc2\xb1"}, {"pound", "\xc2\xa3"},
  {"prime", "\xe2\x80\xb2"}, {"prod", "\xe2\x88\x8f"}, {"prop", "\xe2\x88\x9d"},
  {"psi", "\xcf\x88"}, {"quest", "?"}, {"quot", "\x22"}, {"rArr", "\xe2\x87\x92"},
  {"radic", "\xe2\x88\x9a"}, {"rang", "\xe2\x8c\xaa"}, {"raquo", "\xc2\xbb"},
  {"rarr", "\xe2\x86\x92"}, {"rbrace", "}"}, {"rbrack", "]"}, {"rcaron", "\xc5\x99"},
  {"rceil", "\xe2\x8c\x89"}, {"rcub", "}"}, {"rdquo", "\xe2\x80\x9d"}, {"real", "\xe2\x84\x9c"},
  {"reg", "\xc2\xae"}, {"rfloor", "\xe2\x8c\x8b"}, {"rho", "\xcf\x81"}, {"rlm", "\xe2\x80\x8f"},
  {"rpar", ")"}, {"rsaquo", "\xe2\x80\xba"}, {"rsqb", "]"}, {"rsquo", "\xe2\x80\x99"},
  {"sacute", "\xc5\x9b"}, {"sbquo", "\xe2\x80\x9a"}, {"scaron", "\xc5\xa1"},
  {"scedil", "\xc5\x9f"}, {"sdot", "\xe2\x8b\x85"}, {"sect", "\xc2\xa7"}, {"semi", ";"},
  {"shy", "\xc2\xad"}, {"sigma", "\xcf\x83"}, {"sigmaf", "\xcf\x82"}, {"sim", "\xe2\x88\xbc"},
  {"sol", "/"}, {"spades", "\xe2\x99\xa0"}, {"star", "\xe2\x98\x86"}, {"starf", "\xe2\x98\x85"},
  {"sub", "\xe2\x8a\x82"}, {"sube", "\xe2\x8a\x86"}, {"sum", "\xe2\x88\x91"},
  {"sup", "\xe2\x8a\x83"}, {"sup1", "\xc2\xb9"}, {"sup2", "\xc2\xb2"}, {"sup3", "\xc2\xb3"},
  {"supe", "\xe2\x8a\x87"}, {"szlig", "\xc3\x9f"}, {"tau", "\xcf\x84"}, {"tcaron", "\xc5\xa5"},
  {"there4", "\xe2\x88\xb4"}, {"theta", "\xce\xb8"}, {"thetasym", "\xcf\x91"},
  {"thinsp", "\xe2\x80\x89"}, {"thorn", "\xc3\xbe"}, {"tilde", "\xcb\x9c"},
  {"times", "\xc3\x97"}, {"trade", "\xe2\x84\xa2"}, {"uArr", "\xe2\x87\x91"},
  {"uacute", "\xc3\xba"}, {"uarr", "\xe2\x86\x91"}, {"ucirc", "\xc3\xbb"},
  {"udblac", "\xc5\xb1"}, {"ugrave", "\xc3\xb9"}, {"uml", "\xc2\xa8"}, {"upsih", "\xcf\x92"},
  {"upsilon", "\xcf\x85"}, {"uring", "\xc5\xaf"}, {"uuml", "\xc3\xbc"}, {"verbar", "|"},
  {"vert", "|"}, {"weierp", "\xe2\x84\x98"}, {"xi", "\xce\xbe"}, {"yacute", "\xc3\xbd"},
  {"yen", "\xc2\xa5"}, {"yuml", "\xc3\xbf"}, {"zacute", "\xc5\xba"}, {"zcaron", "\xc5\xbe"},
  {"zdot", "\xc5\xbc"}, {"zeta", "\xce\xb6"}, {"zwj", "\xe2\x80\x8d"}, {"zwnj", "\xe2\x80\x8c"},
};
// clang-format on

// What pages write without a semicolon, too.
constexpr auto bare_entities =
  std::to_array<std::string_view>({"amp", "copy", "gt", "lt", "nbsp", "quot", "reg"});

// Numbers from 0x80 on mean what windows-1252 has there; 0: nothing.
constexpr std::array<std::uint16_t, 32> windows_1252 = {
  0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
  0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
  0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void append_code_point(std::string& out, std::uint32_t code_point) {
  constexpr std::uint32_t unknown = 0xfffd;
  if (code_point >= 0x80 && code_point < 0xa0 && windows_1252[code_point - 0x80] != 0)
    code_point = windows_1252[code_point - 0x80];
  const bool is_control =
    code_point < 0x20 && code_point != '\t' && code_point != '\n' && code_point != '\r';
  const bool is_character =
    !is_control && utf8proc_codepoint_valid(static_cast<utf8proc_int32_t>(code_point));
  std::array<utf8proc_uint8_t, 4> bytes;
  const auto length = utf8proc_encode_char(
    static_cast<utf8proc_int32_t>(is_character ? code_point : unknown), bytes.data());
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

// What follows "&#". Appends the character and returns how many bytes were read; 0: no number.
std::size_t append_numeric(std::string& out, std::string_view text) {
  const bool is_hex = text.starts_with('x') || text.starts_with('X');
  const std::size_t prefix = is_hex ? 1 : 0;
  std::uint32_t code_point = 0;
  const auto [end, code] =
    std::from_chars(text.data() + prefix, text.data() + text.size(), code_point, is_hex ? 16 : 10);
  auto length = static_cast<std::size_t>(end - text.data());
  if (length == prefix) return 0;
  append_code_point(out, code == std::errc() ? code_point : UINT32_MAX);
  if (length < text.size() && text[length] == ';') ++length;
  return length;
}

std::optional<std::string_view> find_entity(std::string_view name) {
  const auto* found = std::lower_bound(
    std::begin(entities), std::end(entities), name,
    [](const Entity& each, std::string_view wanted) { return each.name < wanted; });
  if (found == std::end(entities) || found->name != name) return std::nullopt;
  return found->text;
}

// What follows "&". As append_numeric.
std::size_t append_named(std::string& out, std::string_view text) {
  constexpr std::size_t name_max = 16;  // longer than any
  std::size_t length = 0;
  while (length < std::min(text.size(), name_max) && is_letter_or_digit(text[length])) ++length;
  const std::string_view name = text.substr(0, length);
  const char next = length < text.size() ? text[length] : ' ';
  const bool is_bare =
    next != ';' && next != '='
    && std::find(bare_entities.begin(), bare_entities.end(), name) != bare_entities.end();
  if (next != ';' && !is_bare) return 0;
  const auto found = find_entity(name);
  if (!found) return 0;
  out += *found;
  return is_bare ? length : length + 1;
}

}  // namespace

void append_decoded(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('&'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const bool is_number = text.starts_with("&#");
    const std::size_t length =
      is_number ? append_numeric(out, text.substr(2)) : append_named(out, text.substr(1));
    if (length == 0) out += '&';
    text.remove_prefix(length == 0 ? 1 : length + (is_number ? 2 : 1));
  }
}

std::string decoded_entities(std::string_view text) {
  std::string out;
  append_decoded(out, text);
  return out;
}

}  // namespace reverie
