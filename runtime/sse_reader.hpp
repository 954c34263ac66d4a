// Reads server-sent events from bytes that come in any slices. Tolerant of what hosts do: LF,
// CR or CRLF, comments, data over several lines, no blank line at the end, an error's JSON on a
// line of its own without "data:".

#pragma once

#include "config/error.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace reverie {

// Valid during the callback only.
struct SseEvent {
  std::string_view name;  // of the event: line, often empty
  std::string_view data;  // lines joined with \n
};

// An error ends the reading and is handed on.
using OnSseEvent = std::function<Status(const SseEvent&)>;

class SseReader {
 public:
  // 16 MiB: above any event that a model's answer can hold.
  explicit SseReader(std::size_t event_bytes_max = 16 * 1024 * 1024)
    : event_bytes_max_(event_bytes_max) {}

  // Errors: llm_server_error (an event is longer than the limit), or those of `on_event`.
  Status feed(std::string_view bytes, const OnSseEvent& on_event);
  // The stream is over: hands out an event whose blank line is missing.
  Status finish(const OnSseEvent& on_event);

 private:
  Status on_line(std::string_view line, const OnSseEvent& on_event);
  Status dispatch(const OnSseEvent& on_event);
  void add_data(std::string_view text);

  std::size_t event_bytes_max_;
  std::string line_;  // the start of a line whose end has not come yet
  std::string name_;
  std::string data_;
  bool has_data_ = false;
  bool is_after_cr_ = false;  // a line feed now belongs to the line before
  bool is_first_line_ = true;
};

}  // namespace reverie
