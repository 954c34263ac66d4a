#include "runtime/http_exchange.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <sys/socket.h>

namespace reverie {

namespace {

using std::chrono::milliseconds;

// What libcurl keeps for each transfer under way, idle or not. Reading: a piece of an answer is
// some 300 bytes, a whole one a few KiB. Sending: its smallest; used by bodies above 64 KiB only.
constexpr long read_buffer_bytes = 1L << 10;  // its smallest
constexpr long send_buffer_bytes = 16L << 10;

// Of the heads of one answer together; where browsers stop, too.
constexpr std::size_t head_bytes_max = 256U << 10;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view host_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return url.substr(0, url.find(']') + 1);
  return url.substr(0, url.find(':'));
}

bool is_loopback(std::string_view url) {
  const std::string host = lower(host_of(url));
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.")
         || host == "[::1]";
}

Error connection_error(std::string_view why) {
  return {Errc::llm_connection, "Connection error: " + std::string(why), ""};
}

}  // namespace

std::string_view HttpResult::header(std::string_view name) const {
  for (const HttpHeader& each : headers)
    if (each.name == name) return each.value;
  return {};
}

HttpExchange::HttpExchange(HttpCall call, OnHttpData on_data, OnHttpDone on_done,
                           milliseconds settle_after)
  : call_(std::move(call)),
    on_data_(std::move(on_data)),
    on_done_(std::move(on_done)),
    settle_after_(settle_after) {}

HttpCall HttpExchange::take_call() {
  if (is_settled_) call_.body = packed_body_.unpack();
  return std::move(call_);
}

Status HttpExchange::check() const {
  if (!call_.url.starts_with("http://") && !call_.url.starts_with("https://"))
    return Error{Errc::invalid_argument, "the URL does not start with http:// or https://", "url"};
  if (has_control(call_.url) || call_.url.find(' ') != std::string::npos)
    return Error{Errc::invalid_argument, "the URL holds a blank or a control character", "url"};
  for (const HttpHeader& header : call_.headers)
    if (header.name.empty() || has_control(header.name) || has_control(header.value))
      return Error{Errc::invalid_argument, "a header holds a control character", "headers"};
  return {};
}

Status HttpExchange::prepare(CurlEasy easy, Time now) {
  REVERIE_CHECK(check());
  easy_ = std::move(easy);
  CURL* const h = easy_.get();
  curl_easy_setopt(h, CURLOPT_URL, call_.url.c_str());
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(h, CURLOPT_USERAGENT, "reverie");
  curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  // A name that does not resolve must not hold up the thread while its call is given up.
  curl_easy_setopt(h, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(h, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(h, CURLOPT_BUFFERSIZE, read_buffer_bytes);
  curl_easy_setopt(h, CURLOPT_UPLOAD_BUFFERSIZE, send_buffer_bytes);
  curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call_.connect_ms));
  if (is_loopback(call_.url)) curl_easy_setopt(h, CURLOPT_PROXY, "");
  REVERIE_CHECK(set_headers());
  set_method();
  set_callbacks();
  if (call_.is_unpacked) curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  if (call_.guard) set_guard();
  start_ = last_byte_ = now;
  settle_at_ = now + settle_after_;
  is_settled_ = call_.body.empty();
  return {};
}

Status HttpExchange::set_headers() {
  const auto append = [this](const std::string& line) {
    curl_slist* const list = curl_slist_append(headers_.get(), line.c_str());
    if (!list) return false;
    static_cast<void>(headers_.release());
    headers_.reset(list);
    return true;
  };
  // Without this, curl asks the server before a long body and waits up to a second for it.
  bool is_complete = append("Expect:");
  for (const HttpHeader& header : call_.headers)
    is_complete = is_complete && append(header.name + ": " + header.value);
  if (!is_complete) return Error{Errc::unavailable, "out of memory", "http"};
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
  return {};
}

void HttpExchange::set_method() {
  CURL* const h = easy_.get();
  if (has_body()) {
    curl_easy_setopt(h, CURLOPT_POST, 1L);
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, call_.body.data());  // not copied
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    curl_easy_setopt(h, CURLOPT_READFUNCTION, &HttpExchange::refuse_read);
  }
  if (call_.method == "HEAD")
    curl_easy_setopt(h, CURLOPT_NOBODY, 1L);
  else if (call_.method != (has_body() ? "POST" : "GET"))
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, call_.method.c_str());
}

void HttpExchange::set_callbacks() {
  CURL* const h = easy_.get();
  curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error_text_.data());
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &HttpExchange::write_body);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, &HttpExchange::write_header);
  curl_easy_setopt(h, CURLOPT_HEADERDATA, this);
}

void HttpExchange::set_guard() {
  CURL* const h = easy_.get();
  curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, &HttpExchange::open_socket);
  curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, this);
  // An open connection of another call was not looked at.
  curl_easy_setopt(h, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(h, CURLOPT_PROXY, "");
}

CurlEasy HttpExchange::release() {
  if (easy_) curl_easy_reset(easy_.get());  // it points into this object
  return std::move(easy_);
}

void HttpExchange::settle(TextPacker& packer, Time now) {
  if (may_be_read()) {
    settle_after_ *= 2;
    settle_at_ = now + settle_after_;
    return;
  }
  is_settled_ = true;
  packed_body_ = packer.pack(call_.body);
  curl_easy_setopt(easy_.get(), CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, nullptr);
  call_.body.clear();
  call_.body.shrink_to_fit();  // an assignment would keep the memory
  headers_.reset();
}

// Before all was sent; and a request on an open connection which the other side closes without a
// word is sent again by libcurl itself. HTTP/2, which servers agree to over TLS, has such a case
// too.
bool HttpExchange::may_be_read() const {
  curl_off_t sent = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &sent);
  if (sent < static_cast<curl_off_t>(call_.body.size())) return true;
  const bool has_answer = result_.status != 0;
  long connects = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_NUM_CONNECTS, &connects);
  return !has_answer && (connects == 0 || call_.url.starts_with("https:"));
}

HttpExchange::Time HttpExchange::deadline() const {
  const Time total = start_ + milliseconds(call_.total_ms);
  return call_.idle_ms == 0 ? total : std::min(total, last_byte_ + milliseconds(call_.idle_ms));
}

Error HttpExchange::timed_out(Time now) const {
  if (now - start_ >= milliseconds(call_.total_ms))
    return {
      Errc::llm_timeout,
      "Request timed out: no complete answer within " + std::to_string(call_.total_ms) + " ms", ""};
  return {Errc::llm_timeout,
          "Request timed out: nothing was received for " + std::to_string(call_.idle_ms) + " ms",
          ""};
}

Result<HttpResult> HttpExchange::outcome(CURLcode code) {
  if (code == CURLE_OK) return std::move(result_);
  if (wanted_ && !*wanted_) return std::move(*wanted_).error();
  if (wanted_ && !**wanted_) return std::move(result_);
  if (is_too_long_)
    return Error{Errc::llm_server_error,
                 "the answer is longer than " + std::to_string(call_.response_bytes_max) + " bytes",
                 ""};
  if (head_bytes_ > head_bytes_max)
    return Error{
      Errc::llm_server_error,
      "the head of the answer is longer than " + std::to_string(head_bytes_max) + " bytes", ""};
  if (!refused_.empty())
    return Error{Errc::bad_request, "the address " + refused_ + " may not be reached from here",
                 "url"};
  switch (code) {
    case CURLE_URL_MALFORMAT: return Error{Errc::invalid_argument, curl_easy_strerror(code), "url"};
    case CURLE_OPERATION_TIMEDOUT:  // curl keeps no other time than that of the connect
      return connection_error("no connection within " + std::to_string(call_.connect_ms) + " ms");
    default:
      return connection_error(error_text_[0] != '\0' ? error_text_.data()
                                                     : curl_easy_strerror(code));
  }
}

void HttpExchange::finish(Result<HttpResult> result) {
  on_data_ = nullptr;  // what it holds may hold this
  std::exchange(on_done_, nullptr)(std::move(result));
}

std::size_t HttpExchange::write_body(char* data, std::size_t size, std::size_t count, void* self) {
  const std::size_t bytes = size * count;
  return static_cast<HttpExchange*>(self)->on_body({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
}

std::size_t HttpExchange::write_header(char* data, std::size_t size, std::size_t count,
                                       void* self) {
  const std::size_t bytes = size * count;
  return static_cast<HttpExchange*>(self)->on_header({data, bytes}) ? bytes : 0;
}

// Bodies are not read by calls; one that is gone is not sent again.
std::size_t HttpExchange::refuse_read(char*, std::size_t, std::size_t, void*) {
  return CURL_READFUNC_ABORT;
}

curl_socket_t HttpExchange::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<HttpExchange*>(self);
  if (!exchange.call_.guard->allows(address->addr)) {
    exchange.refused_ = address_text(address->addr);
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool HttpExchange::on_header(std::string_view line) {
  last_byte_ = std::chrono::steady_clock::now();
  head_bytes_ += line.size();
  if (head_bytes_ > head_bytes_max) return false;
  if (line.starts_with("HTTP/")) {  // again after a 1xx
    result_.headers.clear();
    const auto code = line.substr(std::min(line.size(), line.find(' ') + 1));
    std::from_chars(code.data(), code.data() + code.size(), result_.status);
    return true;
  }
  if (const auto colon = line.find(':'); colon != std::string_view::npos)
    result_.headers.push_back(
      {lower(trimmed(line.substr(0, colon))), std::string(trimmed(line.substr(colon + 1)))});
  return true;
}

bool HttpExchange::is_wanted() {
  if (!call_.wants_body) return true;
  if (!wanted_) wanted_ = call_.wants_body(result_);
  return *wanted_ && **wanted_;
}

bool HttpExchange::on_body(std::string_view chunk) {
  last_byte_ = std::chrono::steady_clock::now();
  if (!is_wanted()) return false;
  bytes_ += static_cast<std::int64_t>(chunk.size());
  if (bytes_ > call_.response_bytes_max) {
    is_too_long_ = true;
    return false;
  }
  if (is_streamed())
    on_data_(chunk);
  else
    result_.body.append(chunk);
  return true;
}

}  // namespace reverie
