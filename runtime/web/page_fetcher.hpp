// Pages of the web, for addresses that a model names: from public networks alone, one hop of
// redirects after the other, each looked at as if it had been asked for.

#pragma once

#include "config/settings.hpp"
#include "runtime/address_guard.hpp"
#include "runtime/http_client.hpp"
#include "runtime/web/web_task.hpp"
#include "runtime/web/web_url.hpp"

#include <functional>
#include <memory>
#include <string>

namespace reverie {

struct FetchedPage {
  WebUrl url;                // behind the redirects
  std::string content_type;  // as the server says it; empty when it does not
  std::string body;          // unpacked
};

// Thread-safe. A name is resolved once for each hop, by the connection itself: the address that it
// connects to is the one that the guard has looked at. No cookies, no credentials, no proxy.
class PageFetcher {
 public:
  using OnPage = std::function<void(Result<FetchedPage>)>;

  // `http` outlives the fetcher, whose callbacks all have run when `http` is gone.
  PageFetcher(HttpClient& http, AddressGuard guard, PortSet ports, const WebSettings& settings);

  // `on_page` runs once, on the client's thread or this one, and must not block. In all its hops
  // together the page takes at most `time_ms`.
  // Errors, in words for the model: bad_request: what is wrong with the URL, the address, the port,
  // the answer or its kind; llm_connection, llm_timeout, llm_cancelled.
  std::shared_ptr<WebTask> fetch(const std::string& url, std::int64_t time_ms, OnPage on_page);

 private:
  class Fetch;
  struct Rules {
    std::shared_ptr<const AddressGuard> guard;
    PortSet ports;
    WebSettings settings;
  };

  HttpClient& http_;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace reverie
