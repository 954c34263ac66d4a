// A request over HTTP with gaps, as the source of a tool writes it down:
//
//   POST https://api.example.com/v1/orders/{order_id}/notes?notify={notify}
//   Authorization: Bearer ${ORDERS_KEY}
//
//   {"text": {text}, "author": "agent {author}"}
//
// {name} is an argument of the call, ${NAME} a variable or a secret of the agent. What is filled in is
// encoded for its place and cannot leave it: it ends no segment of the path, no parameter, no header
// and no string of the body. Scheme, host and port have no gaps.
//
// Without a body, the arguments that are in no gap become the query of a GET, HEAD or DELETE, and the
// body of any other method: a JSON object, or a form where the Content-Type says so.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "runtime/http_client.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct FilledRequest {
  std::string method;
  std::string url;
  std::vector<HttpHeader> headers;
  std::string body;
};

class HttpTemplate {
 public:
  // Errors: bad_request: what is wrong with the source, and in which line.
  static Result<HttpTemplate> parse(std::string_view source);

  const std::string& method() const { return method_; }
  // It changes nothing where it goes: GET or HEAD.
  bool is_safe() const { return method_ == "GET" || method_ == "HEAD"; }
  // Whether there is a place for arguments that are in no gap.
  bool takes_the_rest() const {
    return !has_body() && (has_query_alone() || body_kind_ != BodyKind::other);
  }
  // The arguments that are in gaps.
  const std::set<std::string>& arguments() const { return arguments_; }

  // An argument that is absent or null takes its parameter of the query or form, or its header,
  // along, is null in a JSON body and nothing in another one. A list repeats its parameter. Errors,
  // in words for the model: invalid_argument: an argument of the path is missing or no name of a
  // segment, a header holds a control character, the URL is too long; not_found: no such variable.
  Result<FilledRequest> fill(const Json& arguments,
                             const std::map<std::string, std::string>& variables) const;

 private:
  enum class Kind : std::uint8_t { text, argument, variable };
  struct Part {
    Kind kind = Kind::text;
    std::string text;  // of a gap: its name
  };
  using Parts = std::vector<Part>;
  struct Header {
    std::string name;
    Parts value;
  };
  enum class BodyKind : std::uint8_t { json, form, other };
  class Filling;

  bool has_body() const { return !body_.empty(); }
  bool has_query_alone() const { return is_safe() || method_ == "DELETE"; }
  static Parts parts_of(std::string_view text);
  static std::vector<Parts> split(const Parts& parts, char separator);
  Status read_request_line(std::string_view line);
  Status read_header(std::string_view line, std::size_t number);
  Status read_body(std::string_view text);
  void note_gaps(const Parts& parts);

  std::string method_;
  std::string origin_;        // "https://api.example.com:8443"
  std::vector<Parts> path_;   // its segments, behind the first slash
  std::vector<Parts> query_;  // its parameters
  std::vector<Header> headers_;
  BodyKind body_kind_ = BodyKind::json;
  Parts body_;
  std::set<std::string> arguments_;
};

// Whether a call can be made of every set of arguments that these parameters (a JSON Schema of type
// object) let through, and none is left over. Errors: bad_request.
Status check_gaps(const HttpTemplate& request, const nlohmann::ordered_json& parameters);

}  // namespace reverie
