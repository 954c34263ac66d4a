// One request of a tool that is a request over HTTP, and the text that its answer is.

#pragma once

#include "config/settings.hpp"
#include "runtime/address_guard.hpp"
#include "runtime/http_client.hpp"
#include "runtime/web/http_template.hpp"
#include "runtime/web/web_task.hpp"
#include "runtime/web/web_url.hpp"

#include <functional>
#include <memory>
#include <string>

namespace reverie {

// Thread-safe. Redirects are not followed: they would take credentials to where they were not meant
// to go. No proxy.
class RequestSender {
 public:
  using OnAnswer = std::function<void(Result<std::string>)>;

  // `http` outlives the sender, whose callbacks all have run when `http` is gone.
  RequestSender(HttpClient& http, AddressGuard guard, PortSet ports, const WebSettings& settings);

  // The text of a 2xx answer. `on_answer` runs once, on the client's thread or this one, and must
  // not block. Errors, in words for the model: bad_request: what is wrong with the address or the
  // port; upstream: any other status with what was said, an answer that is no text or too long;
  // llm_connection, llm_timeout, llm_cancelled.
  std::shared_ptr<WebTask> send(FilledRequest request, std::int64_t time_ms, OnAnswer on_answer);

 private:
  class Sending;

  HttpClient& http_;
  std::shared_ptr<const AddressGuard> guard_;
  PortSet ports_;
  std::int64_t answer_bytes_max_;
};

}  // namespace reverie
