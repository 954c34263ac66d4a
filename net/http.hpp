// HTTP as data. Sockets and framing live in net/server.*; what clients see of our errors is
// decided here and nowhere else.

#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reverie {

enum class Method : std::uint8_t { get, post, put, patch, del, head, options, other };

// As on the request line: "GET".
std::string_view to_string(Method method);
Method method_of(std::string_view text);

struct Header {
  std::string name;  // lower case
  std::string value;
};

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> headers) : all_(headers) {}

  // The first value of this name (given in lower case), or nothing.
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;  // "" when absent

  // `name` is made lower case. `set` replaces all values of the name.
  void add(std::string_view name, std::string value);
  void set(std::string_view name, std::string value);

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }

 private:
  std::vector<Header> all_;
};

using Query = std::vector<std::pair<std::string, std::string>>;  // in order, decoded

struct HttpRequest {
  Method method = Method::get;
  // Decoded, without the configured prefix, with "/v1" for "/latest" and without a final
  // slash: both spellings of a path are the same request.
  std::string path = "/";
  // The parts of `path`, each decoded by itself: an encoded slash does not divide.
  std::vector<std::string> segments;
  Query query;
  Headers headers;
  std::string body;
  std::string request_id;  // "req-…", or the client's own x-request-id
  std::string client;      // the peer's address, without its port
};

struct HttpResponse {
  int status = 200;
  std::string body = {};
  std::string content_type = "application/json";  // none is sent when empty
  Headers headers = {};
};

// Fills path, segments and query from what stands on the request line. `prefix` is "" or
// "/letta"; requests without it are served too, because some proxies take it off.
// Errors: bad_request.
Status read_target(std::string_view target, std::string_view prefix, HttpRequest& request);

// The value of `name` in the query; the last one wins, as clients expect of a repeated key.
const std::string* find_query(const Query& query, std::string_view name);

// "%41b+c" -> "Ab c" ('+' only where `plus_is_space`). Errors: bad_request.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

// ASCII letters only.
std::string lower_case(std::string_view text);

// The one place where our errors become HTTP.
int http_status(Errc code);

// {"detail": …}, or {"error": {"type","message","detail"}} when a model provider failed.
// x-should-retry: false where another attempt cannot help. Texts of bugs and of broken storage
// stay in the log.
HttpResponse error_response(const Error& error);

// {"detail": …} with any status.
HttpResponse detail_response(int status, std::string_view detail);

// 422 with the three keys that clients know; `example` is left out when empty.
HttpResponse validation_response(std::string_view detail, std::string_view example = {});

std::string_view reason_phrase(int status);

}  // namespace reverie
