#include "net/request_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace reverie {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

// Grown from there as bytes come: a client may announce more than it ever sends.
constexpr std::uint64_t body_reserve_max = 1U << 20;

std::string_view view(string_view text) {
  return {text.data(), text.size()};
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

}  // namespace

class RequestParser::Impl final : public http::basic_parser<true> {
 public:
  Impl(std::size_t header_bytes_max, std::string_view prefix)
    : header_bytes_max_(header_bytes_max), prefix_(prefix) {}

  // Beast's own limit is on what it has not consumed yet, field by field.
  void count(std::size_t used, std::size_t left) {
    if (!is_header_done()) header_bytes_ += used;
    if (header_bytes_ > header_bytes_max_ || (!is_done() && left > header_bytes_max_))
      refuse(http::error::header_limit);
  }

  void refuse(int status, std::string_view text) {
    if (refusal_ != 0) return;
    refusal_ = status;
    refusal_text_ = text;
  }

  void refuse(const error_code& error) {
    if (error == http::error::header_limit)
      return refuse(431, "The header of the request is too long");
    if (error == http::error::body_limit) return refuse(413, "The body of the request is too long");
    if (error == http::error::bad_version) return refuse(505, "Only HTTP/1.0 and HTTP/1.1");
    refuse(400, "The request is no valid HTTP");
  }

  HttpRequest request_;
  std::string target_;
  int refusal_ = 0;
  std::string refusal_text_;
  bool has_started_ = false;
  bool expects_continue_ = false;
  int version_ = 11;

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       error_code&) override {
    version_ = version;
    request_.method = method_of(view(method));
    target_ = view(target);
  }

  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    if (!is_header_done()) request_.headers.add(view(name), std::string(view(value)));
  }

  void on_header_impl(error_code& error) override {
    if (const Status status = read_target(target_, prefix_, request_); !status)
      return stop(error, status.error().message);
    const std::string* coding = request_.headers.find("transfer-encoding");
    if (coding && !equals_ignoring_case(*coding, "chunked"))
      return stop(error, "The only transfer-encoding is chunked");
    if (version_ == 11 && !request_.headers.find("host"))
      return stop(error, "The request names no host");
    expects_continue_ =
      version_ == 11 && equals_ignoring_case(request_.headers.get("expect"), "100-continue");
  }

  void stop(error_code& error, std::string_view text) {
    refuse(400, text);
    error = http::error::bad_value;
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request_.body.reserve(std::min(*length, body_reserve_max));
  }

  std::size_t on_body_impl(string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }

  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  std::size_t header_bytes_max_;
  std::size_t header_bytes_ = 0;
  std::string_view prefix_;
};

// No rest of a body in chunks is shorter than "0\r\n\r\n". Beast 1.81 relies on it: once it has
// seen the header of the last chunk, fewer bytes fail an assertion and end the process.
constexpr std::size_t chunked_rest_min = 5;

RequestParser::RequestParser(std::size_t header_bytes_max, std::size_t body_bytes_max,
                             std::string_view prefix)
  : impl_(std::make_unique<Impl>(header_bytes_max, prefix)) {
  impl_->header_limit(static_cast<std::uint32_t>(header_bytes_max));
  impl_->body_limit(std::uint64_t{body_bytes_max});
  impl_->eager(true);
}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  // Some clients send an empty line behind the body of the request before.
  while (!impl_->has_started_ && used < bytes.size()
         && (bytes[used] == '\r' || bytes[used] == '\n'))
    ++used;
  if (used == bytes.size()) return used;
  impl_->has_started_ = true;
  while (used < bytes.size() && !impl_->is_done() && impl_->refusal_ == 0) {
    if (impl_->is_header_done() && impl_->chunked() && bytes.size() - used < chunked_rest_min)
      break;
    error_code error;
    const std::size_t n =
      impl_->put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += n;
    if (error && error != http::error::need_more) impl_->refuse(error);
    impl_->count(n, bytes.size() - used);
    if (error) break;
  }
  return used;
}

bool RequestParser::has_started() const {
  return impl_->has_started_;
}
bool RequestParser::has_header() const {
  return impl_->is_header_done();
}
bool RequestParser::is_complete() const {
  return impl_->refusal_ == 0 && impl_->is_done();
}
int RequestParser::refusal() const {
  return impl_->refusal_;
}
std::string_view RequestParser::refusal_text() const {
  return impl_->refusal_text_;
}
bool RequestParser::expects_continue() const {
  return impl_->expects_continue_;
}
bool RequestParser::keeps_alive() const {
  return impl_->keep_alive();
}
bool RequestParser::is_http_1_0() const {
  return impl_->version_ == 10;
}

HttpRequest RequestParser::take() {
  return std::move(impl_->request_);
}

}  // namespace reverie
