// Outbound HTTP for everything that calls out: models, discovery, later MCP and web tools.
// One thread carries all calls (libcurl's multi interface over epoll) and keeps connections
// open between them. No redirects are followed; certificates are verified; the proxy variables
// of the environment count as they do for curl, except that loopback never goes to a proxy.

#pragma once

#include "config/error.hpp"
#include "runtime/address_guard.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

struct HttpHeader {
  std::string name;
  std::string value;

  bool operator==(const HttpHeader&) const = default;
};

struct HttpResult {
  int status = 0;
  std::vector<HttpHeader> headers;  // names in lower case, in the order of arrival
  std::string body;                 // empty when the body went to on_data

  // The value of the first header of this lower-case name; empty when there is none.
  std::string_view header(std::string_view name) const;
  bool is_success() const { return status >= 200 && status < 300; }
};

// Whether the rest of an answer is wanted: false ends the call with the head alone, an error with
// that error. On the client's thread.
using WantsBody = std::function<Result<bool>(const HttpResult& head)>;

struct HttpCall {
  std::string method = "GET";
  std::string url = {};  // http:// or https://
  std::vector<HttpHeader> headers = {};
  std::string body = {};

  std::int64_t delay_ms = 0;         // wait this long first; cancel works meanwhile
  std::int64_t connect_ms = 10'000;  // name, TCP and TLS together
  std::int64_t total_ms = 600'000;   // from the end of the delay to the last byte
  std::int64_t idle_ms = 0;          // longest silence of the other side, 0: only the total counts
  std::int64_t response_bytes_max = 64 * 1024 * 1024;  // once unpacked

  // Asks for a compressed answer and unpacks it; response_bytes_max ends it as it grows. Else what
  // comes in is handed on as it is.
  bool is_unpacked = false;
  WantsBody wants_body = nullptr;  // asked at the first byte of a body; null: wanted

  // For URLs that others name: which addresses may be connected to. Such a call has a connection of
  // its own and goes through no proxy, which would connect to whatever it is told. Null: all.
  std::shared_ptr<const AddressGuard> guard = nullptr;
};

// Gets the body of a 2xx answer piece by piece, as it comes in.
using OnHttpData = std::function<void(std::string_view chunk)>;
using OnHttpDone = std::function<void(Result<HttpResult>)>;

// A call under way. `cancel` is thread-safe and closes the transfer (the socket too, unless it
// carries other calls) within milliseconds; OnHttpDone is then called with llm_cancelled, or was
// called already. Dropping the handle does not cancel. May outlive the client.
class HttpTransfer {
 public:
  virtual ~HttpTransfer() = default;
  virtual void cancel() = 0;
  // What was asked, for another attempt: once, in OnHttpDone.
  virtual HttpCall take_call() = 0;
};

struct HttpClientSettings {
  // Open connections that are kept for later calls; the one that is longest unused goes first.
  std::int64_t connections_kept_max = 256;
  // A call that waits for its answer longer than this takes less memory from then on; above the
  // time of a quick answer, so that this costs only those that are slow.
  std::int64_t settle_ms = 1'000;
};

// Thread-safe. Callbacks run on the client's own thread, must not block and must not destroy
// the client; they may start further calls. An HTTP status, whatever it is, is a result.
// Errors: invalid_argument (no such URL or header), bad_request (the guard refused every address),
// llm_connection (name, connect, TLS, reset,
// cut short, no connection in time), llm_timeout (total or idle), llm_server_error (longer than
// response_bytes_max, or a head of more than 256 KiB), llm_cancelled.
//
// As many calls to a host are under way as were started: who starts them has a limit (LlmLimits).
class HttpClient {
 public:
  explicit HttpClient(HttpClientSettings settings = {});
  ~HttpClient();  // ends every call with llm_cancelled, then joins the thread
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Without `on_data` the body is collected in the result; bodies of other than 2xx always are.
  std::shared_ptr<HttpTransfer> start(HttpCall call, OnHttpData on_data, OnHttpDone on_done);

  // Runs `task` on the client's thread, soon, once, and before the client is gone.
  void post(std::function<void()> task);

 private:
  class Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace reverie
