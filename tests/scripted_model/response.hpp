// What goes back over a connection, and how fast.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie::scripted {

// Server-sent events, in one piece of memory.
class EventStream {
 public:
  struct Event {
    std::string_view text;
    bool is_payload = false;  // counts for pacing, hang and drop
  };

  std::string& text() { return text_; }  // where the next event is written
  const std::string& text() const { return text_; }

  // What was written since the last call is one event.
  void end_event(bool is_payload) { ends_.push_back({text_.size(), is_payload}); }

  std::size_t size() const { return ends_.size(); }
  Event operator[](std::size_t index) const {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1].offset;
    return {std::string_view(text_).substr(begin, ends_[index].offset - begin),
            ends_[index].is_payload};
  }

 private:
  struct End {
    std::size_t offset;
    bool is_payload;
  };
  std::string text_;
  std::vector<End> ends_;
};

struct Response {
  int status = 200;
  std::string body;
  std::optional<EventStream> events;  // instead of the body
  bool may_retry_at_once = false;     // Retry-After: 0

  std::chrono::microseconds wait{0};      // before the first byte
  bool hangs = false;                     // the first byte never comes
  std::chrono::microseconds gap{0};       // before each payload event
  bool is_coalesced = true;               // events that wait for nothing are written together
  std::optional<std::size_t> hang_after;  // payload events
  std::optional<std::size_t> drop_after;  // payload events
};

}  // namespace reverie::scripted
