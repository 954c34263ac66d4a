#include "runtime/web/request_sender.hpp"

#include "runtime/text.hpp"
#include "runtime/web/charset.hpp"
#include "runtime/web/content_type.hpp"

#include <algorithm>
#include <utility>

namespace reverie {

namespace {

constexpr std::string_view user_agent = "reverie";

std::string answer_text(const HttpResult& result) {
  return utf8_text(result.body, charset_parameter(result.header("content-type")));
}

// "HTTP 404: the start of what was said".
Error refused(const HttpResult& result) {
  constexpr std::int64_t shown_max = 2'000;
  std::string message = "HTTP " + std::to_string(result.status);
  if (const auto location = result.header("location"); result.status < 400 && !location.empty())
    message += ": it redirects to " + as_utf8(location.substr(0, 500))
               + ", and redirects of requests are not followed";
  else if (const auto type = result.header("content-type"); type.empty() || is_text_type(type))
    if (const std::string said = answer_text(result); !is_blank(said))
      message += ": " + std::string(first_characters(said, shown_max));
  return {Errc::upstream, std::move(message), ""};
}

Result<bool> is_wanted(const HttpResult& head) {
  const std::string_view type = head.header("content-type");
  if (head.is_success() && !type.empty() && !is_text_type(type))
    return Error{Errc::upstream, "the answer is " + as_utf8(media_type(type)) + ", which is no text",
                 ""};
  return true;
}

}  // namespace

class RequestSender::Sending final : public WebTask {
 public:
  using WebTask::start;
  using WebTask::WebTask;
};

RequestSender::RequestSender(HttpClient& http, AddressGuard guard, PortSet ports,
                             const WebSettings& settings)
  : http_(http),
    guard_(std::make_shared<const AddressGuard>(std::move(guard))),
    ports_(std::move(ports)),
    answer_bytes_max_(settings.page_bytes_max) {}

std::shared_ptr<WebTask> RequestSender::send(FilledRequest request, std::int64_t time_ms,
                                             OnAnswer on_answer) {
  auto sending = std::make_shared<Sending>(http_, time_ms);
  const auto refuse = [&](Error error) {
    on_answer(std::move(error));
    return sending;
  };
  const auto url = parse_web_url(request.url);
  if (!url) return refuse(url.error());
  if (auto allowed = check_port(ports_, *url); !allowed) return refuse(std::move(allowed).error());
  HttpCall call;
  call.method = std::move(request.method);
  call.url = url->text;
  call.headers = std::move(request.headers);
  const bool is_named = std::any_of(call.headers.begin(), call.headers.end(), [](const auto& each) {
    return lower_ascii(each.name) == "user-agent";
  });
  if (!is_named) call.headers.push_back({"User-Agent", std::string(user_agent)});
  call.body = std::move(request.body);
  call.response_bytes_max = answer_bytes_max_;
  call.is_unpacked = true;
  call.wants_body = is_wanted;
  call.guard = guard_;
  const bool is_started = sending->start(std::move(call), [on_answer](Result<HttpResult> result) {
    if (!result) return on_answer(std::move(result).error());
    if (!result->is_success()) return on_answer(refused(*result));
    if (result->body.empty())
      return on_answer("HTTP " + std::to_string(result->status) + ", without content");
    on_answer(answer_text(*result));
  });
  if (!is_started) on_answer(given_up());
  return sending;
}

}  // namespace reverie
