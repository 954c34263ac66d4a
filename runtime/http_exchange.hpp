// One call of HttpClient on one libcurl handle: its options, what has come in so far and how it
// ended. Everything here but `cancel` belongs to the client's thread.

#pragma once

#include "runtime/http_client.hpp"
#include "runtime/packed_text.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <curl/curl.h>

namespace reverie {

struct CurlDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlEasy = std::unique_ptr<CURL, CurlDeleter>;

class HttpExchange {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `settle_after`: how long an answer may take before it is settled.
  HttpExchange(HttpCall call, OnHttpData on_data, OnHttpDone on_done,
               std::chrono::milliseconds settle_after);

  const HttpCall& call() const { return call_; }
  // Once the handle was released.
  HttpCall take_call();
  CURL* easy() const { return easy_.get(); }

  // Takes a handle that no transfer uses and sets it up. Errors: invalid_argument.
  Status prepare(CurlEasy easy, Time now);
  // Hands the handle back for the next call.
  CurlEasy release();

  // When the total or the silence runs out, whichever is first.
  Time deadline() const;

  // When to call settle(), until it says that it is done.
  Time settle_at() const { return settle_at_; }
  bool is_settled() const { return is_settled_; }
  // The other side takes its time: from here on what another attempt would send takes little
  // memory. Puts it off while libcurl may still read it.
  void settle(TextPacker& packer, Time now);
  Error timed_out(Time now) const;

  // What libcurl's verdict means. Once.
  Result<HttpResult> outcome(CURLcode code);
  // Tells the caller. Once.
  void finish(Result<HttpResult> result);

 private:
  static std::size_t write_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t write_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t refuse_read(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  // False ends the transfer, as in the next two.
  bool on_header(std::string_view line);
  bool on_body(std::string_view chunk);
  bool is_wanted();
  bool is_streamed() const { return on_data_ && result_.status >= 200 && result_.status < 300; }
  bool has_body() const { return !call_.body.empty() || call_.method == "POST"; }
  Status check() const;
  Status set_headers();
  void set_method();
  void set_callbacks();
  void set_guard();
  bool may_be_read() const;

  HttpCall call_;
  PackedText packed_body_;  // once it is settled
  bool is_settled_ = false;
  Time settle_at_;
  OnHttpData on_data_;
  OnHttpDone on_done_;
  CurlEasy easy_;
  std::unique_ptr<curl_slist, CurlDeleter> headers_;
  HttpResult result_;
  std::size_t head_bytes_ = 0;
  std::int64_t bytes_ = 0;
  bool is_too_long_ = false;
  std::optional<Result<bool>> wanted_;      // what wants_body said
  std::string refused_;                     // the last address that the guard did not let through
  std::chrono::milliseconds settle_after_;  // twice as long each time that it is put off
  Time start_;
  Time last_byte_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
};

}  // namespace reverie
