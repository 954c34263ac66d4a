#include "net/cli/line_reader.hpp"

#include <array>
#include <cerrno>
#include <cstddef>

#include <signal.h>
#include <unistd.h>

namespace reverie {
namespace {

std::atomic<bool> is_interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

struct sigaction previous_action {};

void on_interrupt(int /*signal*/) {
  is_interrupted = true;
}

}  // namespace

InterruptFlag::InterruptFlag() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;  // without SA_RESTART: a waiting read() ends
  ::sigaction(SIGINT, &action, &previous_action);
}

InterruptFlag::~InterruptFlag() {
  ::sigaction(SIGINT, &previous_action, nullptr);
}

const std::atomic<bool>& InterruptFlag::flag() {
  return is_interrupted;
}

void InterruptFlag::clear() {
  is_interrupted = false;
}

LineReader::Outcome LineReader::read(std::string& line) {
  for (;;) {
    if (const std::size_t end = buffer_.find('\n'); end != std::string::npos) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return Outcome::line;
    }
    std::array<char, 4096> piece;
    const ssize_t count = ::read(fd_, piece.data(), piece.size());
    if (count > 0) {
      buffer_.append(piece.data(), static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EINTR) {
      if (is_interrupted.exchange(false)) return Outcome::interrupted;
    } else {
      line = buffer_;
      buffer_.clear();
      return line.empty() ? Outcome::end : Outcome::line;
    }
  }
}

}  // namespace reverie
