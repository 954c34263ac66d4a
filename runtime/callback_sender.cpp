#include "runtime/callback_sender.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

namespace reverie {

namespace {

// What browsers and proxies take; a longer one is no address but data.
constexpr std::size_t url_bytes_max = 2'048;
constexpr std::int64_t backoff_factor = 4;

bool is_success(int status) {
  return status >= 200 && status < 300;
}

// Whether the same request may be taken a moment later. What the guard refused is refused again.
bool may_help_again(const Result<HttpResult>& result) {
  if (!result)
    return result.error().code == Errc::llm_connection || result.error().code == Errc::llm_timeout;
  return result->status == 408 || result->status == 429 || result->status >= 500;
}

CallbackOutcome outcome_of(const Result<HttpResult>& result) {
  CallbackOutcome outcome;
  if (!result) {
    outcome.error = result.error().message;
    return outcome;
  }
  outcome.status_code = result->status;
  if (!is_success(result->status))
    outcome.error = "the receiver answered " + std::to_string(result->status);
  return outcome;
}

}  // namespace

Status check_callback_url(const std::string& url) {
  const auto wrong = [](const char* why) {
    return Error{Errc::invalid_argument, why, "callback_url"};
  };
  const auto scheme = url.find("://");
  const std::string name = url.substr(0, std::min(scheme, url.size()));
  if (scheme == std::string::npos || (name != "http" && name != "https"))
    return wrong("expected a URL that starts with http:// or https://");
  if (url.size() > url_bytes_max) return wrong("expected at most 2048 bytes");
  const auto is_refused = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  if (std::any_of(url.begin(), url.end(), is_refused))
    return wrong("the URL holds a blank or a control character");
  const std::string rest = url.substr(scheme + 3);
  if (rest.empty() || rest.find_first_of("/?#:") == 0) return wrong("the URL names no host");
  return {};
}

// Lives as long as the last delivery.
struct CallbackSender::State {
  State(HttpClient& its_http, AddressGuard its_guard, const CallbackSettings& its_settings)
    : http(its_http),
      guard(std::make_shared<const AddressGuard>(std::move(its_guard))),
      settings(its_settings) {}

  HttpClient& http;
  std::shared_ptr<const AddressGuard> guard;
  CallbackSettings settings;
  std::atomic<std::int64_t> under_way{0};
};

struct CallbackSender::Delivery {
  CallbackCall call;
  OnDone on_done;
  std::int64_t attempts = 0;  // begun
  std::int64_t pause_ms = 0;  // before the next
};

CallbackSender::CallbackSender(HttpClient& http, AddressGuard guard,
                               const CallbackSettings& settings)
  : state_(std::make_shared<State>(http, std::move(guard), settings)) {}

bool CallbackSender::send(CallbackCall call, OnDone on_done) {
  if (state_->under_way.fetch_add(1) >= state_->settings.concurrency_max) {
    --state_->under_way;
    return false;
  }
  auto delivery = std::make_shared<Delivery>();
  delivery->call = std::move(call);
  delivery->on_done = std::move(on_done);
  attempt(state_, std::move(delivery));
  return true;
}

void CallbackSender::attempt(std::shared_ptr<State> state, std::shared_ptr<Delivery> delivery) {
  const CallbackSettings& settings = state->settings;
  HttpCall call;
  call.method = "POST";
  call.url = delivery->call.url;
  call.headers = {{"Content-Type", "application/json"}};
  call.body = delivery->call.body;
  call.delay_ms = delivery->pause_ms;
  call.total_ms = settings.timeout_s * 1'000;
  call.connect_ms = call.total_ms + 1'000;  // the total is what ends it
  call.response_bytes_max = settings.answer_bytes_max;
  call.guard = state->guard;
  ++delivery->attempts;
  constexpr std::int64_t longest_ms = std::numeric_limits<std::int32_t>::max();
  delivery->pause_ms = delivery->pause_ms == 0
                         ? settings.retry_ms
                         : std::min(longest_ms, delivery->pause_ms * backoff_factor);
  HttpClient& http = state->http;
  http.start(
    std::move(call), [](std::string_view) {},
    [state = std::move(state), delivery](Result<HttpResult> result) mutable {
      if (!result && result.error().code == Errc::llm_cancelled) return;
      if (may_help_again(result) && delivery->attempts < state->settings.attempts_max)
        return attempt(std::move(state), std::move(delivery));
      --state->under_way;
      delivery->on_done(outcome_of(result));
    });
}

}  // namespace reverie
