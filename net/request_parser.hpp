// Bytes of a connection -> HttpRequest. Framing, chunked bodies and the rules against
// smuggled requests are Boost.Beast's; it writes straight into our request.

#pragma once

#include "net/http.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace reverie {

class RequestParser {
 public:
  // `prefix` is the path prefix of read_target and outlives the parser.
  RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max, std::string_view prefix);
  ~RequestParser();

  // Takes what it can of `bytes` and says how much; the caller keeps the rest in front of what
  // comes next. Bytes behind the end of the request are left alone.
  std::size_t feed(std::string_view bytes);

  bool has_started() const;  // a byte of the request was seen
  bool has_header() const;
  bool is_complete() const;

  // 0, or why the request is refused: 400, 413, 431, 505, with a sentence for the client.
  int refusal() const;
  std::string_view refusal_text() const;

  // From has_header() on.
  bool expects_continue() const;
  bool keeps_alive() const;
  bool is_http_1_0() const;

  // When complete, once.
  HttpRequest take();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace reverie
