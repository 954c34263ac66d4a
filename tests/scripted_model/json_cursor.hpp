// Walks JSON text once, front to back, and hands out pieces of the text itself. A model
// request is mostly one long prompt: stepping over 100 KB costs 30 us this way, building
// values from it some hundred.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reverie::scripted {

// Structure, strings and literals are checked, the digits of numbers and the bytes of UTF-8 are
// not. After the first mistake `ok` is false and nothing more is handed out.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool at_end();  // nothing but white space is left
  std::size_t position() const { return position_; }
  std::string_view value();  // the text of the next value, a string with its quotes

  // Calls `member(name)` for each member of the next value, which must take exactly one value.
  // The name is as written, escapes and all. A value of another kind is stepped over.
  template <class Member>
  void object(Member&& member) {
    if (!enter('{', '}')) return;
    do {
      const std::string_view name = string();
      if (!take(':')) return;
      member(name.substr(1, name.size() - 2));
    } while (has_next('}'));
  }

  // Calls `element()` for each element of the next value, likewise.
  template <class Element>
  void array(Element&& element) {
    if (!enter('[', ']')) return;
    do {
      element();
    } while (has_next(']'));
  }

 private:
  char peek();  // the next character that is no white space; NUL at the end
  bool take(char expected);
  bool enter(char open, char close);  // false: nothing inside, and it is behind us
  bool has_next(char close);
  bool fail();
  std::string_view string();
  void skip_number();
  void skip_literal(std::string_view literal);

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  bool ok_ = true;
};

// What a JSON string literal says; empty for any other value.
std::string string_of(std::string_view literal);

}  // namespace reverie::scripted
