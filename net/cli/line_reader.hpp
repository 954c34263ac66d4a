// Lines from the standard input, interrupted by Ctrl-C instead of ended by it.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace reverie {

// While it lives, SIGINT sets a flag and interrupts what waits, and nothing else happens. One
// at a time in a process.
class InterruptFlag {
 public:
  InterruptFlag();
  ~InterruptFlag();  // SIGINT does again what it did before
  InterruptFlag(const InterruptFlag&) = delete;
  InterruptFlag& operator=(const InterruptFlag&) = delete;

  static const std::atomic<bool>& flag();
  static void clear();
};

class LineReader {
 public:
  enum class Outcome : std::uint8_t { line, interrupted, end };

  explicit LineReader(int fd) : fd_(fd) {}

  // Waits for the next line, without its end. A last line may lack one.
  Outcome read(std::string& line);

 private:
  int fd_;
  std::string buffer_;
};

}  // namespace reverie
