#include "runtime/image_fetcher.hpp"

#include "runtime/messages/image.hpp"

#include <utility>

namespace reverie {

namespace {

// 64 of the largest kind are some 250 MB.
constexpr int under_way_max = 64;

Error not_fetched(std::string_view why) {
  return {Errc::bad_request, "the image could not be fetched: " + std::string(why), ""};
}

}  // namespace

// Lives as long as the last fetch.
struct ImageFetcher::State {
  State(HttpClient& its_http, AddressGuard its_guard, const ImageSettings& its_settings)
    : http(its_http),
      guard(std::make_shared<const AddressGuard>(std::move(its_guard))),
      settings(its_settings) {}

  HttpClient& http;
  std::shared_ptr<const AddressGuard> guard;
  ImageSettings settings;
  std::atomic<int> under_way{0};
};

ImageFetcher::ImageFetcher(HttpClient& http, AddressGuard guard, const ImageSettings& settings)
  : state_(std::make_shared<State>(http, std::move(guard), settings)) {}

void ImageFetcher::fetch(const std::string& url, OnImage on_image) {
  if (state_->under_way.fetch_add(1) >= under_way_max) {
    --state_->under_way;
    return on_image(Error{Errc::unavailable, "too many images are being fetched", "images"});
  }
  HttpCall call;
  call.url = url;
  call.headers = {{"Accept", "image/png, image/jpeg, image/gif, image/webp"}};
  call.total_ms = state_->settings.fetch_s * 1'000;
  call.connect_ms = call.total_ms + 1'000;  // the total is what ends it
  call.response_bytes_max = state_->settings.bytes_max;
  call.guard = state_->guard;
  start(state_, std::move(call), std::move(on_image), false);
}

void ImageFetcher::start(std::shared_ptr<State> state, HttpCall call, OnImage on_image,
                         bool is_retry) {
  HttpClient& http = state->http;
  const HttpCall again = call;
  http.start(
    std::move(call), nullptr,
    [state = std::move(state), again, on_image = std::move(on_image),
     is_retry](Result<HttpResult> result) mutable {
      if (!result && result.error().code == Errc::llm_timeout && !is_retry)
        return start(std::move(state), std::move(again), std::move(on_image), true);
      --state->under_way;
      if (!result) return on_image(not_fetched(result.error().message));
      if (result->status != 200)
        return on_image(not_fetched("the server answered " + std::to_string(result->status)));
      auto image = make_image(result->body, state->settings.bytes_max);
      if (!image) return on_image(not_fetched(image.error().message));
      on_image(std::move(image));
    });
}

}  // namespace reverie
