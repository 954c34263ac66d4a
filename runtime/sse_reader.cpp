#include "runtime/sse_reader.hpp"

#include <algorithm>

namespace reverie {

Status SseReader::feed(std::string_view bytes, const OnSseEvent& on_event) {
  while (!bytes.empty()) {
    if (is_after_cr_) {
      is_after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const auto end = bytes.find_first_of("\r\n");
    if (line_.size() + data_.size() + std::min(end, bytes.size()) > event_bytes_max_)
      return Error{
        Errc::llm_server_error,
        "an event of the stream is longer than " + std::to_string(event_bytes_max_) + " bytes", ""};
    if (end == std::string_view::npos) {
      line_.append(bytes);
      return {};
    }
    is_after_cr_ = bytes[end] == '\r';
    if (line_.empty()) {
      REVERIE_CHECK(on_line(bytes.substr(0, end), on_event));
    } else {
      line_.append(bytes.substr(0, end));
      REVERIE_CHECK(on_line(line_, on_event));
      line_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  return {};
}

Status SseReader::finish(const OnSseEvent& on_event) {
  if (!line_.empty()) {
    REVERIE_CHECK(on_line(line_, on_event));
    line_.clear();
  }
  return dispatch(on_event);
}

Status SseReader::on_line(std::string_view line, const OnSseEvent& on_event) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (is_first_line_ && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  is_first_line_ = false;
  if (line.empty()) return dispatch(on_event);
  if (line.front() == ':') return {};
  if (line.front() == '{') {
    add_data(line);
    return {};
  }
  const auto colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data")
    add_data(value);
  else if (field == "event")
    name_ = value;
  return {};
}

void SseReader::add_data(std::string_view text) {
  if (has_data_) data_ += '\n';
  data_.append(text);
  has_data_ = true;
}

Status SseReader::dispatch(const OnSseEvent& on_event) {
  Status status;
  if (has_data_) status = on_event({name_, data_});
  name_.clear();
  data_.clear();
  has_data_ = false;
  return status;
}

}  // namespace reverie
