#include "runtime/web/charset.hpp"

#include "runtime/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>

#include <iconv.h>

namespace reverie {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view fallback_charset = "CP1252";

struct CharsetLabel {
  std::string_view label;
  std::string_view name;  // iconv's
};

// Of the Encoding Standard (https://encoding.spec.whatwg.org/#names-and-labels), what pages use. A
// list of our own: iconv would load a module for any name it is given.
constexpr std::array charset_labels = {
  CharsetLabel{"utf-8", "UTF-8"},
  CharsetLabel{"utf8", "UTF-8"},
  CharsetLabel{"us-ascii", "CP1252"},
  CharsetLabel{"ascii", "CP1252"},
  CharsetLabel{"iso-8859-1", "CP1252"},
  CharsetLabel{"iso8859-1", "CP1252"},
  CharsetLabel{"latin1", "CP1252"},
  CharsetLabel{"l1", "CP1252"},
  CharsetLabel{"windows-1252", "CP1252"},
  CharsetLabel{"cp1252", "CP1252"},
  CharsetLabel{"utf-16", "UTF-16LE"},
  CharsetLabel{"utf-16le", "UTF-16LE"},
  CharsetLabel{"utf-16be", "UTF-16BE"},
  CharsetLabel{"iso-8859-2", "ISO-8859-2"},
  CharsetLabel{"latin2", "ISO-8859-2"},
  CharsetLabel{"iso-8859-3", "ISO-8859-3"},
  CharsetLabel{"iso-8859-4", "ISO-8859-4"},
  CharsetLabel{"iso-8859-5", "ISO-8859-5"},
  CharsetLabel{"iso-8859-6", "ISO-8859-6"},
  CharsetLabel{"iso-8859-7", "ISO-8859-7"},
  CharsetLabel{"iso-8859-8", "ISO-8859-8"},
  CharsetLabel{"iso-8859-9", "CP1254"},
  CharsetLabel{"latin5", "CP1254"},
  CharsetLabel{"iso-8859-10", "ISO-8859-10"},
  CharsetLabel{"iso-8859-13", "ISO-8859-13"},
  CharsetLabel{"iso-8859-14", "ISO-8859-14"},
  CharsetLabel{"iso-8859-15", "ISO-8859-15"},
  CharsetLabel{"iso-8859-16", "ISO-8859-16"},
  CharsetLabel{"windows-1250", "CP1250"},
  CharsetLabel{"windows-1251", "CP1251"},
  CharsetLabel{"windows-1253", "CP1253"},
  CharsetLabel{"windows-1254", "CP1254"},
  CharsetLabel{"windows-1255", "CP1255"},
  CharsetLabel{"windows-1256", "CP1256"},
  CharsetLabel{"windows-1257", "CP1257"},
  CharsetLabel{"windows-1258", "CP1258"},
  CharsetLabel{"windows-874", "CP874"},
  CharsetLabel{"tis-620", "CP874"},
  CharsetLabel{"koi8-r", "KOI8-R"},
  CharsetLabel{"koi8-u", "KOI8-U"},
  CharsetLabel{"macintosh", "MACINTOSH"},
  CharsetLabel{"gb2312", "GB18030"},
  CharsetLabel{"gbk", "GB18030"},
  CharsetLabel{"gb18030", "GB18030"},
  CharsetLabel{"big5", "BIG5-HKSCS"},
  CharsetLabel{"big5-hkscs", "BIG5-HKSCS"},
  CharsetLabel{"euc-jp", "EUC-JP"},
  CharsetLabel{"shift_jis", "CP932"},
  CharsetLabel{"shift-jis", "CP932"},
  CharsetLabel{"sjis", "CP932"},
  CharsetLabel{"iso-2022-jp", "ISO-2022-JP"},
  CharsetLabel{"euc-kr", "CP949"},
  CharsetLabel{"ks_c_5601-1987", "CP949"},
};

struct ByteOrderMark {
  std::string_view bytes;
  std::string_view name;
};
constexpr std::array byte_order_marks = {
  ByteOrderMark{"\xef\xbb\xbf", "UTF-8"},
  ByteOrderMark{"\xff\xfe", "UTF-16LE"},
  ByteOrderMark{"\xfe\xff", "UTF-16BE"},
};

char lower_letter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::size_t find_ignoring_case(std::string_view text, std::string_view part, std::size_t from) {
  const auto found = std::search(
    text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size())), text.end(),
    part.begin(), part.end(), [](char x, char y) { return lower_letter(x) == lower_letter(y); });
  return found == text.end() ? std::string_view::npos
                             : static_cast<std::size_t>(found - text.begin());
}

// A value behind `name` and "=", with quotes or without.
std::string_view value_after(std::string_view text, std::string_view name) {
  constexpr std::string_view blanks = " \t\r\n\f";
  for (std::size_t at = 0;;) {
    at = find_ignoring_case(text, name, at);
    if (at == std::string_view::npos) return {};
    at += name.size();
    std::size_t begin = text.find_first_not_of(blanks, at);
    if (begin == std::string_view::npos) return {};
    if (text[begin] != '=') continue;
    begin = text.find_first_not_of(blanks, begin + 1);
    if (begin == std::string_view::npos) return {};
    const bool is_quoted = text[begin] == '"' || text[begin] == '\'';
    const std::size_t end =
      is_quoted ? text.find(text[begin], begin + 1) : text.find_first_of(" \t\r\n\f;\"'>/", begin);
    if (is_quoted) ++begin;
    return text.substr(begin, end == std::string_view::npos ? end : end - begin);
  }
}

// Closes what iconv_open has opened.
class Converter {
 public:
  explicit Converter(std::string_view name)
    : handle_(iconv_open("UTF-8", std::string(name).c_str())) {}
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  // A system that has not all of its modules installed does not know all names.
  bool is_open() const {
    return handle_ != reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr)
  }

  std::string convert(std::string_view bytes, std::size_t unit) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 4);
    char* in = const_cast<char*>(bytes.data());  // the interface is of before const
    std::size_t left = bytes.size();
    while (left > 0) {
      std::array<char, 4096> piece;
      char* to = piece.data();
      std::size_t room = piece.size();
      const std::size_t result = iconv(handle_, &in, &left, &to, &room);
      const int failure = result == static_cast<std::size_t>(-1) ? errno : 0;
      out.append(piece.data(), piece.size() - room);
      if (failure == EILSEQ || failure == EINVAL) {
        out += replacement;
        const std::size_t skipped = failure == EINVAL ? left : std::min(unit, left);
        in += skipped;
        left -= skipped;
      } else if (failure != E2BIG && failure != 0) {
        break;
      }
    }
    // Some hold a letter back for a mark that may follow.
    std::array<char, 64> rest;
    char* to = rest.data();
    std::size_t room = rest.size();
    iconv(handle_, nullptr, nullptr, &to, &room);
    out.append(rest.data(), rest.size() - room);
    return out;
  }

 private:
  iconv_t handle_;
};

// Not with iconv where it is not needed: its UTF-8 has characters that Unicode has not.
std::string converted(std::string_view bytes, std::string_view name) {
  if (name == "UTF-8") return as_utf8(bytes);
  Converter converter(name);
  if (!converter.is_open()) return as_utf8(bytes);
  return as_utf8(converter.convert(bytes, name.starts_with("UTF-16") ? 2 : 1));
}

}  // namespace

std::string_view charset_named(std::string_view label) {
  const std::string name = lower_ascii(stripped(label));
  const auto found = std::find_if(charset_labels.begin(), charset_labels.end(),
                                  [&](const CharsetLabel& each) { return each.label == name; });
  return found == charset_labels.end() ? std::string_view() : found->name;
}

std::string_view charset_parameter(std::string_view content_type) {
  const auto semicolon = content_type.find(';');
  if (semicolon == std::string_view::npos) return {};
  return value_after(content_type.substr(semicolon), "charset");
}

std::string_view charset_in_page(std::string_view bytes) {
  constexpr std::size_t looked_at = 1'024;  // the HTML standard's number
  const std::string_view head = bytes.substr(0, looked_at);
  if (stripped(head).starts_with("<?xml"))
    if (const auto name = value_after(head.substr(0, head.find("?>")), "encoding"); !name.empty())
      return name;
  for (std::size_t at = 0;;) {
    at = find_ignoring_case(head, "<meta", at);
    if (at == std::string_view::npos) return {};
    const std::string_view tag = head.substr(at, head.find('>', at) - at);
    // What could be read up to here is not UTF-16.
    if (const auto name = value_after(tag, "charset"); !name.empty())
      return charset_named(name).starts_with("UTF-16") ? "utf-8" : name;
    at += tag.size();
  }
}

std::string utf8_text(std::string_view bytes, std::string_view label) {
  for (const ByteOrderMark& mark : byte_order_marks)
    if (bytes.starts_with(mark.bytes)) return converted(bytes.substr(mark.bytes.size()), mark.name);
  std::string_view name = charset_named(label);
  if (name.empty()) name = is_utf8(bytes) ? "UTF-8" : fallback_charset;
  return converted(bytes, name);
}

}  // namespace reverie
