// /v1/agents/{agent_id}/messages and /v1/messages: talking to agents.

#include "net/gateway.hpp"
#include "net/input_images.hpp"
#include "net/routes.hpp"

namespace reverie {

namespace {

// What says that a request repeats an earlier one: the clients' own key, or the number of the
// attempt that their generated code sends.
void read_retry_headers(const HttpRequest& http, SendMessage& request) {
  request.idempotency_key = std::string(http.headers.get("idempotency-key"));
  const auto count = http.headers.get("x-stainless-retry-count");
  request.is_retry = !count.empty() && count != "0";
  request.http_request_id = http.request_id;
}

void send(const CallBase& call, SendMessage request) {
  read_retry_headers(call.http(), request);
  with_images(call, std::move(request), [call](SendMessage complete) {
    const bool streams = complete.streaming.value_or(false);
    const bool has_pings = complete.include_pings.value_or(true);
    std::string agent_id = complete.agent_id;
    if (streams) return forward_stream(call, std::move(agent_id), std::move(complete), has_pings);
    forward(call, std::move(agent_id), std::move(complete));
  });
}

void send_message(Call<SendMessage> call) {
  send(call, call.take_request());
}

void send_message_stream(Call<SendMessage> call) {
  SendMessage request = call.take_request();
  request.streaming = true;
  send(call, std::move(request));
}

}  // namespace

RouteTable message_routes() {
  return {
    route(Method::get, "/v1/agents/{agent_id}/messages", "list_messages", "agents",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<ListMessages>),
    route(Method::post, "/v1/agents/{agent_id}/messages", "send_message", "agents",
          returns<ApiObject<"LettaResponse">>, send_message),
    route(Method::post, "/v1/agents/{agent_id}/messages/stream", "create_agent_message_stream",
          "agents", returns_stream, send_message_stream),
    route(Method::post, "/v1/agents/{agent_id}/messages/cancel", "cancel_message", "agents",
          returns<std::map<std::string, std::string>>, pass_on<CancelRuns>),
    route(Method::post, "/v1/agents/{agent_id}/summarize", "summarize_messages", "agents",
          returns<ApiObject<"CompactionResponse">>, pass_on<CompactMessages>),
    route(Method::patch, "/v1/agents/{agent_id}/messages/{message_id}", "modify_message", "agents",
          returns<ApiObject<"LettaMessageUnion">>, pass_on<ModifyMessage>),
    route(Method::get, "/v1/messages/", "list_all_messages", "messages",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<ListAllMessages>),
    route(Method::get, "/v1/messages/{message_id}", "retrieve_message", "messages",
          returns<std::vector<ApiObject<"LettaMessageUnion">>>, pass_on<RetrieveMessage>),
  };
}

}  // namespace reverie
