// Tells the end of a run to a URL that its client has named: one POST, repeated while that may
// help.

#pragma once

#include "config/settings.hpp"
#include "runtime/address_guard.hpp"
#include "runtime/http_client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace reverie {

struct CallbackCall {
  std::string url;
  std::string body;  // JSON
};

// What came of the last attempt.
struct CallbackOutcome {
  std::optional<std::int64_t> status_code;  // none: nothing was answered
  std::optional<std::string> error;         // none: it was taken, with a 2xx
};

// Errors: invalid_argument: no URL of http or https that could be called.
Status check_callback_url(const std::string& url);

// Thread-safe. No redirect is followed: the address of each connection passes the guard, but what
// the receiver may name is its own business. Tried again after no answer, 408, 429 and 5xx.
class CallbackSender {
 public:
  using OnDone = std::function<void(CallbackOutcome)>;

  // `http` outlives the sender, whose callbacks all have run when `http` is gone.
  CallbackSender(HttpClient& http, AddressGuard guard, const CallbackSettings& settings);

  // `on_done` runs once, on the client's thread; never when the client ends before. False: too many
  // are under way, and nothing was done.
  bool send(CallbackCall call, OnDone on_done);

 private:
  struct State;
  struct Delivery;
  static void attempt(std::shared_ptr<State> state, std::shared_ptr<Delivery> delivery);

  std::shared_ptr<State> state_;
};

}  // namespace reverie
