#include "tests/scripted_model/json_cursor.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

#include <nlohmann/json.hpp>

namespace reverie::scripted {
namespace {

constexpr std::size_t depth_max = 200;  // tool schemas nest less than 20 deep

constexpr std::uint64_t each_byte(unsigned char byte) {
  return 0x0101010101010101U * byte;
}

// The high bit of the first byte that is below `limit` is set, and none before it. What comes
// behind it may be wrong: the subtraction borrows.
constexpr std::uint64_t first_below(std::uint64_t word, unsigned char limit) {
  return (word - each_byte(limit)) & ~word & each_byte(0x80);
}

// The same for the first quote, backslash or control character.
constexpr std::uint64_t first_special(std::uint64_t word) {
  return first_below(word, 0x20) | first_below(word ^ each_byte('"'), 1)
         | first_below(word ^ each_byte('\\'), 1);
}

bool is_special(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// The first quote, backslash or control character at or behind `from`.
std::size_t find_special(std::string_view text, std::size_t from) {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  std::uint64_t word = 0;
  for (; from + sizeof word <= text.size(); from += sizeof word) {
    std::memcpy(&word, text.data() + from, sizeof word);
    if (const std::uint64_t found = first_special(word); found != 0)
      return from + static_cast<std::size_t>(std::countr_zero(found)) / 8;
  }
  while (from < text.size() && !is_special(text[from])) ++from;
  return from;
}

}  // namespace

char JsonCursor::peek() {
  while (position_ < text_.size()) {
    const char c = text_[position_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
    ++position_;
  }
  return '\0';
}

bool JsonCursor::at_end() {
  peek();
  return position_ == text_.size();
}

bool JsonCursor::fail() {
  ok_ = false;
  position_ = text_.size();
  return false;
}

bool JsonCursor::take(char expected) {
  if (peek() != expected) return fail();
  ++position_;
  return true;
}

bool JsonCursor::enter(char open, char close) {
  if (peek() != open) {
    value();
    return false;
  }
  if (++depth_ > depth_max) return fail();
  ++position_;
  if (peek() != close) return ok_;
  --depth_;
  ++position_;
  return false;
}

bool JsonCursor::has_next(char close) {
  const char c = peek();
  if (c != ',' && c != close) return fail();
  ++position_;
  if (c == close) --depth_;
  return c == ',';
}

std::string_view JsonCursor::string() {
  if (peek() != '"') {
    fail();
    return "\"\"";
  }
  const std::size_t begin = position_;
  for (std::size_t at = begin + 1;;) {
    at = find_special(text_, at);
    if (at >= text_.size() || static_cast<unsigned char>(text_[at]) < 0x20) {
      fail();
      return "\"\"";
    }
    if (text_[at] == '"') {
      position_ = at + 1;
      return text_.substr(begin, position_ - begin);
    }
    at += 2;
  }
}

void JsonCursor::skip_number() {
  const std::size_t end = text_.find_first_not_of("+-.0123456789eE", position_);
  position_ = end == std::string_view::npos ? text_.size() : end;
}

void JsonCursor::skip_literal(std::string_view literal) {
  if (text_.substr(position_, literal.size()) == literal)
    position_ += literal.size();
  else
    fail();
}

std::string_view JsonCursor::value() {
  const char first = peek();
  const std::size_t begin = position_;
  const auto skip = [this] { value(); };
  const auto skip_member = [this](std::string_view) { value(); };
  switch (first) {
    case '{': object(skip_member); break;
    case '[': array(skip); break;
    case '"': string(); break;
    case 't': skip_literal("true"); break;
    case 'f': skip_literal("false"); break;
    case 'n': skip_literal("null"); break;
    default:
      if (first == '-' || (first >= '0' && first <= '9'))
        skip_number();
      else
        fail();
  }
  return ok_ ? text_.substr(begin, position_ - begin) : std::string_view{};
}

std::string string_of(std::string_view literal) {
  if (!literal.starts_with('"')) return {};
  const auto json = nlohmann::json::parse(literal, nullptr, false);
  return json.is_string() ? json.get<std::string>() : std::string{};
}

}  // namespace reverie::scripted
