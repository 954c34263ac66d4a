// One HTTP/1.1 response as it arrives: as much of the protocol as the servers that are measured
// speak (a length or chunks, no trailers).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reverie::bench {

class HttpResponse {
 public:
  // Bytes as they were read, in any pieces. Bytes behind the end of the response are an error of
  // the server, since no second request is sent before that.
  void add(std::string_view bytes);

  bool is_complete() const { return stage_ == Stage::complete; }
  bool is_broken() const { return stage_ == Stage::broken; }
  bool keeps_alive() const { return keeps_alive_; }
  int status() const { return status_; }             // 0 before the headers are there
  const std::string& body() const { return body_; }  // without the framing of chunks

  // Calls `visit(data)` for each server-sent event that has arrived since, and forgets it: a stream
  // keeps no body.
  template <class Visit>
  void take_events(Visit visit) {
    if (!is_event_stream_) return;
    std::size_t begin = 0;
    for (auto end = body_.find('\n'); end != std::string::npos; end = body_.find('\n', begin)) {
      const std::string_view line = std::string_view(body_).substr(begin, end - begin);
      if (line.starts_with("data: ")) visit(line.substr(6));
      begin = end + 1;
    }
    body_.erase(0, begin);
  }

  void clear() { *this = {}; }

 private:
  enum class Stage { head, body, chunk_size, chunk, chunk_end, complete, broken };

  bool step();  // whether there was enough to go one stage further
  bool read_head();
  bool read_chunk_size();
  bool take_body();
  bool take_line(std::string_view& line);

  Stage stage_ = Stage::head;
  int status_ = 0;
  bool keeps_alive_ = true;
  bool is_event_stream_ = false;
  std::size_t left_ = 0;  // bytes of the body, or of the chunk, that are still to come
  std::string unread_;
  std::string body_;
};

}  // namespace reverie::bench
