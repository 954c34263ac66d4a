#include "net/cli/api_client.hpp"

#include "runtime/llm/json_access.hpp"
#include "runtime/sse_reader.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace reverie {
namespace {

constexpr std::int64_t connect_ms = 5'000;    // the server is near
constexpr std::int64_t total_ms = 3'600'000;  // a run of many steps; its stream has pings
constexpr auto look_interval = std::chrono::milliseconds(100);  // for an interrupt

// What the client's thread hands to the one that waits.
class Handover {
 public:
  void add(std::string_view chunk) {
    const std::lock_guard lock(mutex_);
    data_ += chunk;
    changed_.notify_one();
  }
  void finish(Result<HttpResult> result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    changed_.notify_one();
  }

  // What came since the last call; waits at most `look_interval` for it.
  std::string take() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, look_interval, [&] { return !data_.empty() || result_.has_value(); });
    return std::exchange(data_, {});
  }
  bool is_done() {
    const std::lock_guard lock(mutex_);
    return result_.has_value() && data_.empty();
  }
  Result<HttpResult> result() { return *std::move(result_); }  // once is_done

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string data_;
  std::optional<Result<HttpResult>> result_;
};

bool is_success(int status) {
  return status >= 200 && status < 300;
}

Result<Json> parse(std::string_view body) {
  if (body.empty()) return Json();
  Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded())
    return Error{Errc::upstream, "the answer is no JSON; is that a reverie server?", ""};
  return json;
}

// Of a validation error: [{"loc": ["body", "limit"], "msg": "expected integer"}].
std::string text_of_details(const Json& details) {
  std::string out;
  for (const Json& detail : details) {
    if (!detail.is_object()) continue;
    if (!out.empty()) out += "; ";
    for (const Json& part : detail.value("loc", Json::array()))
      out += (part.is_string() ? part.get<std::string>() : part.dump()) + " ";
    const Json message = detail.value("msg", Json());
    if (message.is_string()) out += message.get<std::string>();
  }
  return out;
}

// The sentence in an error's body, in any of the forms of the API; empty when there is none.
std::string text_of_error(const Json& body) {
  if (body.is_string()) return body.get<std::string>();
  if (body.is_array()) return text_of_details(body);
  if (!body.is_object()) return "";
  // The first is what a model's vendor said, which tells more than our sentence about it.
  for (const char* name : {"error", "detail", "message"})
    if (body.contains(name))
      if (std::string text = text_of_error(body[name]); !text.empty()) return text;
  return "";
}

Errc code_of(int status) {
  switch (status) {
    case 400: return Errc::bad_request;
    case 401: return Errc::unauthenticated;
    case 404: return Errc::not_found;
    case 409: return Errc::conflict;
    case 422: return Errc::invalid_argument;
    case 501: return Errc::not_built;
    case 503: return Errc::unavailable;
    default: return Errc::upstream;
  }
}

}  // namespace

std::string local_url(const ServerSettings& settings) {
  std::string host = settings.host;
  if (host == "0.0.0.0") host = "127.0.0.1";  // listens on all, which includes this one
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(settings.port) + settings.path_prefix;
}

std::string text_of(const Json& object, std::string_view name) {
  return std::string(text_member(object, name));
}

Error error_of_answer(int status, std::string_view body) {
  std::string text = text_of_error(Json::parse(body, nullptr, false));
  if (text.empty()) text = "the server answered with status " + std::to_string(status);
  return {code_of(status), std::move(text), ""};
}

std::string explained(const Error& error, const ServerAddress& address) {
  if (error.code == Errc::llm_connection)
    return "no server answers at " + address.url
           + "\n  start one:          reverie serve\n  or name another:    --url http://HOST:PORT";
  if (error.code == Errc::unauthenticated)
    return address.password.empty()
             ? "the server asks for its password: set REVERIE_PASSWORD"
             : "the server does not take this password: REVERIE_PASSWORD must be the one that the "
               "server was started with";
  return error.message;
}

ApiClient::ApiClient(ServerAddress address, const std::atomic<bool>* stop)
  : address_(std::move(address)), stop_(stop) {
  while (address_.url.ends_with('/')) address_.url.pop_back();
}

HttpCall ApiClient::call(const std::string& method, const std::string& path,
                         const Json* body) const {
  HttpCall call;
  call.method = method;
  call.url = address_.url + path;
  call.connect_ms = connect_ms;
  call.total_ms = total_ms;
  if (!address_.password.empty())
    call.headers.push_back({"Authorization", "Bearer " + address_.password});
  if (body != nullptr) {
    call.headers.push_back({"Content-Type", "application/json"});
    call.body = body->dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return call;
}

Result<HttpResult> ApiClient::perform(HttpCall call,
                                      const std::function<Status(std::string_view)>& on_data) {
  auto handover = std::make_shared<Handover>();
  OnHttpData on_chunk;
  if (on_data) on_chunk = [handover](std::string_view chunk) { handover->add(chunk); };
  const auto transfer =
    http_.start(std::move(call), std::move(on_chunk),
                [handover](Result<HttpResult> result) { handover->finish(std::move(result)); });
  bool is_cancelled = false;
  while (!handover->is_done()) {
    const std::string chunk = handover->take();
    Status status;
    if (on_data && !chunk.empty()) status = on_data(chunk);
    if (!status) {
      transfer->cancel();
      return std::move(status).error();
    }
    if (stop_ != nullptr && *stop_ && !std::exchange(is_cancelled, true)) transfer->cancel();
  }
  auto result = handover->result();
  if (result && !is_success(result->status)) return error_of_answer(result->status, result->body);
  return result;
}

Result<Json> ApiClient::ask(HttpCall call) {
  REVERIE_TRY(const HttpResult answer, perform(std::move(call), {}));
  return parse(answer.body);
}

Result<Json> ApiClient::get(const std::string& path) {
  return ask(call("GET", path, nullptr));
}

Result<Json> ApiClient::post(const std::string& path, const Json& body) {
  return ask(call("POST", path, &body));
}

Result<Json> ApiClient::remove(const std::string& path) {
  return ask(call("DELETE", path, nullptr));
}

Status ApiClient::stream(const std::string& path, const Json& body, const OnApiEvent& on_event) {
  HttpCall request = call("POST", path, &body);
  request.headers.push_back({"Accept", "text/event-stream"});
  const auto on_sse = [&](const SseEvent& event) -> Status {
    if (event.data == "[DONE]") return {};
    REVERIE_TRY(const Json json, parse(event.data));
    on_event(json);
    return {};
  };
  SseReader reader;
  const auto answer =
    perform(std::move(request), [&](std::string_view chunk) { return reader.feed(chunk, on_sse); });
  if (!answer) return answer.error();
  return reader.finish(on_sse);
}

}  // namespace reverie
