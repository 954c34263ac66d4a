#include "runtime/web/page_fetcher.hpp"

#include "runtime/text.hpp"
#include "runtime/web/content_type.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace reverie {

namespace {

constexpr std::string_view accepted_types =
  "text/html, application/xhtml+xml, text/markdown, text/plain, application/json, "
  "application/xml;q=0.9, text/*;q=0.8, */*;q=0.1";

std::string user_agent(const WebSettings& settings) {
  return settings.user_agent.empty() ? "Mozilla/5.0 (compatible; reverie)" : settings.user_agent;
}

bool is_redirect(const HttpResult& head) {
  constexpr std::array statuses = {301, 302, 303, 307, 308};
  return std::find(statuses.begin(), statuses.end(), head.status) != statuses.end()
         && !head.header("location").empty();
}

Error page_error(std::string message) {
  return {Errc::bad_request, std::move(message), "url"};
}

std::string shown_type(std::string_view content_type) {
  constexpr std::int64_t shown_max = 100;
  return std::string(first_characters(media_type(content_type), shown_max));
}

std::optional<std::int64_t> content_length(const HttpResult& head) {
  const std::string_view text = head.header("content-length");
  std::int64_t length = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

// " (12345 bytes)", or nothing when the server does not say.
std::string shown_size(const HttpResult& head) {
  const auto length = content_length(head);
  return length ? " (" + std::to_string(*length) + " bytes)" : "";
}

// Before the first byte of its body is kept.
Result<bool> is_page_wanted(const HttpResult& head, std::int64_t bytes_max) {
  if (!head.is_success()) return false;
  const std::string_view type = head.header("content-type");
  if (!type.empty() && !is_text_type(type))
    return page_error("it is " + shown_type(type) + shown_size(head)
                      + ", of which no text can be made here");
  if (const auto length = content_length(head); length && *length > bytes_max)
    return page_error("it is " + std::to_string(*length) + " bytes long; web.page_bytes_max is "
                      + std::to_string(bytes_max));
  return true;
}

}  // namespace

class PageFetcher::Fetch final : public WebTask, public std::enable_shared_from_this<Fetch> {
 public:
  Fetch(HttpClient& http, std::shared_ptr<const Rules> rules, std::int64_t time_ms, OnPage on_page)
    : WebTask(http, time_ms), rules_(std::move(rules)), on_page_(std::move(on_page)) {}

  // The next hop.
  void go_to(Result<WebUrl> url) {
    if (!url) return fail(std::move(url).error());
    url_ = *std::move(url);
    if (asked_.empty()) asked_ = url_.text;
    if (auto allowed = check_port(rules_->ports, url_); !allowed)
      return fail(std::move(allowed).error());
    if (time_left_ms() <= 0) return fail(timed_out());
    const bool is_started =
      start(make_call(), [self = shared_from_this()](Result<HttpResult> result) {
        self->on_answer(std::move(result));
      });
    if (!is_started) fail(given_up());
  }

 private:
  HttpCall make_call() const {
    HttpCall call;
    call.url = url_.text;
    call.headers = {{"Accept", std::string(accepted_types)},
                    {"Accept-Language", "en, *;q=0.5"},
                    {"User-Agent", user_agent(rules_->settings)}};
    call.response_bytes_max = rules_->settings.page_bytes_max;
    call.is_unpacked = true;
    call.wants_body = [bytes_max = rules_->settings.page_bytes_max](const HttpResult& head) {
      return is_page_wanted(head, bytes_max);
    };
    call.guard = rules_->guard;
    return call;
  }

  void on_answer(Result<HttpResult> result) {
    if (!result) return fail(not_fetched(std::move(result).error()));
    if (is_redirect(*result)) return follow(result->header("location"));
    if (!result->is_success())
      return fail(page_error("the server answered " + std::to_string(result->status)));
    FetchedPage page{std::move(url_), std::string(result->header("content-type")),
                     std::move(result->body)};
    std::exchange(on_page_, nullptr)(std::move(page));
  }

  void follow(std::string_view location) {
    if (redirects_++ >= rules_->settings.redirects_max)
      return fail(page_error("it redirects more often than web.redirects_max allows ("
                             + std::to_string(rules_->settings.redirects_max) + ")"));
    auto next = resolve_web_url(url_, location);
    if (!next) {
      Error error = std::move(next).error();
      error.message = "it redirects to what cannot be fetched: " + error.message;
      return fail(std::move(error));
    }
    go_to(std::move(next));
  }

  static Error timed_out() { return {Errc::llm_timeout, "it was not complete in time", "url"}; }

  static Error not_fetched(Error error) {
    switch (error.code) {
      case Errc::llm_timeout: return timed_out();
      case Errc::llm_connection:
      case Errc::llm_cancelled: break;
      default: error.code = Errc::bad_request;
    }
    return error;
  }

  void fail(Error error) {
    if (url_.text != asked_) error.message = "it redirects to " + url_.text + ": " + error.message;
    if (!asked_.empty()) error.message = asked_ + " could not be fetched: " + error.message;
    std::exchange(on_page_, nullptr)(std::move(error));
  }

  const std::shared_ptr<const Rules> rules_;
  OnPage on_page_;
  std::string asked_;  // the URL of the first hop
  WebUrl url_;         // of the hop under way
  std::int64_t redirects_ = 0;
};

PageFetcher::PageFetcher(HttpClient& http, AddressGuard guard, PortSet ports,
                         const WebSettings& settings)
  : http_(http),
    rules_(std::make_shared<const Rules>(
      Rules{std::make_shared<const AddressGuard>(std::move(guard)), std::move(ports), settings})) {}

std::shared_ptr<WebTask> PageFetcher::fetch(const std::string& url, std::int64_t time_ms,
                                            OnPage on_page) {
  auto fetch = std::make_shared<Fetch>(http_, rules_, time_ms, std::move(on_page));
  fetch->go_to(parse_web_url(url));
  return fetch;
}

}  // namespace reverie
