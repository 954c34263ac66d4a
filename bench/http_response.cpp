#include "bench/http_response.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>

namespace reverie::bench {

namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool parse(std::string_view text, std::size_t& number, int base) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return parsed.ec == std::errc{} && parsed.ptr != text.data();
}

// The value of a header in lower case; empty when there is none.
std::string_view header(std::string_view head, std::string_view name) {
  const auto found = head.find("\r\n" + std::string(name) + ":");
  if (found == std::string_view::npos) return {};
  const auto begin = head.find_first_not_of(' ', found + name.size() + 3);
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

}  // namespace

void HttpResponse::add(std::string_view bytes) {
  unread_ += bytes;
  while (step()) {
  }
  if (stage_ == Stage::complete && !unread_.empty()) stage_ = Stage::broken;
}

bool HttpResponse::step() {
  std::string_view line;
  switch (stage_) {
    case Stage::head: return read_head();
    case Stage::body:
    case Stage::chunk: return take_body();
    case Stage::chunk_size: return read_chunk_size();
    case Stage::chunk_end:
      if (!take_line(line)) return false;
      unread_.erase(0, line.size() + 2);
      stage_ = Stage::chunk_size;
      return true;
    default: return false;
  }
}

bool HttpResponse::read_head() {
  const auto end = unread_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const std::string head = lowered(std::string_view(unread_).substr(0, end + 2));
  unread_.erase(0, end + 4);
  std::size_t status = 0;
  if (!head.starts_with("http/1.1 ") || !parse(std::string_view(head).substr(9), status, 10)) {
    stage_ = Stage::broken;
    return false;
  }
  status_ = static_cast<int>(status);
  keeps_alive_ = header(head, "connection") != "close";
  is_event_stream_ = header(head, "content-type").starts_with("text/event-stream");
  if (header(head, "transfer-encoding") == "chunked")
    stage_ = Stage::chunk_size;
  else if (parse(header(head, "content-length"), left_, 10))
    stage_ = left_ == 0 ? Stage::complete : Stage::body;
  else
    stage_ = status_ == 204 ? Stage::complete : Stage::broken;
  return true;
}

bool HttpResponse::read_chunk_size() {
  std::string_view line;
  if (!take_line(line)) return false;
  if (!parse(line, left_, 16)) {
    stage_ = Stage::broken;
    return false;
  }
  if (left_ > 0) {
    unread_.erase(0, line.size() + 2);
    stage_ = Stage::chunk;
    return true;
  }
  if (unread_.size() < line.size() + 4) return false;  // the empty line behind the last chunk
  unread_.erase(0, line.size() + 4);
  stage_ = Stage::complete;
  return true;
}

bool HttpResponse::take_body() {
  const std::size_t taken = std::min(left_, unread_.size());
  if (taken == 0) return false;
  body_.append(unread_, 0, taken);
  unread_.erase(0, taken);
  left_ -= taken;
  if (left_ == 0) stage_ = stage_ == Stage::chunk ? Stage::chunk_end : Stage::complete;
  return true;
}

bool HttpResponse::take_line(std::string_view& line) {
  const auto end = unread_.find("\r\n");
  if (end == std::string::npos) return false;
  line = std::string_view(unread_).substr(0, end);
  return true;
}

}  // namespace reverie::bench
