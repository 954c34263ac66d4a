// A running server as the command line sees it: JSON in, JSON out, one call at a time.

#pragma once

#include "config/error.hpp"
#include "config/json.hpp"
#include "config/settings.hpp"
#include "runtime/http_client.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace reverie {

struct ServerAddress {
  std::string url = "http://127.0.0.1:8283";
  std::string password;  // empty: none is sent
};

// Where a server with these settings is reached from its own machine.
std::string local_url(const ServerSettings& settings);

// Gets the JSON of each event, in order, on the caller's thread.
using OnApiEvent = std::function<void(const Json& event)>;

// Blocks the calling thread; not for use by two at once.
// Errors: llm_connection (nobody listens there, or the connection broke), unauthenticated,
// not_found, conflict, invalid_argument, unavailable, upstream: what the server answered, in
// its own words.
class ApiClient {
 public:
  // `stop` becoming true ends the call under way within a tenth of a second: llm_cancelled. It
  // outlives this; null: calls are not interrupted.
  explicit ApiClient(ServerAddress address, const std::atomic<bool>* stop = nullptr);

  const std::string& url() const { return address_.url; }

  Result<Json> get(const std::string& path);
  Result<Json> post(const std::string& path, const Json& body);
  Result<Json> remove(const std::string& path);

  // Posts and reads server-sent events to the end of the stream.
  Status stream(const std::string& path, const Json& body, const OnApiEvent& on_event);

 private:
  HttpCall call(const std::string& method, const std::string& path, const Json* body) const;
  Result<Json> ask(HttpCall call);
  Result<HttpResult> perform(HttpCall call, const std::function<Status(std::string_view)>& on_data);

  ServerAddress address_;
  const std::atomic<bool>* stop_;
  HttpClient http_;
};

// The text of a member of an object; empty when there is none.
std::string text_of(const Json& object, std::string_view name);

// What an answer other than 2xx says, as our error.
Error error_of_answer(int status, std::string_view body);

// The error for people, with what to do about it where that is known.
std::string explained(const Error& error, const ServerAddress& address);

}  // namespace reverie
