// What every fuzzer makes of its bytes.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace reverie::testing {

// A claim that does not hold ends the process, and the fuzzer keeps the input that showed it.
inline void claim(bool holds, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "This does not hold: %.*s\n", static_cast<int>(text.size()), text.data());
  std::abort();
}

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A text and where the network cuts it.
struct SlicedText {
  std::string_view whole;
  std::vector<std::string_view> slices;
};

// The first four bytes are the lengths of the slices, over and over: a byte's remainder by 32, and
// 0 stands for all that is left. So a seed that begins with "!#*\n" is cut into 1, 3, 10 and 10
// bytes, and is a text that can be read.
inline SlicedText sliced(std::string_view input) {
  constexpr std::size_t lengths_count = 4;
  const std::string_view lengths = input.substr(0, lengths_count);
  SlicedText out{input.substr(lengths.size()), {}};
  std::string_view rest = out.whole;
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const std::size_t length = static_cast<unsigned char>(lengths[i % lengths_count]) % 32;
    out.slices.push_back(rest.substr(0, length == 0 ? rest.size() : length));
    rest.remove_prefix(out.slices.back().size());
  }
  return out;
}

}  // namespace reverie::testing
