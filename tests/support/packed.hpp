// Bodies in gzip, for tests of what unpacks them.

#pragma once

#include <string>

namespace reverie::testing {

// "<p>packed"
inline const std::string packed_text(
  "\037\213\010\000\000\000\000\000\002\003\263\051\260\053\110\114\316\116\115\001\000\104\175\064"
  "\352"
  "\011\000\000\000",
  29);

// The start of a stream: in every 84 bytes of it, 64 KiB of the letter a.
inline std::string packed_bomb(int pieces) {
  const std::string piece =
    std::string("\354\301\201\000\000\000\000\200\040\326\375\045\026\251\012", 15)
    + std::string(63, '\0') + std::string("\152\000\000\000\377\377", 6);
  std::string out("\037\213\010\000\000\000\000\000\002\003", 10);
  for (int i = 0; i < pieces; ++i) out += piece;
  return out;
}

}  // namespace reverie::testing
