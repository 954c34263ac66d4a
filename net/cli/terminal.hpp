// What a terminal needs of a text: colours where it has them, columns counted as it shows
// them, and nothing in it that would steer it.

#pragma once

#include "config/environment.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace reverie {

// Colours and weights, or none of them.
class Style {
 public:
  explicit Style(bool is_coloured = false) : is_coloured_(is_coloured) {}

  // Coloured when `fd` is a terminal that can do it and NO_COLOR is not set.
  static Style of(int fd, const Environment& environment);

  bool is_coloured() const { return is_coloured_; }

  std::string dim(std::string_view text) const { return with("2", text); }
  std::string bold(std::string_view text) const { return with("1", text); }
  std::string red(std::string_view text) const { return with("31", text); }
  std::string green(std::string_view text) const { return with("32", text); }
  std::string yellow(std::string_view text) const { return with("33", text); }
  std::string cyan(std::string_view text) const { return with("36", text); }

 private:
  std::string with(std::string_view code, std::string_view text) const;

  bool is_coloured_;
};

// Without control characters, which could move the cursor or retitle the window; line ends
// and tabs stay. For every text that comes from a model, a user or another machine.
std::string printable(std::string_view text);

// The same on one line: line ends and runs of spaces are one space.
std::string one_line(std::string_view text);

// How many columns it takes: wide characters two, combining ones none.
std::size_t columns_of(std::string_view text);

// At most `columns` wide, with "…" in place of what was cut off.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace reverie
