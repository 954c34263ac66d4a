#include "net/gateway.hpp"
#include "net/input_images.hpp"

#include "actors/ask.hpp"
#include "actors/errors.hpp"
#include "net/io_bridge.hpp"
#include "net/run_streams.hpp"

#include <charconv>

namespace reverie {

namespace {

Routed routed(const CallBase& call, std::string object_id, Request request) {
  return {std::move(object_id), call.identity().org_id, call.identity().user_id,
          std::move(request)};
}

// "letta-client/1.12.1" -> 1, "@letta-ai/letta-client/0.9" -> 0; nothing for other programs.
int client_major(std::string_view user_agent) {
  constexpr std::string_view name = "letta-client/";
  const auto at = user_agent.find(name);
  if (at == std::string_view::npos) return -1;
  const std::string_view version = user_agent.substr(at + name.size());
  int major = -1;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

// What says that a request repeats an earlier one: the clients' own key, or the number of the
// attempt that their generated code sends.
void read_retry_headers(const HttpRequest& http, SendMessage& request) {
  request.idempotency_key = std::string(http.headers.get("idempotency-key"));
  const auto count = http.headers.get("x-stainless-retry-count");
  request.is_retry = !count.empty() && count != "0";
  request.http_request_id = http.request_id;
}

}  // namespace

void forward(const CallBase& call, std::string object_id, Request request) {
  ask(&call.bridge(), call.services().router,
      routed(call, std::move(object_id), std::move(request)))
    .then([call](Answer& answer) { call.reply_json(std::move(answer.json)); },
          [call](const caf::error& error) { call.fail(from_caf(error)); });
}

void forward_stream(const CallBase& call, std::string object_id, Request request, bool has_pings,
                    std::int64_t after) {
  const std::string name = RunStreams::here().wait(call, has_pings);
  ask(&call.bridge(), call.services().router,
      routed(call, std::move(object_id), std::move(request)))
    .then(
      [name, after](const Answer& answer) { RunStreams::here().open(name, answer.run_id, after); },
      [name](const caf::error& error) { RunStreams::here().fail(name, from_caf(error)); });
}

void forward_message(const CallBase& call, std::string object_id, SendMessage request) {
  read_retry_headers(call.http(), request);
  with_images(call, std::move(request), [call, object_id](SendMessage complete) {
    const bool has_pings = complete.include_pings.value_or(true);
    if (complete.streaming.value_or(false) && !complete.is_async)
      return forward_stream(call, object_id, std::move(complete), has_pings);
    forward(call, object_id, std::move(complete));
  });
}

void forward_preview(const CallBase& call, std::string object_id, SendMessage request) {
  with_images(call, std::move(request), [call, object_id](SendMessage complete) {
    forward(call, object_id, PreviewMessage{std::move(complete)});
  });
}

bool is_sdk_v1(const HttpRequest& http) {
  return http.headers.find("x-stainless-package-version") != nullptr
         || client_major(http.headers.get("user-agent")) >= 1;
}

}  // namespace reverie
