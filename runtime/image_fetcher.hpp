// Images that messages name by URL: fetched once, when the message is accepted, so that a model is
// never sent to a place that a person chose.

#pragma once

#include "config/settings.hpp"
#include "runtime/address_guard.hpp"
#include "runtime/http_client.hpp"
#include "runtime/llm/provider.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace reverie {

// Thread-safe.
class ImageFetcher {
 public:
  using OnImage = std::function<void(Result<ChatImage>)>;

  // `http` outlives the fetcher, whose callbacks all have run when `http` is gone.
  ImageFetcher(HttpClient& http, AddressGuard guard, const ImageSettings& settings);

  // `on_image` runs once, on the client's thread or this one. One more attempt after a time-out.
  // Errors: bad_request: whatever is wrong with the URL, the address, the answer or the image;
  // unavailable: too many are under way.
  void fetch(const std::string& url, OnImage on_image);

 private:
  struct State;
  static void start(std::shared_ptr<State> state, HttpCall call, OnImage on_image, bool is_retry);

  std::shared_ptr<State> state_;
};

}  // namespace reverie
