// Which web pages of other origins may call the API from a browser.

#pragma once

#include "net/exchange.hpp"
#include "net/http.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reverie {

class Cors {
 public:
  // `extra_origins` are added to the built-in list; "*" stands for every origin, which then
  // may not send credentials.
  explicit Cors(std::vector<std::string> extra_origins = {});

  // The answer to a preflight request; nothing for all other requests.
  std::optional<HttpResponse> preflight(const HttpRequest& request) const;

  // Adds what lets the page of an allowed origin read the answer.
  void decorate(const HttpRequest& request, Exchange& exchange) const;

  // Whether pages of this origin are among those that may call the API.
  bool admits(std::string_view origin) const { return allows_all_ || allows(origin); }

 private:
  bool allows(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool allows_all_ = false;
};

}  // namespace reverie
