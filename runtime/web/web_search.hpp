// web_search: one request to the provider that is set up, and its answer as the model gets it.

#pragma once

#include "config/settings.hpp"
#include "runtime/http_client.hpp"
#include "runtime/web/search_provider.hpp"
#include "runtime/web/web_task.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace reverie {

using Secrets = std::map<std::string, std::string>;

struct SearchChoice {
  const SearchProvider* provider = nullptr;
  std::string url;
  std::string key;
};

// Who answers. With `auto`: the first provider whose key is among `secrets`, those of the agent;
// else SearXNG where web.search_url is set; else the first whose key is set. A provider that is
// named takes its key from `secrets`, then from the settings.
// Errors: unavailable: there is none, or it lacks its key or URL; the message names what to set.
Result<SearchChoice> choose_search(const WebSettings& settings, const Secrets& secrets);

// Thread-safe.
class WebSearch {
 public:
  using OnAnswer = std::function<void(Result<std::string>)>;

  // `http` outlives the search, whose callbacks all have run when `http` is gone.
  WebSearch(HttpClient& http, const WebSettings& settings);

  // The answer is JSON: {"query", "results": [{"title", "url", "published_date", "author", "text",
  // "highlights"}], "notes"}; what is unknown is null or left out. `on_answer` runs once, on the
  // client's thread or this one. A second attempt after 429 and 5xx, where `time_ms` leaves room.
  // Errors, in words for the model: as choose_search; upstream: the provider's refusal, with its
  // status; llm_connection, llm_timeout, llm_cancelled.
  std::shared_ptr<WebTask> search(SearchQuery query, const Secrets& secrets, std::int64_t time_ms,
                                  OnAnswer on_answer);

 private:
  class Search;

  HttpClient& http_;
  std::shared_ptr<const WebSettings> settings_;
};

}  // namespace reverie
